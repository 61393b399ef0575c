import type { Clock } from '../kernel/index.js';
import type { ProcessTable } from './process-table.js';
import type { ProcessEntry } from './process-tree.js';

const POLL_MS = 25;
const NOBODY: ReadonlySet<number> = new Set();

/**
 * Ends processes until `find` finds none: asks each once with SIGTERM, and after `graceMs` kills.
 *
 * It looks again after every signal, because what is being ended forks. A process that we may not signal (one that
 * became another user's, as under sudo) is left out: waiting for it would be waiting for ever.
 *
 * Resolves with how many different processes it has ended.
 *
 * @param spared those of the living that are not asked, only killed when they are there after the grace
 */
export async function endProcesses(
  find: () => readonly ProcessEntry[],
  table: ProcessTable,
  clock: Clock,
  graceMs: number,
  spared: (living: readonly ProcessEntry[]) => ReadonlySet<number> = () => NOBODY,
): Promise<number> {
  const asked = new Set<string>();
  const beyondReach = new Set<string>();
  const killAt = clock.monotonic() + graceMs;
  for (;;) {
    const living = find().filter((entry) => !beyondReach.has(identity(entry)));
    if (living.length === 0) return asked.size - beyondReach.size;
    const isGraceOver = clock.monotonic() >= killAt;
    const notAsked = spared(living);
    for (const entry of living) {
      const id = identity(entry);
      // Many programs take a second SIGTERM as an order to skip their own cleaning up.
      if (!isGraceOver && (asked.has(id) || notAsked.has(entry.pid))) continue;
      asked.add(id);
      const reached = table.signal(entry.pid, isGraceOver ? 'SIGKILL' : 'SIGTERM');
      if (!reached && table.startOf(entry.pid) === entry.startedAt) beyondReach.add(id);
    }
    await clock.sleep(POLL_MS);
  }
}

function identity(entry: ProcessEntry): string {
  return `${entry.pid}@${entry.startedAt}`;
}
