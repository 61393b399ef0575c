import type { Clock } from '../kernel/index.js';

/** Resolves when the work is over, or after `graceMs`. The work goes on then, and nobody waits for it. */
export async function withinGrace(work: Promise<unknown>, clock: Clock, graceMs: number): Promise<void> {
  const waited = new AbortController();
  await Promise.race([work, clock.sleep(graceMs, waited.signal)]);
  waited.abort();
}
