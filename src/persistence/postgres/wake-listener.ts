import { Logger } from '@nestjs/common';
import { Client, type ClientConfig } from 'pg';
import { messageOf, type Clock } from '../../kernel/index.js';

/** On which the triggers of the schema say that there may be something to do. */
export const WAKE_CHANNEL = 'mosaic_wake';

/** How often the connection is tried: one whose other end vanished stays open for hours otherwise. */
const TRIED_EVERY_MS = 15_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Hears what other processes notify, on a connection of its own that it makes again whenever it is lost. What was notified
 * meanwhile is not heard: it calls back after each new connection, and whoever listens looks around now and then anyway.
 */
export class WakeListener {
  private readonly logger = new Logger(WakeListener.name);
  private readonly callbacks = new Set<(about: string) => void>();
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;

  /** @param place names the server in the log */
  constructor(
    private readonly settings: ClientConfig,
    private readonly place: string,
    private readonly clock: Clock,
  ) {}

  /** Listens from the first call on; nothing is told after a new connection. Returns what ends the calls. */
  onWake(callback: (about: string) => void): () => void {
    this.callbacks.add(callback);
    this.running ??= this.listen();
    return () => void this.callbacks.delete(callback);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async listen(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stop.signal.aborted) {
      const client = new Client(this.settings);
      try {
        await this.hear(client, () => {
          if (pauseMs > FIRST_PAUSE_MS) this.logger.log('Wake-ups of the database are heard again');
          pauseMs = FIRST_PAUSE_MS;
        });
      } catch (error) {
        if (pauseMs === FIRST_PAUSE_MS) {
          this.logger.warn('Wake-ups of the database are not heard', {
            database: this.place,
            reason: messageOf(error),
          });
        }
      }
      client.end().catch(() => undefined);
      await this.clock.sleep(pauseMs, this.stop.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
  }

  /** Rejects once the connection is lost, and returns when it is told to stop. */
  private async hear(client: Client, connected: () => void): Promise<void> {
    const lost = new AbortController();
    let fault: unknown = new Error('The server ended the connection');
    client.on('error', (error) => {
      fault = error;
      lost.abort();
    });
    client.on('end', () => lost.abort());
    client.on('notification', ({ payload }) => this.wake(payload ?? ''));
    await client.connect();
    await client.query(`listen ${WAKE_CHANNEL}`);
    connected();
    this.wake('');
    const over = AbortSignal.any([lost.signal, this.stop.signal]);
    while (!over.aborted) {
      await this.clock.sleep(TRIED_EVERY_MS, over);
      if (!over.aborted) await client.query('select 1');
    }
    if (lost.signal.aborted) throw fault;
  }

  private wake(about: string): void {
    for (const callback of this.callbacks) callback(about);
  }
}
