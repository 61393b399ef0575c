import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One TCP connection, on which a test writes what no HTTP client would. */
export class RawConnection {
  private received = '';

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => (this.received += text));
  }

  static async to(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  write(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Ends this side; the other may go on. */
  end(): void {
    this.socket.end();
  }

  /** Goes away without a word. */
  async reset(): Promise<void> {
    this.socket.resetAndDestroy();
    await this.next('close');
  }

  /** Everything that came, once it holds `text`. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      if (this.socket.closed) throw new Error(`Closed before ${text} came: ${this.received}`);
      await this.next('data');
    }
    return this.received;
  }

  /** Everything that came, once the other side has closed. */
  async closed(): Promise<string> {
    await this.next('close');
    return this.received;
  }

  /** The event, or the end of the connection. A reset is one way to end, and no failure. */
  private async next(event: 'data' | 'close'): Promise<void> {
    if (this.socket.closed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.socket.off(event, done).off('close', done);
        resolve();
      };
      this.socket.on(event, done).on('close', done);
    });
  }
}
