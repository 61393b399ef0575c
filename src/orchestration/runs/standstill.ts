import { NOTHING_DONE } from './fingerprint.js';

/**
 * How a job stands still.
 *
 * - *unchanged*: its last rounds left the same.
 * - *oscillating*: its last rounds came back to what had been rejected before.
 * - *idle*: its agent said a second time that it is done, and had changed nothing.
 */
export type Standstill = 'unchanged' | 'oscillating' | 'idle';

/**
 * Whether a job goes on without getting on. A round that leaves what no round left before is progress and begins the
 * count anew; one that leaves what was there before, the last or any, is none.
 *
 * @param fingerprints of the rejected rounds since the last fresh start, oldest first
 * @param limit how many rounds in a row may go without anything new, the one that was new among them
 */
export function standstillOf(fingerprints: readonly string[], limit: number): Standstill | null {
  const last = fingerprints.at(-1);
  if (last === undefined) return null;
  if (last === NOTHING_DONE && fingerprints.indexOf(last) < fingerprints.length - 1) return 'idle';
  const recent = fingerprints.slice(newestNews(fingerprints));
  if (recent.length < limit) return null;
  return new Set(recent).size === 1 ? 'unchanged' : 'oscillating';
}

/** Where the last round is that left something for the first time. */
function newestNews(fingerprints: readonly string[]): number {
  return fingerprints.findLastIndex((fingerprint, at) => fingerprints.indexOf(fingerprint) === at);
}
