import type { Clock } from '../kernel/index.js';
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

  /** The run may take so many minutes in all, from its beginning. Null: as long as others let it. */
  async limit(minutes: number | null): Promise<void> {
    if (minutes === null) return;
    await this.clock.sleep(minutes * 60_000 - (this.clock.monotonic() - this.startedAt), this.over.signal);
    if (this.over.signal.aborted) return;
    const sentence = `The run took longer than the ${minutes} minutes that the repository allows (limits.minutes).`;
    this.late.abort({ interruption: 'timed_out', sentence } satisfies InterruptionReason);
  }

  /** The run is over: nothing stops it any more. */
  end(): void {
    this.over.abort();
  }
}
