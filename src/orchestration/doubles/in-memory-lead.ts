import type { Clock } from '../../kernel/index.js';
import type { Leadership } from '../ports/leadership.port.js';

/** The lead of coordinators in one process, for tests of them. */
export class InMemoryLead {
  private holder: string | null = null;
  private endsAt = 0;
  private term = 0;

  constructor(
    private readonly clock: Clock,
    private readonly termMs: number,
  ) {}

  /** @param holder names the coordinator */
  for(holder: string): Leadership {
    return {
      termMs: this.termMs,
      hold: async () => this.hold(holder),
      release: async () => {
        if (this.holder === holder) this.holder = null;
      },
    };
  }

  private hold(holder: string): number | null {
    const now = this.clock.monotonic();
    const isFree = this.holder === null || now >= this.endsAt;
    if (!isFree && this.holder !== holder) return null;
    if (isFree) this.term += 1;
    this.holder = holder;
    this.endsAt = now + this.termMs;
    return this.term;
  }
}
