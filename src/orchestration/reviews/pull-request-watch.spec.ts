import { describe, expect, it } from '@jest/globals';

import { ISSUE, PROFILE } from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions, type Person } from '../../entitlement/index.js';
import { InProcessEventBus, issueKey, type IssueRef } from '../../kernel/index.js';
import { QueueService } from '../../queue/index.js';
import { FakeClock } from '../../testing/index.js';
import { InMemoryIssueTracker } from '../doubles/in-memory-issue-tracker.js';
import { InMemoryPullRequests } from '../doubles/in-memory-pull-requests.js';
import { InMemoryWorkspaces } from '../doubles/in-memory-workspaces.js';
import { InMemoryRunStore } from '../doubles/in-memory-run-store.js';
import { resolveOrchestrationOptions, type OrchestrationModuleOptions } from '../orchestration.options.js';
import { PullRequestWatch } from './pull-request-watch.js';
import { UNKNOWN_PULL_REQUESTS, type PullRequests } from '../ports/pull-requests.port.js';

const ANN: Person = { id: 11, login: 'ann' };
const BOB: Person = { id: 12, login: 'bob' };
const EVE: Person = { id: 13, login: 'eve' };
const PULL: IssueRef = { ...ISSUE, number: 1_001 };
const COMMIT = 'c'.repeat(40);

/** Ann and Bob may write, Eve may only read. */
function people() {
  const permissions = new InMemoryPermissions();
  permissions.grant(ISSUE, ANN, 'write');
  permissions.grant(ISSUE, BOB, 'admin');
  permissions.grant(ISSUE, EVE, 'read');
  return permissions;
}

/** A job in review, as a run that published it left it. */
async function inReview(given: OrchestrationModuleOptions = {}) {
  const clock = new FakeClock();
  const bus = new InProcessEventBus();
  const queue = QueueService.inMemory({ clock, bus, holder: 'this process', leaseMs: 30_000 });
  const runs = new InMemoryRunStore(clock);
  const pullRequests = new InMemoryPullRequests();
  const permissions = people();
  const entitlement = EntitlementService.alone({ permissions, clock });
  const doubles = { clock, bus, queue, runs, pullRequests, entitlement, tracker: new InMemoryIssueTracker() };
  const watch = new PullRequestWatch(resolveOrchestrationOptions({ ...doubles, ...given }));
  watch.onModuleInit();
  await queue.enqueue(
    { issue: ISSUE, title: 'Make it right', profile: PROFILE.name, priority: 0, blockers: [], details: {} },
    'Its issue was assigned.',
  );
  const id = issueKey(ISSUE);
  const events: object[] = [];
  for (const type of ['orchestration.review-round-began', 'orchestration.approvals-changed']) {
    bus.subscribe(type, (event) => events.push(event));
  }
  const claimed = await queue.claim();
  await runs.save(id, claimed?.fencingToken ?? 0, {
    session: { runtime: 'scripted', id: 'session-1' },
    rejections: 4,
    turns: 9,
    publishedCommit: COMMIT,
    verdict: { commit: COMMIT, passed: true, fault: null, summary: 'passed', results: [], decidedAt: 0 },
    pullRequest: { number: PULL.number, url: 'http://memory/1001' },
  });
  await queue.move({ jobId: id, from: 'running', to: 'in_review', reason: 'Published.' });
  const job = () => queue.require(ISSUE);
  return {
    ...doubles,
    permissions,
    watch,
    events,
    job,
    look: async () => watch.review(await job()),
    progress: () => runs.progress(id),
    runAgain: async () => {
      const again = await queue.claim();
      await queue.move({ jobId: id, from: 'running', to: 'in_review', reason: 'Published.' });
      return again;
    },
  };
}

