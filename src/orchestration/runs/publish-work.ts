import { verdictReport, type Verdict } from '../../quality-gates/index.js';
import { evidenceMarker, setGateStatuses } from '../status/gate-statuses.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import type { RunScope } from './run-scope.js';
import type { CapturedWork, Workspace, Workspaces } from '../ports/workspaces.port.js';

/**
 * Pushes the judged commit, opens the pull request, leaves the evidence there as a comment and sets a commit status for
 * each gate that links to it. Every step looks before it acts, and may be repeated after a crash.
 *
 * @param options as `heldOptions` makes them
 * @throws {LeaseLostError} if this run does not hold the job any more: then nothing more is written
 */
export async function publishWork(
  scope: RunScope,
  { tracker, workspaces }: OrchestrationOptions,
  workspace: Workspace,
  work: CapturedWork,
  verdict: Verdict,
): Promise<void> {
  const { job } = scope;
  await workspaces.publish(workspace, work.commit, scope.progress.publishedCommit);
  await scope.save({ publishedCommit: work.commit });

  const pullRequest = tracker.canWrite
    ? await tracker.ensurePullRequest(job.issue, {
        headBranch: workspace.branch,
        baseBranch: workspace.baseBranch,
        title: job.title,
        body: pullRequestBody(job.issue.number, scope, work, verdict),
      })
    : null;
  const { review } = scope.progress;
  // From here on what reviews asked for is answered, and what they approved is another commit.
  await scope.save({ pullRequest, ...(review !== null && { review: { ...review, open: [], approvedBy: [] } }) });
  if (pullRequest !== null) {
    const page = { ...job.issue, number: pullRequest.number };
    // The text of the pull request changes with each commit; what a status links to must not.
    const evidence = await tracker.ensureComment(page, evidenceMarker(verdict), verdictReport(verdict));
    await setGateStatuses(tracker, job.issue, verdict, evidence);
  }
  await dropDraft(scope, workspaces, workspace);
  scope.announce({
    type: 'orchestration.work-published',
    branch: workspace.branch,
    commit: work.commit,
    pullRequest: pullRequest?.url ?? null,
  });
}

/** The published branch has it all. Where the draft cannot be deleted now, the next publication tries again. */
async function dropDraft(scope: RunScope, workspaces: Workspaces, workspace: Workspace): Promise<void> {
  const { draft } = scope.progress;
  if (draft === null) return;
  const isDropped = await workspaces.dropDraft(workspace, draft.commit).then(
    () => true,
    () => false,
  );
  if (isDropped) await scope.save({ draft: null });
}

function pullRequestBody(number: number, { job, progress }: RunScope, work: CapturedWork, verdict: Verdict): string {
  return [
    `Closes #${number}`,
    '',
    `Written by the agent profile \`${job.profile}\`. The gates below were run by the coordinator on commit ${work.commit},`,
    `in a clean checkout. ${rejectedSentence(progress.rejections)}`,
    '',
    verdictReport(verdict),
  ].join('\n');
}

function rejectedSentence(rejections: number): string {
  if (rejections === 0) return 'They had not rejected the work before.';
  return `They had rejected the work ${rejections === 1 ? 'once' : `${rejections} times`} before.`;
}
