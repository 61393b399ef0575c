const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * What a body may hold beside texts: brackets, commas, numbers, spaces. A conversation of a million tokens has some ten
 * thousand of them; parsing 32 MB of brackets would hold up the whole process for seconds.
 */
const MOST_BYTES = 1024 * 1024;

/** Counts what of a JSON document stands outside of its texts, piece by piece, before it is parsed as a whole. */
export class StructureMeter {
  private bytes = 0;
  private isInText = false;
  private isEscaped = false;

  /** False once there is more than a request to a model has. */
  take(chunk: Buffer): boolean {
    for (let at = 0; at < chunk.length && this.bytes <= MOST_BYTES;) {
      at = this.isInText ? this.endOfText(chunk, at) : this.startOfText(chunk, at);
    }
    return this.bytes <= MOST_BYTES;
  }

  /** Index behind the quote that opens the next text. */
  private startOfText(chunk: Buffer, from: number): number {
    const quote = chunk.indexOf(QUOTE, from);
    const end = quote < 0 ? chunk.length : quote + 1;
    this.bytes += end - from;
    this.isInText = quote >= 0;
    return end;
  }

  /** Index behind the quote that closes this text. */
  private endOfText(chunk: Buffer, from: number): number {
    let at = from;
    if (this.isEscaped) at += 1;
    this.isEscaped = false;
    for (; at < chunk.length; at += 1) {
      if (chunk[at] === BACKSLASH) at += 1;
      else if (chunk[at] === QUOTE) {
        this.isInText = false;
        return at + 1;
      }
    }
    // One further than the end: the last byte was a backslash, and the next piece begins with what it escapes.
    this.isEscaped = at > chunk.length;
    return chunk.length;
  }
}
