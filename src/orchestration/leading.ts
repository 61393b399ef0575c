import { Inject, Injectable } from '@nestjs/common';

import type { LeadChanged } from './orchestration.events.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';

/** A lead is prolonged this many times before it would end. */
const RENEWALS_PER_TERM = 3;

/**
 * Knows whether this coordinator leads, without asking each time: it asks once and prolongs what it has until it loses
 * it, gives it up, or cannot be sure any more.
 */
@Injectable()
export class Leading {
  private heldAt: number | null = null;
  private held: number | null = null;
  private keeping: AbortController | null = null;
  /** How often it was given up. */
  private era = 0;

  constructor(@Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** False as soon as the lead may have ended, by this process's own clock: one that was paused finds out at once. */
  get isLeading(): boolean {
    if (this.heldAt === null) return false;
    const { termMs } = this.options.leadership;
    return termMs === null || this.options.clock.monotonic() - this.heldAt < termMs;
  }

  /** The number of its term; null where it leads no longer, or never did. */
  get term(): number | null {
    return this.held;
  }

  /** Asks the store. A term that begins or ends is announced. Rejects where the store does. */
  async look(): Promise<boolean> {
    const askedAt = this.options.clock.monotonic();
    const { era } = this;
    const term = await this.options.leadership.hold();
    if (era !== this.era) {
      // Given up meanwhile: the store may have been asked afterwards.
      await this.options.leadership.release().catch(() => undefined);
      return false;
    }
    const isNews = term !== this.held;
    this.held = term;
    this.heldAt = term === null ? null : askedAt;
    if (isNews) this.announce(term !== null);
    if (term === null) this.stopKeeping();
    else this.keep();
    return term !== null;
  }

  /** Gives the lead up. A store that cannot be reached lets it end by itself. */
  async release(): Promise<void> {
    this.stopKeeping();
    this.era += 1;
    if (this.heldAt === null) return;
    this.heldAt = null;
    this.held = null;
    await this.options.leadership.release().catch(() => undefined);
  }

  private keep(): void {
    const { termMs } = this.options.leadership;
    if (termMs === null || this.keeping !== null) return;
    this.keeping = new AbortController();
    void this.prolong(termMs / RENEWALS_PER_TERM, this.keeping.signal);
  }

  private async prolong(intervalMs: number, over: AbortSignal): Promise<void> {
    for (;;) {
      await this.options.clock.sleep(intervalMs, over);
      if (over.aborted) return;
      // A store that cannot be reached is no answer: the term ends by itself.
      await this.look().catch(() => undefined);
    }
  }

  private stopKeeping(): void {
    this.keeping?.abort();
    this.keeping = null;
  }

  private announce(leads: boolean): void {
    this.options.bus.publish({ type: 'orchestration.lead-changed', leads } satisfies LeadChanged);
  }
}
