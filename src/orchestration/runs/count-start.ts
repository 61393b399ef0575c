import { RunFailedError } from '../orchestration.errors.js';
import { endingOf, type RunEnding } from './run-ending.js';
import type { RunScope } from './run-scope.js';

/**
 * Makes a run count as one that was cut off, until it ends or has something new to judge: work that ends the
 * coordinator itself, again and again, is a matter for a person.
 *
 * @param limit how many runs in a row may be cut off
 * @throws {RunFailedError} if so many were
 */
export async function countStart(
  scope: Pick<RunScope, 'progress' | 'save'>,
  limit: number,
  run: () => Promise<RunEnding>,
): Promise<RunEnding> {
  const before = scope.progress.startsWithoutProgress;
  if (before >= limit) {
    await scope.save({ startsWithoutProgress: 0 });
    const sentence = `Its last ${before} runs were cut off before there was anything new to judge, because the coordinator ended or lost the job. Look at why before it is tried again`;
    throw new RunFailedError('agent', true, sentence);
  }
  await scope.save({ startsWithoutProgress: before + 1 });
  const ending = await run().catch(endingOf);
  // A shutdown is no end of the work, and no fault of it either.
  const isOver = ending.outcome !== 'interrupted';
  const startsWithoutProgress = isOver ? 0 : Math.min(before, scope.progress.startsWithoutProgress);
  // A run that has lost its job can write nothing more: it counts.
  await scope.save({ startsWithoutProgress }).catch(() => undefined);
  return ending;
}
