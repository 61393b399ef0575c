import type { Clock } from '../kernel/index.js';
import { GiteaRequestError, GiteaUnreachableError } from './gitea.errors.js';

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;
/** What is asked for beyond this is a mistake somewhere. */
const LONGEST_ASKED_MS = 600_000;
/** What says that nobody is served at the moment. A 500 is not among them: it may be about this one request. */
const NOBODY_SERVED = new Set([429, 502, 503, 504]);

/**
 * Leaves a Gitea alone that serves nobody, so that a restart of it is not met by everything that waited.
 *
 * closed: requests pass; five failures in a row open it, or one that asks for a longer pause than a call waits.
 * open: requests are refused until the pause is over; each time it opens again the pause is twice as long.
 * half-open, the pause being over: one request passes. Its success closes, its failure opens again.
 */
export class CircuitBreaker {
  private failures = 0;
  private openings = 0;
  private openUntil: number | null = null;
  private isProbing = false;

  constructor(private readonly clock: Clock) {}

  /**
   * Call it before a request, and then one of the other two.
   *
   * @throws {GiteaUnreachableError} while requests are refused
   */
  admit(): void {
    if (this.openUntil === null) return;
    const left = this.openUntil - this.clock.monotonic();
    if (left > 0 || this.isProbing) {
      const seconds = Math.max(1, Math.ceil(left / 1000));
      throw new GiteaUnreachableError(`Gitea is not answering and is left alone for another ${seconds} s`);
    }
    this.isProbing = true;
  }

  /** An answer came that says Gitea serves, whatever it says otherwise. */
  succeeded(): void {
    this.failures = 0;
    this.openings = 0;
    this.openUntil = null;
    this.isProbing = false;
  }

  /** It failed. Failures that say nothing of the server count as success. */
  failed(error: unknown, longestWaitMs: number): void {
    const isRefusal = error instanceof GiteaRequestError && NOBODY_SERVED.has(error.status);
    if (!isRefusal && !(error instanceof GiteaUnreachableError)) return this.succeeded();
    // Requests that were under way when it opened say nothing new.
    if (this.openUntil !== null && !this.isProbing) return;
    this.failures += 1;
    const asked = error instanceof GiteaRequestError ? Math.min(error.retryAfterMs ?? 0, LONGEST_ASKED_MS) : 0;
    if (!this.isProbing && this.failures < FAILURES_TO_OPEN && asked <= longestWaitMs) return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.openings, LONGEST_PAUSE_MS);
    this.openUntil = this.clock.monotonic() + Math.max(pause, asked);
    this.openings += 1;
    this.isProbing = false;
  }
}
