import type { Clock } from '../kernel/index.js';
import { InvalidContextReadingError } from './context-monitor.errors.js';
import type { ContextMonitorOptions } from './context-monitor.options.js';
import type { ContextAction, ContextAssessment, ContextReading } from './context-monitor.types.js';

interface Watched {
  action: ContextAction | null;
  turnsWhileUnknown: number;
  /** Set by a compaction that failed or did not help: nothing but a fresh session is left. */
  compactionFailed: boolean;
  /** Set by a compaction after which the occupancy was not known: the next reading shows whether it helped. */
  isCompactionUnproved: boolean;
  /** Set by a compaction until the occupancy is far enough below the threshold: the next one would help as little. */
  isCoolingDown: boolean;
}

/**
 * Decides, reading by reading, whether an agent may go on in its context window.
 *
 * It decides and remembers; it never acts. Whoever runs the session compacts or replaces it, so that this module can
 * be used without the rest.
 */
export class ContextMonitorService {
  private readonly watched = new Map<string, Watched>();

  constructor(
    private readonly options: ContextMonitorOptions,
    private readonly clock: Clock,
  ) {}

  /** @throws {InvalidContextReadingError} if the window is not positive or the tokens used are negative */
  assess(reading: ContextReading): ContextAssessment {
    const usage = this.usageOf(reading);
    const watched = this.watch(reading.sessionId);
    if (usage !== null) {
      if (watched.isCompactionUnproved) watched.compactionFailed = usage >= this.options.compactAt;
      watched.isCompactionUnproved = false;
      this.learn(watched, usage);
    }

    return this.conclude(reading.sessionId, watched, usage, ...this.actionFor(watched, usage));
  }

  /**
   * Call it when a turn ends without any occupancy having been told. Unknown is not empty: after too many such turns
   * the session is to be replaced.
   */
  assessUnknownTurn(sessionId: string): ContextAssessment {
    const watched = this.watch(sessionId);
    watched.turnsWhileUnknown += 1;

    return this.conclude(sessionId, watched, null, ...this.actionFor(watched, null));
  }

  /**
   * Call it when a compaction is over. One that failed, or left the session at or over the threshold, means that the
   * session is to be replaced; when the occupancy after it is not known yet, the next reading tells. One that freed
   * less than the cool-down asks for is the session's last.
   *
   * @throws {InvalidContextReadingError} as `assess`
   */
  assessCompaction(reading: ContextReading, succeeded: boolean): ContextAssessment {
    const usage = this.usageOf(reading);
    const watched = this.watch(reading.sessionId);
    watched.compactionFailed = !succeeded || (usage !== null && usage >= this.options.compactAt);
    watched.isCompactionUnproved = succeeded && usage === null;
    watched.isCoolingDown = true;
    if (usage !== null) this.learn(watched, usage);

    return this.conclude(reading.sessionId, watched, usage, ...this.actionFor(watched, usage));
  }

  /** Call it when a session ends, or the next session of that name inherits the last one's action. */
  forget(sessionId: string): void {
    this.watched.delete(sessionId);
  }

  private actionFor(watched: Watched, usage: number | null): [ContextAction, string] {
    if (watched.compactionFailed) return ['rotate', 'Compacting did not bring the session below the threshold'];
    if (usage === null) {
      return watched.turnsWhileUnknown > this.options.turnsWhileUnknown
        ? ['rotate', `Its occupancy has been unknown for ${watched.turnsWhileUnknown} turns`]
        : ['continue', 'Its occupancy is unknown'];
    }
    const share = `${(usage * 100).toFixed(1)} % of the usable window is in use`;
    if (usage >= this.options.rotateAt) return ['rotate', share];
    if (usage >= this.options.compactAt) {
      return watched.isCoolingDown
        ? ['rotate', `${share} again, after a compaction that freed little`]
        : ['compact', share];
    }
    return ['continue', share];
  }

  private learn(watched: Watched, usage: number): void {
    watched.turnsWhileUnknown = 0;
    if (usage < this.options.compactAt - this.options.coolDown) watched.isCoolingDown = false;
  }

  private conclude(
    sessionId: string,
    watched: Watched,
    usage: number | null,
    action: ContextAction,
    reason: string,
  ): ContextAssessment {
    const changed = watched.action !== action;
    watched.action = action;
    return { sessionId, usage, action, changed, reason, assessedAt: this.clock.now() };
  }

  private usageOf({ sessionId, usedTokens, usableTokens }: ContextReading): number | null {
    if (usableTokens !== null && !(usableTokens > 0)) {
      throw new InvalidContextReadingError(`Session ${sessionId} reported a usable window of ${usableTokens} tokens`);
    }
    if (usedTokens !== null && !(usedTokens >= 0)) {
      throw new InvalidContextReadingError(`Session ${sessionId} reported ${usedTokens} tokens in use`);
    }
    // No model call reads nothing: some agents report 0 after a call that was cut off.
    const isKnown = usedTokens !== null && usedTokens !== 0 && usableTokens !== null;
    return isKnown ? usedTokens / usableTokens : null;
  }

  private watch(sessionId: string): Watched {
    const known = this.watched.get(sessionId);
    if (known) return known;
    const watched: Watched = {
      action: null,
      turnsWhileUnknown: 0,
      compactionFailed: false,
      isCompactionUnproved: false,
      isCoolingDown: false,
    };
    this.watched.set(sessionId, watched);
    return watched;
  }
}
