import type { Clock } from '../kernel/index.js';

/**
 * The clock of leases: the wall time at its creation plus what has passed since, so that setting the machine's clock
 * ends no lease early and lengthens none.
 */
export class LeaseClock {
  private readonly offset: number;

  constructor(private readonly clock: Clock) {
    this.offset = clock.now() - clock.monotonic();
  }

  /** Whole milliseconds since 1970, by this clock. */
  now(): number {
    return Math.round(this.offset + this.clock.monotonic());
  }
}
