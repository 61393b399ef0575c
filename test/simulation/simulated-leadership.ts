import type { Leadership, Signals } from '../../src/orchestration/index.js';
import type { CallGate } from './call-gate.js';
import type { Dice } from './dice.js';
import type { SimulatedTime } from './simulated-time.js';

const TERM_MS = 15_000;

/** The lease of the one leader, on the store's clock. */
export class LeadershipTable {
  private holder = '';
  private endsAt = 0;
  private term = 0;

  constructor(private readonly time: SimulatedTime) {}

  /** How one replica sees it. */
  asSeenBy(holder: string, gate: CallGate): Leadership {
    return {
      termMs: TERM_MS,
      hold: () => gate.call('leadership.hold', () => this.hold(holder)),
      release: () => gate.call('leadership.release', () => this.release(holder)),
    };
  }

  private async hold(holder: string): Promise<number | null> {
    const now = this.time.elapsed;
    const isOver = now >= this.endsAt;
    if (this.holder !== holder && !isOver) return null;
    if (this.holder !== holder || isOver) this.term += 1;
    this.holder = holder;
    this.endsAt = now + TERM_MS;
    return this.term;
  }

  private async release(holder: string): Promise<void> {
    if (this.holder === holder) this.endsAt = this.time.elapsed;
  }
}

/** What replicas tell each other. Some of it is lost, and who is paused or cut off hears nothing. */
export class Wire {
  private readonly listeners = new Map<CallGate, (jobId: string | null) => void>();

  constructor(private readonly dice: Dice) {}

  asSeenBy(gate: CallGate): Signals {
    return {
      tell: (jobId) => this.tell(jobId, gate),
      listen: (heard) => void this.listeners.set(gate, heard),
    };
  }

  /** Everybody hears of it, mostly. @param by who is left out; null for nobody */
  tell(jobId: string | null, by: CallGate | null): void {
    if (by !== null && (by.isCut || by.isPartitioned)) return;
    for (const [gate, heard] of this.listeners) {
      if (gate.isCut) this.listeners.delete(gate);
      else if (gate !== by && !gate.isDeaf && !gate.isPartitioned && this.dice.isLucky(0.9)) heard(jobId);
    }
  }
}
