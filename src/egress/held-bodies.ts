import type { IncomingMessage } from 'node:http';

/** A body that was read whole. */
export interface HeldBody {
  readonly bytes: Buffer;
  /** Call it when the bytes are sent. May be called again. */
  release(): void;
}

/** Reads bodies into memory, and no more of them at once than fit. */
export class HeldBodies {
  private heldBytes = 0;

  constructor(private readonly limitBytes: number) {}

  /**
   * The body, or why it is not read: it does not fit beside those that are held, or `accept` says no to a piece of it.
   * Rejects where it was cut off.
   */
  async read(
    request: IncomingMessage,
    accept: (chunk: Buffer) => boolean,
  ): Promise<HeldBody | 'too-large' | 'not-accepted'> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const release = (): void => {
      this.heldBytes -= bytes;
      bytes = 0;
    };
    // Found out before it is sent, where the length is told.
    if (Number(request.headers['content-length'] ?? 0) > this.limitBytes - this.heldBytes) return 'too-large';
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        this.heldBytes += chunk.length;
        const isTooLarge = this.heldBytes > this.limitBytes;
        if (isTooLarge || !accept(chunk)) {
          release();
          return isTooLarge ? 'too-large' : 'not-accepted';
        }
        chunks.push(chunk);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: Buffer.concat(chunks), release };
  }
}
