import { messageOf, type IssueRef } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';
import { commitMessage } from './commit-message.js';
import type { DraftKept, DraftNotKept } from '../orchestration.events.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import type { RunEnding } from './run-ending.js';
import type { Draft, JobProgress } from '../ports/run-store.port.js';
import { isTreeRefusal, type Workspace } from '../ports/workspaces.port.js';

/** Whether a run that ended so leaves the job without anybody who goes on with it by himself, at least for long. */
export function stopsShort(ending: RunEnding, failures: number, maxFailures: number): boolean {
  switch (ending.outcome) {
    case 'needs_attention':
    case 'cancelled':
      return true;
    case 'retryable':
      return ending.phase === 'budget' || failures + 1 >= maxFailures;
    case 'in_review':
    case 'interrupted':
      return false;
  }
}

/** Whether another coordinator may go on with the job, who does not see this one's disk. */
export function mayMove(ending: RunEnding): boolean {
  return ending.outcome === 'retryable' || (ending.outcome === 'interrupted' && !ending.isLeaseLost);
}

/** What became of work that was not published. */
export interface KeptDraft {
  /** Whether all there is was kept. */
  readonly isKept: boolean;
  /** What is kept; null where nothing is. */
  readonly draft: Draft | null;
}

/**
 * Keeps work that was not published on a branch of its own, so that nothing is lost. Never rejects, for how a run ended
 * does not depend on it.
 */
export async function leaveDraft(
  { workspaces, runs, bus }: Pick<OrchestrationOptions, 'workspaces' | 'runs' | 'bus'>,
  workspace: Workspace,
  job: Pick<Job, 'id' | 'issue' | 'title'>,
  progress: JobProgress,
): Promise<KeptDraft> {
  const { issue } = job;
  const { draft, publishedCommit } = progress;
  try {
    const commit = await unpublished(workspaces, workspace, job, progress);
    if (commit === null || commit === publishedCommit || commit === draft?.commit) return { isKept: true, draft };
    const branch = await workspaces.publishDraft(workspace, commit, draft?.commit ?? null);
    await runs.note(job.id, { draft: { branch, commit } });
    bus.publish({ type: 'orchestration.draft-kept', issue, branch, commit } satisfies DraftKept);
    return { isKept: true, draft: { branch, commit } };
  } catch (error) {
    bus.publish({ type: 'orchestration.draft-not-kept', issue, reason: messageOf(error) } satisfies DraftNotKept);
    return { isKept: false, draft };
  }
}

/** The work as a commit; where the tree cannot become one, the last that could. Null where nothing was changed. */
async function unpublished(
  workspaces: OrchestrationOptions['workspaces'],
  workspace: Workspace,
  job: { readonly issue: IssueRef; readonly title: string },
  { gatedCommit }: JobProgress,
): Promise<string | null> {
  try {
    const { commit, isChanged } = await workspaces.capture(workspace, commitMessage(job));
    return isChanged ? commit : null;
  } catch (error) {
    if (isTreeRefusal(error)) return gatedCommit;
    throw error;
  }
}
