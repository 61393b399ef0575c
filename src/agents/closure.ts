import type { Clock, Randomness } from '../kernel/index.js';
import type { ClosureCause } from './agents.events.js';
import { closurePauseMs } from './closure-pause.js';

/** Why nothing is given to a profile, and until when. */
export interface ClosureView {
  readonly cause: ClosureCause;
  /** Milliseconds since 1970 from which one job may try; null while one does. */
  readonly reopensAt: number | null;
}

interface Shut {
  readonly cause: ClosureCause;
  /** On the clock's monotonic time. */
  readonly until: number;
  /** The same moment for people, in milliseconds since 1970. */
  readonly reopensAt: number;
}

/**
 * Whether something that profiles share, an account or an address, may be used.
 *
 * usable: everybody may use it. A failure shuts it.
 * shut: nobody may; what sessions that were at work meanwhile hear changes nothing, but that a longer pause is kept.
 * due, the pause being over: whoever comes first may try it.
 * tried: one job does, and everybody else waits. An answer makes it usable, a failure shuts it again, for longer where
 * the pause is our own; the end of the job without either makes it due.
 */
export class Closure {
  private shut: Shut | null = null;
  /** How often it was tried in vain since it last answered. */
  private vainTries = 0;
  private triedBy: string | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {}

  /** Null while it may be used, and while it is due. */
  view(): ClosureView | null {
    if (this.shut === null || (this.isDue() && this.triedBy === null)) return null;
    return { cause: this.shut.cause, reopensAt: this.isDue() ? null : this.shut.reopensAt };
  }

  /**
   * Notes a failure. Returns until when it is shut, in milliseconds since 1970, where that is news: it was usable, or
   * the cause is another.
   */
  failed(cause: ClosureCause, askedMs: number | null): number | null {
    const before = this.shut;
    const isVainTry = before !== null && this.isDue();
    if (isVainTry) this.vainTries += 1;
    const pauseMs = closurePauseMs(cause, askedMs, this.vainTries, this.randomness.fraction());
    const until = this.clock.monotonic() + pauseMs;
    const isNews = before?.cause !== cause;
    if (before !== null && !isNews && !isVainTry && (askedMs === null || until <= before.until)) return null;
    this.shut = { cause, until, reopensAt: this.clock.now() + pauseMs };
    this.triedBy = null;
    return isNews ? this.shut.reopensAt : null;
  }

  /** Notes an answer. Returns whether that made it usable again. One that came during the pause says nothing. */
  answered(): boolean {
    if (this.shut === null || !this.isDue()) return false;
    this.shut = null;
    this.vainTries = 0;
    this.triedBy = null;
    return true;
  }

  /** A job that uses it was started: the first one tries it. */
  started(jobId: string): void {
    if (this.isDue()) this.triedBy ??= jobId;
  }

  /** The run of a job is over. */
  ended(jobId: string): void {
    if (this.triedBy === jobId) this.triedBy = null;
  }

  private isDue(): boolean {
    return this.shut !== null && this.clock.monotonic() >= this.shut.until;
  }
}
