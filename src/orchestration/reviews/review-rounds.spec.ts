import { afterEach, describe, expect, it } from '@jest/globals';

import {
  ISSUE,
  aDelivery,
  anIssue,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import type { AgentScript } from '../../agents/index.js';
import { EntitlementService, InMemoryPermissions, InMemoryStarts, UNKNOWN_STARTS } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import { InMemoryPullRequests } from '../doubles/in-memory-pull-requests.js';

const ANN = { id: 11, login: 'ann' };
const PULL = { ...ISSUE, number: 1_001 };

/** Each prompt's answer writes another text, and says that it is done. */
function writing(...texts: readonly string[]): AgentScript {
  return {
    '*': {
      steps: texts.flatMap((content) => [
        { do: 'write' as const, path: 'work.txt', content },
        { do: 'stop' as const, stop: 'end_turn' as const },
      ]),
    },
  };
}

describe('A round that reviews began', () => {
  const endings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
  });

  /** A job in review whose agent writes these texts, one a prompt. */
  async function inReview(script: AgentScript, given: Start = {}) {
    const permissions = new InMemoryPermissions();
    for (const person of [ANN, { id: 12, login: 'ada' }]) permissions.grant(ISSUE, person, 'write');
    const pullRequests = new InMemoryPullRequests();
    const entitlement = EntitlementService.alone({ permissions });
    const starts = new InMemoryStarts();
    starts.begin(ISSUE, ANN);
    const app = await startOrchestration({
      ...given,
      script,
      options: { pullRequests, entitlement, starts, ...given.options },
    });
    endings.push(app.close);
    app.tracker.put(anIssue());
    await app.deliveries.record(aDelivery(anIssue()));
    await app.start();
    await app.reaches('in_review');
    await app.loop.idle();
    const told = (kind: string, action: string) => {
      const { ref } = anIssue({ ref: PULL });
      return aDelivery(anIssue({ ref }), { kind, action });
    };
    return {
      ...app,
      pullRequests,
      starts,
      progress: () => app.runs.progress(issueKey(ISSUE)),
      /** A delivery about the pull request comes in. */
      tell: async (kind = 'pull_request_review_rejected', action = 'reviewed') => {
        await app.deliveries.record(told(kind, action));
        app.loop.wake();
        await app.loop.idle();
      },
    };
  }

  it('goes on in the same session and publishes to the same pull request', async () => {
    const app = await inReview(writing('one', 'two'));
    const before = await app.progress();
    app.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Say two' });

    await app.tell();
    await app.next('queue.job-moved', { to: 'in_review' } as object);

    const after = await app.progress();
    expect(after.session).toEqual(before.session);
    expect(after.publishedCommit).not.toBe(before.publishedCommit);
    expect(after.review).toMatchObject({ open: [], approvedBy: [] });
    expect(app.tracker.pullRequests).toHaveLength(1);
    expect(app.seen().filter((type) => type === 'session-replaced')).toEqual([]);
  });

  it('takes what was said while it ran into another round, as soon as it is in review again', async () => {
    const app = await inReview(writing('one', 'two', 'three'));
    app.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Say two' });
    const published = app.next('orchestration.work-published');
    await app.tell();
    app.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Say three' });
    await published;

    await app.next('orchestration.review-round-began', { round: 2 } as object);
    await app.next('queue.job-moved', { to: 'in_review' } as object);

    expect((await app.progress()).reviewRounds).toBe(2);
  });

  it('stops for a person when the agent says twice that it is done and left what was reviewed', async () => {
    const app = await inReview(writing('one', 'one', 'one'));
    app.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Say two' });

    await app.tell();
    const job = await app.reaches('needs_attention');

    expect(job.reason).toContain('The agent said twice that it is done, and had changed nothing');
    expect((await app.progress()).review?.open).toHaveLength(1);
  });

  it('answers a command on the pull request there, once, and takes other talk for talk', async () => {
    const app = await inReview(writing('one'));
    app.tracker.say(PULL, '/mosaic status', 'ann');
    app.tracker.say(PULL, 'I wonder whether two would be better', 'ann');

    await app.tell('pull_request_comment', 'created');
    await app.tell('pull_request_comment', 'created');

    const answers = app.tracker.comments(PULL).filter((text) => text.includes('Ready for review'));
    expect(answers).toHaveLength(1);
    expect((await app.queue.require(ISSUE)).state).toBe('in_review');
  });

  it('does not read a pull request because of what the bot itself commented there', async () => {
    const app = await inReview(writing('one'));
    let reads = 0;
    const read = app.pullRequests.readPullRequest.bind(app.pullRequests);
    app.pullRequests.readPullRequest = (ref) => {
      reads += 1;
      return read(ref);
    };
    const comment = { kind: 'pull_request_comment', action: 'created' };

    await app.deliveries.record(aDelivery(anIssue({ ref: PULL }), { ...comment, sender: 'mosaic' }));
    app.loop.wake();
    await app.loop.idle();
    const readsForOwn = reads;
    await app.tell(comment.kind, comment.action);

    expect(readsForOwn).toBe(0);
    expect(reads).toBeGreaterThan(0);
    expect(await app.deliveries.unsettled(10)).toEqual([]);
  });

  it('does nothing about a pull request that is no job of ours', async () => {
    const app = await inReview(writing('one'));

    await app.deliveries.record(aDelivery(anIssue({ ref: { ...ISSUE, number: 4 } }), { kind: 'pull_request' }));
    await app.tell('pull_request_comment', 'created');

    expect(await app.deliveries.unsettled(10)).toEqual([]);
    expect((await app.queue.require(ISSUE)).state).toBe('in_review');
  });

  it('ends with the job when the pull request is merged, though the issue stays open, and it stays ended', async () => {
    const app = await inReview(writing('one'));
    app.pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });

    await app.tell('pull_request', 'closed');
    await app.tell('pull_request', 'closed');

    expect(await app.queue.require(ISSUE)).toMatchObject({ state: 'completed' });
    const by = { kind: 'person', login: 'ann' };
    expect((await app.queue.history(issueKey(ISSUE))).at(-1)).toMatchObject({ to: 'completed', by });
  });

  it('stays ended where nothing tells who gave issues to the bot, until a delivery says that somebody did', async () => {
    const app = await inReview(writing('one', 'two'), { options: { starts: UNKNOWN_STARTS } });
    app.pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });
    await app.tell('pull_request', 'closed');
    await app.deliveries.record(aDelivery(anIssue(), { kind: 'issue_label', action: 'label_updated' }));
    app.loop.wake();
    await app.loop.idle();
    const { state } = await app.queue.require(ISSUE);

    await app.deliveries.record(aDelivery(anIssue(), { kind: 'issues', action: 'reopened', sender: 'ann' }));
    app.loop.wake();
    await app.next('orchestration.run-started');

    expect(state).toBe('completed');
  });

  it.each(['before its agent is started', 'while its agent works'])(
    'counts as merged what was merged in the middle of it, so that its issue was closed, %s',
    async (when) => {
      const app = await inReview(writing('one'));
      const id = issueKey(ISSUE);
      const open = [{ id: 1, author: 'ann', isRequest: true, text: 'Say two', remarks: [] }];
      await app.runs.beginReviewRound(id, { seen: [], open, approvedBy: [] });
      if (when === 'before its agent is started') app.queue.claim = () => Promise.resolve(undefined);
      await app.queue.move({ jobId: id, from: 'in_review', to: 'available', reason: 'ann asked for changes.' });
      if (when === 'while its agent works') {
        app.loop.wake();
        await app.next('orchestration.run-started');
      }
      app.pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });
      app.tracker.put(anIssue({ state: 'closed' }));

      await app.deliveries.record(aDelivery(anIssue({ state: 'closed' }), { kind: 'issues', action: 'closed' }));
      app.loop.wake();

      expect(await app.reaches('completed')).toMatchObject({ reason: expect.stringContaining('was merged') });
    },
  );

  it('asks nothing any more of new work after the job was done', async () => {
    const app = await inReview(writing('one', 'two'));
    const id = issueKey(ISSUE);
    const open = [{ id: 1, author: 'ann', isRequest: true, text: 'Say two', remarks: [] }];
    await app.runs.note(id, { review: { seen: [{ id: 1, comments: [] }], open, approvedBy: [] } });
    await app.queue.move({ jobId: id, from: 'in_review', to: 'completed', reason: 'Done.' });
    app.tracker.put(anIssue({ state: 'closed' }));
    app.starts.begin(ISSUE, ANN);
    app.tracker.put(anIssue());

    await app.deliveries.record(aDelivery(anIssue(), { kind: 'issues', action: 'reopened' }));
    app.loop.wake();
    await app.next('orchestration.run-started');

    expect((await app.progress()).review).toMatchObject({ seen: [{ id: 1 }], open: [] });
  });

  it('goes on with what a person says after the pull request was closed in a round', async () => {
    const app = await inReview(writing('one', 'two', 'three', 'four'));
    app.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Say two' });
    app.queue.claim = () => Promise.resolve(undefined);
    await app.tell();
    app.pullRequests.put(PULL, { state: 'closed', mergedBy: null });
    await app.tell('pull_request', 'closed');
    const stopped = (await app.queue.require(ISSUE)).state;
    app.tracker.say(ISSUE, 'Please go on, with a new pull request', 'ann');
    const states: string[] = [];
    for (const [kind, action] of [
      ['issue_comment', 'created'],
      ['issue_label', 'label_updated'],
    ] as const) {
      await app.deliveries.record(aDelivery(anIssue(), { kind, action, sender: 'ann' }));
      app.loop.wake();
      await app.loop.idle();
      states.push((await app.queue.require(ISSUE)).state);
    }

    expect([stopped, ...states]).toEqual(['needs_attention', 'available', 'available']);
  });
});
