import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration } from '../../test/support/start-orchestration.js';
import { InMemoryIssueTracker, type WriteBackFailed } from './index.js';

async function startWithIssue(tracker: InMemoryIssueTracker) {
  const started = await startOrchestration({ options: { tracker } });
  tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  return started;
}

describe('StatusWriter', () => {
  it('tells that writing failed, and writes at the next tick', async () => {
    const tracker = new InMemoryIssueTracker();
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = () => Promise.reject(new Error('away'));
    const { start, next, reaches, loop, close } = await startWithIssue(tracker);
    const failed = next<WriteBackFailed>('orchestration.write-back-failed');
    const reviewed = reaches('in_review');
    await start();
    await reviewed;
    const failure = await failed;

    tracker.ensureComment = ensureComment;
    loop.wake();
    await close();

    expect(failure).toMatchObject({ issue: ISSUE, reason: 'away' });
    expect(tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it('writes nothing where nothing can be written', async () => {
    const tracker = Object.assign(new InMemoryIssueTracker(), { canWrite: false });
    const { start, reaches, runs, close } = await startWithIssue(tracker);
    const reviewed = reaches('in_review');
    await start();

    const job = await reviewed;

    expect(job.reason).toContain("branch coordinator/7-work of the coordinator's mirror");
    expect((await runs.progress(job.id)).pullRequest).toBeNull();
    await close();
    expect(tracker.commentOf(ISSUE, 'status')).toBeUndefined();
  });
});
