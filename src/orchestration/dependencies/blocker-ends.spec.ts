import { afterEach, describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, PROFILE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import { BlockerEnds } from './blocker-ends.js';
import { InMemoryPullRequests, type TrackedIssue } from '../index.js';
import type { JobProgress } from '../ports/run-store.port.js';

const DEPENDANT: IssueRef = { ...ISSUE, number: 8 };
const PULL: IssueRef = { ...ISSUE, number: 9 };

describe('BlockerEnds', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** One issue whose work is in a pull request, and one that waits for it. */
  async function start(file: string | Error | null, blockersFinished: 'closed' | 'merged' = 'closed') {
    const pullRequests = new InMemoryPullRequests();
    const read: string[] = [];
    const files = {
      fileText: async (_: unknown, path: string) => {
        read.push(path);
        if (file instanceof Error) throw file;
        return file;
      },
    };
    const started = await startOrchestration({
      profiles: [PROFILE],
      options: { files, blockersFinished, pullRequests },
    });
    closings.push(() => started.close());
    const { queue, runs, tracker, deliveries, loop, moduleRef } = started;
    queue.claim = () => Promise.resolve(undefined);
    await started.start();
    const see = async (issue: TrackedIssue) => {
      tracker.put(issue);
      await deliveries.record(aDelivery(issue));
      loop.wake();
      await loop.idle();
      return queue.find(issueKey(issue.ref));
    };
    await see(anIssue());
    const progress = runs.progress.bind(runs);
    runs.progress = async (jobId) => {
      const own: JobProgress = await progress(jobId);
      const pullRequest = { number: PULL.number, url: 'http://memory/9' };
      return jobId === issueKey(ISSUE) ? { ...own, pullRequest } : own;
    };
    return { ...started, pullRequests, read, see, ends: moduleRef.get(BlockerEnds) };
  }

  const waiting = (state: 'open' | 'closed') =>
    anIssue({ ref: DEPENDANT, blockedBy: [{ issue: ISSUE, isFinished: state === 'closed' }] });

  it.each([
    ['closed', 'blockers: closed\n', 'closed' as const, true],
    ['closed', 'blockers: merged\n', 'closed' as const, false],
    ['closed', null, 'closed' as const, true],
    ['closed', null, 'merged' as const, false],
    ['closed', 'limits: { rejections: 2 }\n', 'merged' as const, false],
    ['merged', 'blockers: merged\n', 'closed' as const, true],
    ['closed', 'blockers: nonsense\n', 'closed' as const, false],
    ['closed', new Error('Gitea is away'), 'closed' as const, false],
  ])('takes a closed issue whose pull request is %s under %j and %s for finished: %p', async (...given) => {
    const [state, file, byDefault, expected] = given;
    const { ends, pullRequests } = await start(file, byDefault);
    pullRequests.put(PULL, { state: state === 'merged' ? 'merged' : 'closed', mergedBy: null });

    expect(await ends.isFinished(ISSUE, 'closed')).toBe(expected);
  });

  it('takes an issue without a pull request of ours for finished once it is closed, whatever the file says', async () => {
    const { ends, read } = await start('blockers: merged\n');

    expect(await ends.isFinished(DEPENDANT, 'closed')).toBe(true);
    expect(await ends.isFinished(DEPENDANT, 'open')).toBe(false);
    expect(read).toEqual([]);
  });

  it('takes an open issue for finished only while its job is completed by a merge', async () => {
    const { ends, pullRequests, queue } = await start(null);
    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });
    const isFinished = [await ends.isFinished(ISSUE, 'open')];
    await queue.move({ jobId: issueKey(ISSUE), from: 'available', to: 'cancelled', reason: 'x' });
    isFinished.push(await ends.isFinished(ISSUE, 'open'));

    expect(isFinished).toEqual([false, false]);
  });

  it('asks for the file once a minute', async () => {
    const { ends, read, clock, pullRequests } = await start('blockers: merged\n');
    pullRequests.put(PULL, { state: 'closed', mergedBy: null });
    await ends.isFinished(ISSUE, 'closed');
    await ends.isFinished(ISSUE, 'closed');
    const early = read.length;
    clock.advance(60_000);
    await ends.isFinished(ISSUE, 'closed');

    expect([early, read.length]).toEqual([1, 2]);
  });

  it('keeps what waits waiting when the blocker is closed without a merge, until that is merged', async () => {
    const { see, pullRequests, queue } = await start('blockers: merged\n');
    const first = await see(waiting('open'));
    pullRequests.put(PULL, { state: 'closed', mergedBy: null });
    await see(anIssue({ state: 'closed' }));
    const second = await see(waiting('closed'));

    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });
    await see(anIssue({ state: 'closed' }));

    expect([first?.state, second?.state]).toEqual(['pending', 'pending']);
    expect(await queue.find(issueKey(DEPENDANT))).toMatchObject({ state: 'available' });
  });

  it('waits for a pull request that the text names until it is merged, or closed where that is enough', async () => {
    const { ends, pullRequests } = await start(null);
    const answers = [await ends.isPullRequestFinished(PULL)];
    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });
    answers.push(await ends.isPullRequestFinished(PULL));
    pullRequests.put(PULL, { state: 'closed', mergedBy: null });
    answers.push(await ends.isPullRequestFinished(PULL));
    pullRequests.remove(PULL);
    answers.push(await ends.isPullRequestFinished(PULL));

    expect(answers).toEqual([false, true, true, null]);
  });
});
