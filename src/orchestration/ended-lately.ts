import type { Job, JobState } from '../queue/index.js';
import type { OrchestrationOptions } from './orchestration.options.js';

/** For how long, in milliseconds, the jobs that ended are still looked at. */
const LATELY_MS = 86_400_000;

/** The jobs that came into one of these states within the last day, newest first, and no more than `most`. */
export async function endedLately(
  { queue, clock }: Pick<OrchestrationOptions, 'queue' | 'clock'>,
  states: readonly JobState[],
  most: number,
): Promise<readonly Job[]> {
  const ended = await queue.list({ states, changedSince: clock.now() - LATELY_MS });
  return ended.toSorted((one, other) => other.updatedAt - one.updatedAt).slice(0, most);
}
