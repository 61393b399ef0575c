import { LeaseLostError, type Job, type QueueService } from '../../queue/index.js';
import { guardEffects } from '../guard-writes.js';
import type { OrchestrationOptions } from '../orchestration.options.js';

/**
 * What a run works with: each of its writes outside asks first whether its job is still its own, by the token of its
 * claim. Whoever was paused, or cut off, finds out before it pushes, comments or opens anything, or touches a
 * workspace that it may share.
 */
export function heldOptions(options: OrchestrationOptions, job: Job): OrchestrationOptions {
  const { queue, tracker, workspaces, leadership, clock } = options;
  const assertHeld = async (): Promise<void> => {
    const askedAt = clock.monotonic();
    if (!(await queue.renew(job.id, job.fencingToken))) throw new LeaseLostError(job.id, job.fencingToken);
    // Where others share the store, the answer may have lain there while the process was paused.
    if (leadership.termMs !== null && clock.monotonic() - askedAt >= queue.leaseMs)
      throw new LeaseLostError(job.id, job.fencingToken);
  };
  const kept = guardEffects(workspaces, ['publishDraft', 'capture'], () => assertNotTaken(queue, job));
  return {
    ...options,
    workspaces: guardEffects(kept, ['prepare', 'remove', 'publish', 'dropDraft'], assertHeld),
    tracker: guardEffects(tracker, ['ensureComment', 'ensurePullRequest', 'ensureCommitStatus'], assertHeld),
  };
}

/** A job that was ended or halted runs no longer, and what was done of it is kept all the same, unless somebody has it. */
async function assertNotTaken(queue: QueueService, { id, fencingToken }: Job): Promise<void> {
  const present = await queue.find(id);
  if (present?.fencingToken !== fencingToken) throw new LeaseLostError(id, fencingToken);
}
