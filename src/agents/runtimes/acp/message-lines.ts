import type { Readable } from 'node:stream';

/** An agent sent a message that is longer than any may be. */
export class MessageTooLongError extends Error {
  constructor(limit: number) {
    super(`It sent a message of more than ${limit} bytes`);
  }
}

const NEWLINE = 0x0a;

/**
 * Splits what a program prints into lines, each without its end.
 *
 * @throws {MessageTooLongError} as soon as a line is longer than `limit` bytes, which are the most that are kept
 */
export async function* messageLines(output: Readable, limit: number): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const given of output) {
    const chunk = Buffer.from(given as Uint8Array);
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (length + end - start > limit) throw new MessageTooLongError(limit);
      yield Buffer.concat([...parts, chunk.subarray(start, end)]).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
    }
    length += chunk.length - start;
    if (length > limit) throw new MessageTooLongError(limit);
    parts.push(chunk.subarray(start));
  }
}
