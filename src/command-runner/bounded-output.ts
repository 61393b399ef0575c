import type { CapturedOutput } from './command-runner.port.js';

/**
 * Keeps the beginning and the end of an output of any length, in memory that does not grow with it.
 *
 * The end is a ring: a program that prints 1 GB costs one copy of each byte and no more room than was asked for.
 */
export class BoundedOutput {
  private readonly headBytes: number;
  private readonly tailBytes: number;
  private head = Buffer.alloc(0);
  private tail = Buffer.alloc(0);
  private seen = 0;

  /** @param keepBytes how many bytes are kept at most: half from the beginning, half from the end */
  constructor(keepBytes: number) {
    this.headBytes = Math.ceil(keepBytes / 2);
    this.tailBytes = keepBytes - this.headBytes;
  }

  add(chunk: Uint8Array): void {
    const room = Math.max(0, this.headBytes - this.seen);
    if (room > 0) this.addToHead(chunk.subarray(0, room));
    if (chunk.length > room) this.addToTail(chunk.subarray(room), Math.max(0, this.seen - this.headBytes));
    this.seen += chunk.length;
  }

  /** What was kept so far. Nothing of a character is shown whose other bytes are left out. */
  captured(): CapturedOutput {
    const head = this.head.subarray(0, Math.min(this.seen, this.headBytes));
    const tail = this.tailInOrder();
    const isTruncated = head.length + tail.length < this.seen;
    if (!isTruncated) {
      return { text: Buffer.concat([head, tail]).toString('utf8'), totalBytes: this.seen, isTruncated };
    }
    const first = head.subarray(0, endOfLastCharacter(head));
    const last = tail.subarray(startOfFirstCharacter(tail));
    const left = this.seen - first.length - last.length;
    const text = `${first.toString('utf8')}\n[... ${left} bytes left out ...]\n${last.toString('utf8')}`;
    return { text, totalBytes: this.seen, isTruncated };
  }

  private addToHead(bytes: Uint8Array): void {
    // Room is taken when there is something to keep: most commands print nothing on one of the two streams.
    if (this.head.length === 0) this.head = Buffer.allocUnsafe(this.headBytes);
    this.head.set(bytes, this.seen);
  }

  /** @param before how many bytes went past the head earlier: the place in the ring */
  private addToTail(bytes: Uint8Array, before: number): void {
    if (this.tailBytes === 0) return;
    if (this.tail.length === 0) this.tail = Buffer.allocUnsafe(this.tailBytes);
    const kept = bytes.subarray(Math.max(0, bytes.length - this.tailBytes));
    const at = (before + bytes.length - kept.length) % this.tailBytes;
    const untilEnd = kept.subarray(0, this.tailBytes - at);
    this.tail.set(untilEnd, at);
    this.tail.set(kept.subarray(untilEnd.length), 0);
  }

  private tailInOrder(): Buffer {
    const past = Math.max(0, this.seen - this.headBytes);
    if (past <= this.tailBytes) return this.tail.subarray(0, past);
    if (this.tailBytes === 0) return this.tail;
    const start = past % this.tailBytes;
    return Buffer.concat([this.tail.subarray(start), this.tail.subarray(0, start)]);
  }
}

/** Where the last whole UTF-8 character ends: a lead byte among the last three may want more bytes than there are. */
function endOfLastCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const wanted = characterLength(bytes[bytes.length - back]);
    if (wanted > back) return bytes.length - back;
    if (wanted > 0) break;
  }
  return bytes.length;
}

/** Where the first whole UTF-8 character starts: at most three continuation bytes belong to one that is left out. */
function startOfFirstCharacter(bytes: Uint8Array): number {
  let start = 0;
  while (start < Math.min(3, bytes.length) && characterLength(bytes[start]) === 0) start += 1;
  return start;
}

/** How many bytes the character has that starts with this byte; 0 for a continuation byte. */
function characterLength(byte = 0): number {
  if (byte < 0x80) return 1;
  if (byte < 0xc0) return 0;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}