describe('PullRequestWatch', () => {
  it('completes a job whose pull request was merged, whatever became of its issue', async () => {
    const { pullRequests, look, job } = await inReview();
    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });

    expect(await look()).toBe(true);
    expect(await job()).toMatchObject({ state: 'completed', reason: 'Pull request #1001 was merged by ann.' });
  });

  it('completes it where nobody knows who merged', async () => {
    const { pullRequests, look, job } = await inReview();
    pullRequests.put(PULL, { state: 'merged', mergedBy: null });

    await look();

    expect(await job()).toMatchObject({ state: 'completed', reason: 'Pull request #1001 was merged.' });
  });

  it('asks a person about a pull request that was closed unmerged, and goes back when it is opened again', async () => {
    const { pullRequests, look, job, progress } = await inReview();
    pullRequests.put(PULL, { state: 'closed', mergedBy: null });

    const moves = [await look(), await look()];
    const stopped = await job();
    const { stop } = await progress();
    pullRequests.put(PULL, { state: 'open', mergedBy: null });
    moves.push(await look(), await look());

    expect(moves).toEqual([true, false, true, false]);
    expect(stopped).toMatchObject({
      state: 'needs_attention',
      reason: 'Pull request #1001 was closed without being merged. Open it again, or say on the issue how to go on.',
    });
    expect(stop).toEqual({ lastRemark: null, isLabelled: false, closedPullRequest: PULL.number });
    expect(await job()).toMatchObject({ state: 'in_review', reason: 'Pull request #1001 was opened again.' });
    expect((await progress()).stop).toBeNull();
  });

  it('completes a job whose pull request was closed, opened and merged between two looks', async () => {
    const { pullRequests, look, job } = await inReview();
    pullRequests.put(PULL, { state: 'closed', mergedBy: null });
    await look();
    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });

    await look();

    expect((await job()).state).toBe('completed');
  });

  it('asks a person about a pull request that is gone', async () => {
    const { pullRequests, look, job } = await inReview();
    pullRequests.remove(PULL);

    await look();

    expect(await job()).toMatchObject({
      state: 'needs_attention',
      reason: expect.stringContaining('Pull request #1001 is gone, or the bot may not see it any more.'),
    });
  });

  it('leaves a job alone that needs a person for another reason', async () => {
    const { pullRequests, look, queue, job } = await inReview();
    await queue.move({ jobId: issueKey(ISSUE), from: 'in_review', to: 'needs_attention', reason: 'Something else.' });
    pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });

    expect(await look()).toBe(false);
    expect((await job()).state).toBe('needs_attention');
  });

  it('does nothing where the tracker cannot be asked', async () => {
    const { look, job } = await inReview({ pullRequests: UNKNOWN_PULL_REQUESTS });

    expect(await look()).toBe(false);
    expect((await job()).state).toBe('in_review');
  });

  describe('with a review', () => {
    it('sends the work back with what was asked for, in the same session, with counters that begin anew', async () => {
      const { pullRequests, look, job, progress, events } = await inReview();
      const id = pullRequests.review(PULL, ANN, {
        verdict: 'changes_requested',
        text: 'Not yet <!-- hidden -->',
        remarks: [{ path: 'src/a.ts', line: 12, text: 'Why?' }],
      });

      expect(await look()).toBe(true);
      expect(await job()).toMatchObject({
        state: 'available',
        reason: 'ann asked for changes in review. It is pull request #1001.',
      });
      expect(await progress()).toMatchObject({
        session: { id: 'session-1' },
        rejections: 0,
        turns: 0,
        verdict: null,
        reviewRounds: 1,
        publishedCommit: COMMIT,
        review: {
          seen: [{ id, comments: [expect.any(Number)] }],
          open: [
            {
              id,
              author: 'ann',
              isRequest: true,
              text: 'Not yet',
              remarks: [{ path: 'src/a.ts', line: 12, author: 'ann', text: 'Why?' }],
            },
          ],
        },
      });
      expect(events).toEqual([
        {
          type: 'orchestration.review-round-began',
          issue: ISSUE,
          pullRequest: PULL.number,
          reviewers: ['ann'],
          remarks: 1,
          round: 1,
        },
      ]);
    });

    it('builds on what somebody else pushed to the branch, and on no other', async () => {
      const removed: IssueRef[] = [];
      const workspaces = new InMemoryWorkspaces();
      workspaces.remove = async (issue) => void removed.push(issue);
      const { pullRequests, look, progress, runAgain, runs } = await inReview({ workspaces });
      pullRequests.put(PULL, { headCommit: COMMIT, mergeBase: 'a'.repeat(40) });
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'One' });
      await look();
      const untouched = await progress();
      await runAgain();
      await runs.note(issueKey(ISSUE), { review: untouched.review && { ...untouched.review, open: [] } });
      pullRequests.put(PULL, { headCommit: 'd'.repeat(40), mergeBase: 'a'.repeat(40) });
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'Two' });

      await look();

      expect(untouched).toMatchObject({ publishedCommit: COMMIT, baseCommit: null });
      expect(await progress()).toMatchObject({ publishedCommit: 'd'.repeat(40), baseCommit: 'a'.repeat(40) });
      expect(removed).toEqual([ISSUE]);
    });

    it('lets no other coordinator go on in a workspace that has not what somebody else pushed', async () => {
      const removed: IssueRef[] = [];
      const workspaces = new InMemoryWorkspaces({}, 'here');
      workspaces.remove = async (issue) => void removed.push(issue);
      const { pullRequests, look, progress, runs } = await inReview({ workspaces });
      await runs.note(issueKey(ISSUE), { place: 'elsewhere' });
      pullRequests.put(PULL, { headCommit: 'd'.repeat(40), mergeBase: 'a'.repeat(40) });
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'One' });

      await look();

      expect(await progress()).toMatchObject({ publishedCommit: 'd'.repeat(40), place: 'nowhere' });
      expect(removed).toEqual([]);
    });

    it('takes several reviews together, and each once', async () => {
      const { pullRequests, look, runs, progress, runAgain, events } = await inReview();
      pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'One' });
      pullRequests.review(PULL, BOB, { verdict: 'commented', remarks: [{ path: 'a', line: null, text: 'Two' }] });
      await look();
      const asked = (await progress()).review?.open.map(({ author }) => author);
      const { review } = await progress();
      await runAgain();
      await runs.note(issueKey(ISSUE), { review: review && { ...review, open: [] } });

      const moved = await look();
      pullRequests.review(PULL, BOB, { verdict: 'commented', text: 'Three' });
      await look();

      expect(asked).toEqual(['ann', 'bob']);
      expect(moved).toBe(false);
      expect((await progress()).review?.open).toMatchObject([{ author: 'bob', isRequest: false, text: 'Three' }]);
      expect(events).toMatchObject([{ round: 1 }, { round: 2 }]);
    });

    it('hears an answer to a remark, though its review is known', async () => {
      const { pullRequests, look, progress } = await inReview();
      const id = pullRequests.review(PULL, ANN, { verdict: 'approved' });
      await look();
      pullRequests.answer(PULL, id, EVE, { path: 'a', line: 1, text: 'Mine instead!' });
      const afterEve = await look();
      pullRequests.answer(PULL, id, BOB, { path: 'a', line: 1, text: 'Rename it' });

      const afterBob = await look();

      expect([afterEve, afterBob]).toEqual([false, true]);
      expect((await progress()).review?.open).toEqual([
        {
          id,
          author: 'bob',
          isRequest: false,
          text: '',
          remarks: [{ path: 'a', line: 1, author: 'bob', text: 'Rename it' }],
        },
      ]);
    });

    it('does not hear those who may not write, nor what was dismissed, is settled, or says nothing', async () => {
      const { pullRequests, look, job } = await inReview();
      pullRequests.review(PULL, EVE, { verdict: 'changes_requested', text: 'Do as I say' });
      const dismissed = pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'No' });
      pullRequests.change(PULL, dismissed, { isDismissed: true });
      const settled = pullRequests.review(PULL, ANN, { verdict: 'commented' });
      pullRequests.resolve(PULL, pullRequests.answer(PULL, settled, ANN, { path: 'a', line: 1, text: 'Done?' }));
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: ' <!-- nothing --> ' });
      const gone = pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'I was here' });
      pullRequests.change(PULL, gone, { author: null });

      expect(await look()).toBe(false);
      expect((await job()).state).toBe('in_review');
    });

    it('does not hear somebody who has the login of another by now', async () => {
      const { pullRequests, look } = await inReview();
      pullRequests.review(PULL, { id: 99, login: 'ann' }, { verdict: 'changes_requested', text: 'I was ann' });

      expect(await look()).toBe(false);
    });

    it('notes nothing where nobody can tell who may be heard, and reads it again', async () => {
      const permissions = people();
      let isAway = true;
      const source = {
        permissionOf: (...asked: Parameters<InMemoryPermissions['permissionOf']>) =>
          isAway ? Promise.reject(new Error('away')) : permissions.permissionOf(...asked),
      };
      const { pullRequests, look, progress } = await inReview({
        entitlement: EntitlementService.alone({ permissions: source, clock: new FakeClock() }),
      });
      pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'No' });

      await expect(look()).rejects.toMatchObject({ code: 'ENTITLEMENT_UNKNOWN' });
      const between = (await progress()).review;
      isAway = false;
      const moved = await look();

      expect(between).toBeNull();
      expect(moved).toBe(true);
    });

    it('begins the round that was noted when the process ended before its job was moved', async () => {
      const { pullRequests, look, runs, job, progress } = await inReview();
      pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'No' });
      await look();
      const { review } = await progress();
      // As the store was between the two writes.
      const fresh = await inReview({ runs, pullRequests });
      await runs.note(issueKey(ISSUE), { review });

      expect(await fresh.look()).toBe(true);
      expect(await fresh.job()).toMatchObject({ state: 'available' });
      expect((await progress()).reviewRounds).toBe(1);
      expect((await job()).state).toBe('available');
    });

    it('asks a person in another way when reviews sent the work back too often', async () => {
      const { pullRequests, look, job, progress, runAgain, runs } = await inReview({ limits: { maxReviewRounds: 1 } });
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'One' });
      await look();
      await runAgain();
      const { review } = await progress();
      await runs.note(issueKey(ISSUE), { review: review && { ...review, open: [] } });
      pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'Two' });

      await look();

      expect(await job()).toMatchObject({
        state: 'needs_attention',
        reason:
          'Reviews sent the work back as often as they may, which is 1 (MAX_REVIEW_ROUNDS). ann commented in review. Say on the issue how to go on.',
      });
      expect(await progress()).toMatchObject({
        stop: { lastRemark: null, isLabelled: false },
        review: { open: [{ text: 'Two' }] },
      });
    });

    it('looks once at a review that it does nothing about', async () => {
      const { pullRequests, look, watch, job } = await inReview();
      let reads = 0;
      const counting: PullRequests = {
        readPullRequest: (ref) => pullRequests.readPullRequest(ref),
        reviewsOf: (ref) => pullRequests.reviewsOf(ref),
        remarksOf: (ref, id) => {
          reads += 1;
          return pullRequests.remarksOf(ref, id);
        },
      };
      Object.assign(watch, {
        options: { ...(watch as unknown as { options: object }).options, pullRequests: counting },
      });
      pullRequests.review(PULL, EVE, { verdict: 'commented', remarks: [{ path: 'a', line: 1, text: 'Hm' }] });

      await look();
      await look();

      expect(reads).toBe(1);
      expect((await job()).state).toBe('in_review');
    });

    it('tells who approves the newest commit, and when that changes', async () => {
      const { pullRequests, look, progress, events } = await inReview();
      pullRequests.review(PULL, BOB, { verdict: 'approved', text: 'Good' });
      const ann = pullRequests.review(PULL, ANN, { verdict: 'approved' });
      pullRequests.review(PULL, EVE, { verdict: 'approved' });
      await look();
      await look();
      const both = (await progress()).review?.approvedBy;
      pullRequests.change(PULL, ann, { isStale: true });

      await look();

      expect(both).toEqual(['ann', 'bob']);
      expect((await progress()).review?.approvedBy).toEqual(['bob']);
      expect(events).toMatchObject([{ approvedBy: ['ann', 'bob'] }, { approvedBy: ['bob'] }]);
    });
  });

  describe('during a round', () => {
    async function inRound() {
      const started = await inReview();
      started.pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'No' });
      await started.look();
      return started;
    }

    it('completes the job when the pull request is merged all the same', async () => {
      const { pullRequests, look, watch, job, progress } = await inRound();
      pullRequests.put(PULL, { state: 'merged', mergedBy: 'ann' });

      const isMerged = await watch.isMerged(await job());
      await look();

      expect(isMerged).toBe(true);
      expect((await job()).state).toBe('completed');
      expect((await progress()).review?.open).toEqual([]);
      expect(await watch.isMerged(await job())).toBe(true);
    });

    it('stops it when the pull request is closed', async () => {
      const { pullRequests, look, job, watch } = await inRound();
      pullRequests.put(PULL, { state: 'closed', mergedBy: null });

      await look();

      expect(await watch.isMerged(await job())).toBe(false);
      expect((await job()).state).toBe('needs_attention');
    });

    it('reads no more reviews', async () => {
      const { pullRequests, look, progress } = await inRound();
      pullRequests.review(PULL, BOB, { verdict: 'commented', text: 'And this' });

      expect(await look()).toBe(false);
      expect((await progress()).review?.open).toHaveLength(1);
    });
  });

  it('finds the job of a pull request, of its own repository only, and while its work is not over', async () => {
    const { watch, queue } = await inReview();
    const found = [
      await watch.jobOf(PULL),
      await watch.jobOf({ ...PULL, number: 5 }),
      await watch.jobOf({ ...PULL, repo: 'other' }),
    ];
    await queue.move({ jobId: issueKey(ISSUE), from: 'in_review', to: 'completed', reason: 'Done.' });

    expect(found.map((job) => job?.id)).toEqual([issueKey(ISSUE), undefined, undefined]);
    expect(await watch.jobOf(PULL)).toBeUndefined();
  });

  it('names once the issues whose job has come into review', async () => {
    const { watch } = await inReview();

    expect([watch.takeArrived(), watch.takeArrived()]).toEqual([[ISSUE], []]);
  });

  it('asks a person too where the process ended between noting too many rounds and stopping', async () => {
    const { pullRequests, look, job, progress, queue, runs } = await inReview({ limits: { maxReviewRounds: 1 } });
    const { verdict, publishedCommit } = await progress();
    await runs.beginReviewRound(issueKey(ISSUE), { seen: [], open: [], approvedBy: [] });
    const { id: jobId } = await queue.require(ISSUE);
    await queue.move({ jobId, from: 'in_review', to: 'available', reason: 'A round.' });
    const claimed = await queue.claim();
    await runs.save(jobId, claimed?.fencingToken ?? 0, { verdict, publishedCommit });
    await queue.move({ jobId, from: 'running', to: 'in_review', reason: 'Published.' });
    pullRequests.review(PULL, ANN, { verdict: 'changes_requested', text: 'Two' });
    const move = queue.move.bind(queue);
    queue.move = () => Promise.reject(new Error('killed'));
    await expect(look()).rejects.toThrow('killed');
    queue.move = move;

    await look();

    expect((await job()).state).toBe('needs_attention');
  });

  it('takes up all remarks of a review, however many', async () => {
    const { pullRequests, look, progress, runAgain, runs } = await inReview();
    const remarks = Array.from({ length: 70 }, (_, at) => ({ path: 'a.ts', line: at + 1, text: `Remark ${at}` }));
    pullRequests.review(PULL, ANN, { verdict: 'commented', text: 'See below', remarks });
    const taken = async () => (await progress()).review?.open.flatMap((feedback) => feedback.remarks) ?? [];

    await look();
    const first = await taken();
    await runAgain();
    const { review } = await progress();
    await runs.note(issueKey(ISSUE), { review: review && { ...review, open: [] } });
    await look();

    expect([first.length, (await taken()).length]).toEqual([60, 10]);
  });
});
