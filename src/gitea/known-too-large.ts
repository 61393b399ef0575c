import type { Clock } from '../kernel/index.js';
import { GiteaTooLargeError } from './gitea.errors.js';

/** For how long, in milliseconds, nobody asks again what was answered with too much. */
const REMEMBERED_MS = 600_000;
/** The most addresses that are remembered; the oldest give way. */
const MOST_REMEMBERED = 1_000;

/**
 * Remembers what Gitea answers with more than answers may be, so that it is read once, and not at every look. What
 * became smaller since is seen when the time is over.
 */
export class KnownTooLarge {
  private readonly known = new Map<string, { readonly until: number; readonly error: GiteaTooLargeError }>();

  constructor(private readonly clock: Clock) {}

  /** @throws {GiteaTooLargeError} if the answer is too large, or is known to be */
  async unlessKnown<T>(address: string, ask: () => Promise<T>): Promise<T> {
    const now = this.clock.monotonic();
    const before = this.known.get(address);
    if (before !== undefined && before.until > now) throw before.error;
    this.known.delete(address);
    try {
      return await ask();
    } catch (error) {
      if (error instanceof GiteaTooLargeError) this.remember(address, error);
      throw error;
    }
  }

  private remember(address: string, error: GiteaTooLargeError): void {
    this.known.set(address, { until: this.clock.monotonic() + REMEMBERED_MS, error });
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_REMEMBERED && oldest !== undefined) this.known.delete(oldest);
  }
}
