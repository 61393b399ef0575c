import { LeaseLostError, type Job, type QueueService } from '../../queue/index.js';
import { guardWrites } from '../guard-writes.js';
import type { OrchestrationOptions } from '../orchestration.options.js';

/**
 * What a run works with: each of its writes outside asks first whether its job is still its own, by the token of its
 * claim. Whoever was paused, or cut off, finds out before it pushes, comments or opens anything.
 */
export function heldOptions(options: OrchestrationOptions, job: Job): OrchestrationOptions {
  const { queue, tracker, workspaces } = options;
  const assertHeld = async (): Promise<void> => {
    if (!(await queue.renew(job.id, job.fencingToken))) throw lost(job);
  };
  const kept = guardWrites(workspaces, ['publishDraft'], () => assertNotTaken(queue, job));
  return {
    ...options,
    workspaces: guardWrites(kept, ['publish', 'dropDraft'], assertHeld),
    tracker: guardWrites(tracker, ['ensureComment', 'ensurePullRequest', 'ensureCommitStatus'], assertHeld),
  };
}

/** A job that was ended or halted runs no longer, and what was done of it is kept all the same, unless somebody has it. */
async function assertNotTaken(queue: QueueService, { id, fencingToken }: Job): Promise<void> {
  const present = await queue.find(id);
  if (present?.fencingToken !== fencingToken) throw lost({ id, fencingToken });
}

function lost({ id, fencingToken }: Pick<Job, 'id' | 'fencingToken'>): LeaseLostError {
  return new LeaseLostError(`The lease of ${id} under token ${fencingToken} is lost: nothing more is written for it`);
}
