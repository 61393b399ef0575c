import { closeIssue, reopenIssue } from './act-on-issues.js';
import type { ApiCall } from './api-call.js';
import { ApiRefusal } from './fake-gitea.errors.js';
import type { FakeIssue, FakeUser } from './fake-gitea.types.js';

/** Opens or closes what a PATCH names. 412 for a merged pull request, an unknown state and open blockers. */
export function changeState(call: ApiCall, issue: FakeIssue, state: string, user: FakeUser): void {
  if (issue.pull?.mergedAt)
    throw new ApiRefusal(412, 'cannot change state of this pull request, it was already merged');
  if (state !== 'open' && state !== 'closed') throw new ApiRefusal(412, `unknown state: ${state}`);
  if (state === 'open') return reopenIssue(call.world, issue, user);
  if (call.world.hasOpenBlockers(issue)) {
    const why = 'cannot close this issue or pull request because it still has open dependencies';
    throw new ApiRefusal(412, why);
  }
  closeIssue(call.world, issue, user);
}
