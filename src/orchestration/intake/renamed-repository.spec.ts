import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';

const RENAMED: IssueRef = { ...ISSUE, repo: 'instruments' };

describe('a repository that is renamed', () => {
  it('ends the job under its old name and begins one under the new, though no webhook tells', async () => {
    const { tracker, deliveries, loop, clock, queue, start, close } = await startOrchestration();
    queue.claim = () => Promise.resolve(undefined);
    tracker.put(anIssue());
    await deliveries.record(aDelivery(anIssue()));
    await start();
    await loop.idle();
    const before = await queue.find(issueKey(ISSUE));

    // The tracker knows the issue by the new name alone: see `GiteaIssueTracker.readIssue`.
    tracker.remove(ISSUE);
    tracker.put(anIssue({ ref: RENAMED }));
    clock.advance(1_200_000);
    loop.wake();
    await loop.idle();

    const after = [await queue.find(issueKey(ISSUE)), await queue.find(issueKey(RENAMED))];
    expect([before, ...after].map((job) => job?.state)).toEqual(['available', 'cancelled', 'available']);
    await close();
  });
});
