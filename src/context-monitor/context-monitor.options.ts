import type { Clock } from '../kernel/index.js';
import { InvalidContextMonitorOptionsError } from './context-monitor.errors.js';

/** What `ContextMonitorModule.forRoot` accepts. Every field may be left out. */
export interface ContextMonitorModuleOptions {
  /**
   * Share of the usable window, 0 to 1, from which a session is asked to compact.
   * @default 0.8
   */
  readonly compactAt?: number;
  /**
   * Share of the usable window, 0 to 1, from which a session is replaced by a fresh one.
   * @default 0.95
   */
  readonly rotateAt?: number;
  /**
   * How far below `compactAt`, as a share of the usable window, a compaction must have brought a session for it to be
   * compacted again. One that was brought less far is replaced when it reaches `compactAt` the next time: compacting
   * it again and again would cost more than it frees.
   * @default 0.15, or half of `compactAt` where that is less
   */
  readonly coolDown?: number;
  /**
   * How many turns a session may have while its occupancy is unknown. The next one is a fresh session's.
   * @default 10
   */
  readonly turnsWhileUnknown?: number;
  /** Where `assessedAt` comes from; the system's clock when left out. */
  readonly clock?: Clock;
}

/** The thresholds once checked, with every default filled in. */
export type ContextMonitorOptions = Required<Omit<ContextMonitorModuleOptions, 'clock'>>;

/** @throws {InvalidContextMonitorOptionsError} if the thresholds are out of range or out of order */
export function resolveContextMonitorOptions(given: ContextMonitorModuleOptions): ContextMonitorOptions {
  const { compactAt = 0.8, rotateAt = 0.95, turnsWhileUnknown = 10 } = given;
  const { coolDown = Math.min(0.15, compactAt / 2) } = given;
  const isInOrder = 0 < compactAt && compactAt < rotateAt && rotateAt <= 1;
  if (!isInOrder) {
    throw new InvalidContextMonitorOptionsError(
      `Expected 0 < compactAt < rotateAt <= 1, got compactAt=${compactAt}, rotateAt=${rotateAt}`,
    );
  }
  if (!(0 <= coolDown && coolDown < compactAt)) {
    throw new InvalidContextMonitorOptionsError(
      `Expected 0 <= coolDown < compactAt, got coolDown=${coolDown}, compactAt=${compactAt}`,
    );
  }
  if (!Number.isInteger(turnsWhileUnknown) || turnsWhileUnknown < 1) {
    throw new InvalidContextMonitorOptionsError(
      `Expected turnsWhileUnknown to be a whole number from 1, got ${turnsWhileUnknown}`,
    );
  }
  return { compactAt, rotateAt, coolDown, turnsWhileUnknown };
}
