import { OWNER_MARK } from './marks.js';
import type { ProcessTable } from './process-table.js';
import { lineOf, processTree, type ProcessEntry } from './process-tree.js';

/**
 * What the coordinators of an owner started and still lives, but for this process and its ancestors, so that a
 * coordinator can be run by a command of another. None where the system shows no table.
 */
export function ownedProcesses(ownerId: string, table: ProcessTable): readonly ProcessEntry[] {
  const mark = `${OWNER_MARK}=${ownerId}`;
  const entries = table.list() ?? [];
  const spared = lineOf(entries, process.pid);
  const others = entries.filter((entry) => !spared.has(entry.pid));
  return processTree(others, (entry) => table.environmentOf(entry.pid)?.includes(mark) ?? false);
}
