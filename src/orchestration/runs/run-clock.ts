import type { Clock } from '../../kernel/index.js';
import type { InterruptionReason } from './run-scope.js';

/** Stops a run that takes longer than its repository allows, beside whatever else may stop it. */
export class RunClock {
  /** Aborted with an InterruptionReason when the run must stop. */
  readonly signal: AbortSignal;
  private readonly startedAt: number;
  private readonly late = new AbortController();
  private readonly over = new AbortController();

  /** Begins to measure. @param signal aborted with an InterruptionReason by others */
  constructor(
    signal: AbortSignal,
    private readonly clock: Clock,
  ) {
    this.startedAt = clock.monotonic();
    this.signal = AbortSignal.any([signal, this.late.signal]);
  }

  /**
   * The run may take so many minutes in all, from its beginning. Null: as long as others let it.
   *
   * @param leftMs what is left of the time of the job, from this moment
   */
  async limit(minutes: number | null, leftMs = Number.POSITIVE_INFINITY): Promise<void> {
    const allowedMs =
      minutes === null ? Number.POSITIVE_INFINITY : minutes * 60_000 - (this.clock.monotonic() - this.startedAt);
    const waitMs = Math.min(allowedMs, leftMs);
    if (waitMs === Number.POSITIVE_INFINITY) return;
    await this.clock.sleep(waitMs, this.over.signal);
    if (this.over.signal.aborted) return;
    const sentence =
      allowedMs <= leftMs
        ? `The run took longer than the ${minutes} minutes that the repository allows (limits.minutes).`
        : 'The time of the job is over.';
    this.late.abort({ interruption: 'timed_out', sentence } satisfies InterruptionReason);
  }

  /** The run is over: nothing stops it any more. */
  end(): void {
    this.over.abort();
  }
}
