import type { Clock } from '../kernel/index.js';
import { ownedProcesses } from './owned-processes.js';
import type { ProcessTable } from './process-table.js';

/** The last beat of a coordinator that ends its processes itself. */
export const FAREWELL = 'F';

/** So often processes that fork while they are killed are looked for again. */
const PASSES = 20;

/** Whose processes are watched over, and with what. */
export interface HeartbeatWatch {
  readonly ownerId: string;
  /** How long no beat may come, in milliseconds. */
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly table: ProcessTable;
  /** Called with how many processes were killed, where there were some. */
  readonly killed: (count: number) => void;
}

/**
 * Kills everything that an owner's coordinator started as soon as its heart stops beating: it was paused, hangs, or is
 * dead, and somebody else may do its work. Resolves when the input ends: after a farewell nothing is killed.
 *
 * Nobody is asked first: who paused the coordinator may let it go on any moment, and every moment counts for whoever
 * takes its place.
 */
export async function watchHeartbeats(beats: AsyncIterable<Uint8Array>, watch: HeartbeatWatch): Promise<void> {
  const { silenceMs, clock } = watch;
  const incoming = beats[Symbol.asyncIterator]();
  let next = incoming.next();
  let last: number | undefined;
  for (;;) {
    const waiting = new AbortController();
    const silence = clock.sleep(silenceMs, waiting.signal).then(() => 'silence' as const);
    const heard = await Promise.race([next, silence]);
    waiting.abort();
    if (heard === 'silence') {
      killAll(watch);
    } else if (heard.done) {
      if (last !== FAREWELL.charCodeAt(0)) killAll(watch);
      return;
    } else {
      last = heard.value.at(-1);
      next = incoming.next();
    }
  }
}

function killAll({ ownerId, table, killed }: HeartbeatWatch): void {
  const reached = new Set<string>();
  for (let pass = 0; pass < PASSES; pass += 1) {
    const living = ownedProcesses(ownerId, table);
    if (living.length === 0) break;
    for (const { pid, startedAt } of living) {
      if (table.signal(pid, 'SIGKILL')) reached.add(`${pid}@${startedAt}`);
    }
  }
  if (reached.size > 0) killed(reached.size);
}
