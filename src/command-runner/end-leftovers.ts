import { SystemClock, type Clock } from '../kernel/index.js';
import { endProcesses } from './end-processes.js';
import { ownedProcesses } from './owned-processes.js';
import { ProcProcessTable, type ProcessTable } from './process-table.js';

/** What `endLeftovers` uses besides the owner. Every field may be left out. */
export interface EndLeftoversOptions {
  /**
   * Milliseconds between asking a process to end and killing it.
   * @default 2000
   */
  readonly graceMs?: number;
  /** @internal */
  readonly clock?: Clock;
  /** @internal */
  readonly table?: ProcessTable;
}

/**
 * Ends what an earlier coordinator of this owner left running when it was killed. To be called once, at start, when
 * this process is known to be the owner's only one, and before it runs its first command.
 *
 * Resolves with how many processes were ended: always 0 where there is no `/proc` (macOS). This process and its
 * ancestors are spared, so that a coordinator can be run by a command of another.
 */
export async function endLeftovers(ownerId: string, options: EndLeftoversOptions = {}): Promise<number> {
  const { graceMs = 2000, clock = new SystemClock(), table = new ProcProcessTable() } = options;
  return endProcesses(() => ownedProcesses(ownerId, table), table, clock, graceMs);
}
