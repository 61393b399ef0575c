import { describe, expect, it } from '@jest/globals';

import { ISSUE } from '../../../test/support/start-orchestration.js';
import { assertMayWrite } from '../../kernel/index.js';
import { QueueService, type Job } from '../../queue/index.js';
import { InMemoryIssueTracker } from '../doubles/in-memory-issue-tracker.js';
import { InMemoryWorkspaces } from '../doubles/in-memory-workspaces.js';
import { resolveOrchestrationOptions } from '../orchestration.options.js';
import type { CommitStatus, PullRequestDraft } from '../ports/issue-tracker.port.js';
import type { Workspace } from '../ports/workspaces.port.js';
import { heldOptions } from './held-options.js';

const COMMIT = 'a'.repeat(40);
const WORKSPACE = { issue: ISSUE, branch: 'coordinator/7-work' } as Workspace;
const PULL_REQUEST: PullRequestDraft = { headBranch: 'coordinator/7-work', baseBranch: 'main', title: 'A', body: 'B' };
const STATUS: CommitStatus = { context: 'gate', state: 'success', description: 'passed', targetUrl: null };

async function claimed() {
  const queue = QueueService.inMemory();
  const tracker = new InMemoryIssueTracker();
  const workspaces = new InMemoryWorkspaces();
  const draft = { issue: ISSUE, title: 'A', profile: 'opus', priority: 0, blockers: [], details: {} };
  await queue.enqueue(draft, 'It is new');
  const job = (await queue.claim()) as Job;
  const held = heldOptions(resolveOrchestrationOptions({ queue, tracker, workspaces }), job);
  return { queue, tracker, workspaces, job, held };
}

const WRITES = {
  push: ({ workspaces }) => workspaces.publish(WORKSPACE, COMMIT, null),
  'deletion of a draft': ({ workspaces }) => workspaces.dropDraft(WORKSPACE, COMMIT),
  draft: ({ workspaces }) => workspaces.publishDraft(WORKSPACE, COMMIT, null),
  comment: ({ tracker }) => tracker.ensureComment(ISSUE, 'evidence', 'text'),
  'pull request': ({ tracker }) => tracker.ensurePullRequest(ISSUE, PULL_REQUEST),
  'commit status': ({ tracker }) => tracker.ensureCommitStatus(ISSUE, COMMIT, STATUS),
} satisfies Record<string, (options: Awaited<ReturnType<typeof claimed>>['held']) => Promise<unknown>>;

describe('a run', () => {
  it.each(Object.entries(WRITES))('makes its %s while its job is its own', async (_name, write) => {
    const { held } = await claimed();

    await expect(write(held)).resolves.not.toThrow();
  });

  it.each(Object.entries(WRITES))('makes no %s once another holds its job', async (_name, write) => {
    const { queue, tracker, workspaces, job, held } = await claimed();
    await queue.reopenAbandoned([queue.holder], 'It gave no sign of life');
    await queue.claim();

    await expect(write(held)).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
    expect(tracker.commentOf(ISSUE, 'evidence')).toBeUndefined();
    expect(workspaces.published.size).toBe(0);
    expect((await queue.find(job.id))?.state).toBe('running');
  });

  it('keeps a draft of work that was cancelled, and publishes nothing of it', async () => {
    const { queue, job, held } = await claimed();
    await queue.move({ jobId: job.id, from: 'running', to: 'cancelled', reason: 'Unassigned' });

    await expect(WRITES.draft(held)).resolves.not.toThrow();
    await expect(WRITES.push(held)).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
  });

  it('asks again before the effect itself, which may come long after', async () => {
    const { queue, tracker, held } = await claimed();
    tracker.ensureComment = async () => {
      // It looks first, and that takes time.
      await queue.reopenAbandoned([queue.holder], 'It gave no sign of life');
      await queue.claim();
      await assertMayWrite();
      return 'written';
    };

    await expect(WRITES.comment(held)).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
    await expect(assertMayWrite()).resolves.toBeUndefined();
  });

  it('reads as before, whoever holds the job', async () => {
    const { queue, held, workspaces } = await claimed();
    await queue.reopenAbandoned([queue.holder], 'It gave no sign of life');

    expect(held.workspaces.canPush).toBe(true);
    expect(await held.workspaces.place()).toBe(await workspaces.place());
  });
});
