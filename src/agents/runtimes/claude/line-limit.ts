import { Transform, type TransformCallback } from 'node:stream';

const NEWLINE = 0x0a;

/**
 * Passes an output on as long as its lines are no longer than they may be: whoever reads it line by line holds one whole
 * line in memory. After a longer one nothing more is passed on.
 */
export class LineLimit extends Transform {
  private bytes = 0;
  private isOver = false;

  /** @param onBreach told once that a line is longer */
  constructor(
    private readonly lineBytes: number,
    private readonly onBreach: () => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const first = chunk.indexOf(NEWLINE);
    if (!this.isOver && this.bytes + (first < 0 ? chunk.length : first) > this.lineBytes) {
      this.isOver = true;
      this.onBreach();
    }
    this.bytes = first < 0 ? this.bytes + chunk.length : chunk.length - chunk.lastIndexOf(NEWLINE) - 1;
    done(null, this.isOver ? undefined : chunk);
  }
}
