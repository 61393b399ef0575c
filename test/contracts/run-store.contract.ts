import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JobProgress, ReviewRecord, RunStore } from '../../src/orchestration/ports/run-store.port.js';
import type { Verdict } from '../../src/quality-gates/quality-gates.types.js';
import type { FakeClock } from '../../src/testing/index.js';

/** A store to try, empty, the clock that it was given, and the queue whose leases it believes. */
export interface RunStoreOnTrial {
  readonly store: RunStore;
  readonly clock: FakeClock;
  /** Makes the job run under a new token, and answers it. */
  claim(jobId: string): Promise<number>;
  /** Takes the lease away. */
  release(jobId: string): Promise<void>;
  close(): Promise<void>;
}

const JOB = 'acme/web#1';

/** What every RunStore must do. Call it once for each implementation. */
export function describeRunStore(name: string, make: () => Promise<RunStoreOnTrial>): void {
  describe(`${name}, as a RunStore`, () => {
    let trial: RunStoreOnTrial;
    let store: RunStore;
    let clock: FakeClock;

    beforeEach(async () => {
      trial = await make();
      ({ store, clock } = trial);
    });

    afterEach(() => trial.close());

    function start(id: string, fencingToken: number, jobId = JOB): Promise<void> {
      return store.start({ id, jobId, fencingToken, profile: 'sonnet' });
    }

    describe('progress', () => {
      it('is all null and zero for a job that never ran', async () => {
        expect(await store.progress(JOB)).toEqual(UNSTARTED);
      });

      it('gives back everything that was saved', async () => {
        const token = await trial.claim(JOB);

        await store.save(JOB, token, EVERYTHING);

        expect(await store.progress(JOB)).toEqual({ jobId: JOB, ...EVERYTHING });
      });

      it('replaces the named fields alone, with null too', async () => {
        const token = await trial.claim(JOB);
        await store.save(JOB, token, EVERYTHING);

        await store.save(JOB, token, { rejections: 4, session: null, verdict: null, peakTokens: null });

        expect(await store.progress(JOB)).toEqual({
          jobId: JOB,
          ...EVERYTHING,
          rejections: 4,
          session: null,
          verdict: null,
          peakTokens: null,
        });
      });

      it('begins at zero where the first save names one field', async () => {
        const token = await trial.claim(JOB);

        await store.save(JOB, token, { branch: 'coordinator/1-fix' });

        expect(await store.progress(JOB)).toEqual({ ...UNSTARTED, branch: 'coordinator/1-fix' });
      });

      it('stays as it is when nothing is named', async () => {
        const token = await trial.claim(JOB);
        await store.save(JOB, token, EVERYTHING);

        await store.save(JOB, token, {});

        expect(await store.progress(JOB)).toEqual({ jobId: JOB, ...EVERYTHING });
      });

      it('is each job’s own', async () => {
        await store.save(JOB, await trial.claim(JOB), { rejections: 1 });
        await store.save('acme/web#2', await trial.claim('acme/web#2'), { rejections: 2 });

        expect((await store.progress(JOB)).rejections).toBe(1);
        expect((await store.progress('acme/web#2')).rejections).toBe(2);
      });

      it('outlives the lease under which it was saved', async () => {
        await store.save(JOB, await trial.claim(JOB), { rejections: 3 });
        await trial.release(JOB);

        expect((await store.progress(JOB)).rejections).toBe(3);
      });

      it('is a picture that does not change with the store', async () => {
        const token = await trial.claim(JOB);
        const before = await store.progress(JOB);

        await store.save(JOB, token, { rejections: 1 });

        expect(before.rejections).toBe(0);
      });
    });

    describe('the fence', () => {
      it('refuses a token that a later claim has replaced, and changes nothing', async () => {
        const stale = await trial.claim(JOB);
        await trial.release(JOB);
        const current = await trial.claim(JOB);
        await store.save(JOB, current, { rejections: 1 });

        const save = store.save(JOB, stale, { rejections: 9 });

        await expect(save).rejects.toMatchObject({
          code: 'QUEUE_LEASE_LOST',
          message: expect.stringContaining(JOB),
        });
        expect((await store.progress(JOB)).rejections).toBe(1);
      });

      it('refuses the newest token once the job no longer runs', async () => {
        const token = await trial.claim(JOB);
        await trial.release(JOB);

        await expect(store.save(JOB, token, { rejections: 9 })).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
        expect(await store.progress(JOB)).toEqual(UNSTARTED);
      });

      it('refuses a token no claim has given yet, and a job that does not exist', async () => {
        const token = await trial.claim(JOB);

        await expect(store.save(JOB, token + 1, {})).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
        await expect(store.save('acme/web#404', 1, {})).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
      });
    });

    describe('addSpend', () => {
      const SPEND = { inputTokens: 10, outputTokens: 20, cacheReadTokens: 30, cacheWriteTokens: 40 };

      it('adds to what was spent, and changes nothing else', async () => {
        await store.save(JOB, await trial.claim(JOB), EVERYTHING);

        await store.addSpend(JOB, SPEND);

        expect(await store.progress(JOB)).toEqual({
          jobId: JOB,
          ...EVERYTHING,
          spend: { inputTokens: 12_000_000_010, outputTokens: 22, cacheReadTokens: 33, cacheWriteTokens: 44 },
        });
      });

      it('begins at zero, and needs no lease', async () => {
        await store.addSpend(JOB, SPEND);

        expect(await store.progress(JOB)).toEqual({ ...UNSTARTED, spend: SPEND });
      });

      it('loses nothing of what is added at the same time', async () => {
        await Promise.all(Array.from({ length: 5 }, () => store.addSpend(JOB, SPEND)));

        expect((await store.progress(JOB)).spend).toEqual({
          inputTokens: 50,
          outputTokens: 100,
          cacheReadTokens: 150,
          cacheWriteTokens: 200,
        });
      });
    });

    describe('resetRounds', () => {
      it('forgets base commit, counters, session, its occupancy and verdict, and keeps the rest', async () => {
        await store.save(JOB, await trial.claim(JOB), EVERYTHING);
        await trial.release(JOB);

        await store.resetRounds(JOB);

        expect(await store.progress(JOB)).toEqual({
          jobId: JOB,
          ...EVERYTHING,
          baseCommit: null,
          session: null,
          rejections: 0,
          compactions: 0,
          handOvers: 0,
          usedTokens: null,
          usableTokens: null,
          verdict: null,
          startsWithoutProgress: 0,
          gatedCommit: null,
          turns: 0,
          workedMs: 0,
          fingerprints: [],
          stop: null,
          reviewRounds: 0,
        });
      });

      it('changes nothing of a job that never ran', async () => {
        await store.resetRounds(JOB);

        expect(await store.progress(JOB)).toEqual(UNSTARTED);
      });
    });

    describe('beginReviewRound', () => {
      const REVIEW: ReviewRecord = { seen: [{ id: 32, comments: [] }], open: [], approvedBy: [] };

      it('keeps what reviews ask for, counts the round, and forgets counters and verdict', async () => {
        await store.save(JOB, await trial.claim(JOB), EVERYTHING);
        await trial.release(JOB);

        await store.beginReviewRound(JOB, REVIEW);

        expect(await store.progress(JOB)).toEqual({
          jobId: JOB,
          ...EVERYTHING,
          rejections: 0,
          compactions: 0,
          handOvers: 0,
          verdict: null,
          startsWithoutProgress: 0,
          turns: 0,
          workedMs: 0,
          fingerprints: [],
          stop: null,
          review: REVIEW,
          reviewRounds: 4,
        });
      });

      it('counts from one for a job that never ran', async () => {
        await store.beginReviewRound(JOB, REVIEW);

        expect(await store.progress(JOB)).toEqual({ ...UNSTARTED, review: REVIEW, reviewRounds: 1 });
      });
    });

    describe('note', () => {
      const DRAFT = { branch: 'coordinator/wip/1-fix', commit: 'e'.repeat(40) };

      it('replaces the named fields alone, whoever holds the job', async () => {
        await store.save(JOB, await trial.claim(JOB), EVERYTHING);
        await trial.release(JOB);

        await store.note(JOB, { draft: DRAFT });
        await store.note(JOB, { stop: null });

        expect(await store.progress(JOB)).toEqual({ jobId: JOB, ...EVERYTHING, draft: DRAFT, stop: null });
      });

      it('begins at zero', async () => {
        await store.note(JOB, { draft: DRAFT });

        expect(await store.progress(JOB)).toEqual({ ...UNSTARTED, draft: DRAFT });
      });
    });

    describe('jobsOfPullRequest', () => {
      const at = (number: number, repo = 'web') => ({ owner: 'Acme', repo, number });
      const opened = (jobId: string, number: number) =>
        store.note(jobId, { pullRequest: { number, url: `https://gitea.example.org/pulls/${number}` } });

      it('finds the jobs whose pull request it is, in its repository alone', async () => {
        await opened('acme/web#1', 5);
        await opened('acme/web#2', 55);
        await opened('acme/api#1', 5);
        await opened('acme/web#3', 5);

        expect((await store.jobsOfPullRequest(at(5))).toSorted()).toEqual(['acme/web#1', 'acme/web#3']);
        expect(await store.jobsOfPullRequest(at(5, 'api'))).toEqual(['acme/api#1']);
        expect(await store.jobsOfPullRequest(at(6))).toEqual([]);
      });

      it('goes by the newest pull request of a job', async () => {
        await opened('acme/web#1', 5);
        await opened('acme/web#1', 7);
        await opened('acme/web#2', 8);
        await store.note('acme/web#2', { pullRequest: null });

        expect(await store.jobsOfPullRequest(at(5))).toEqual([]);
        expect(await store.jobsOfPullRequest(at(7))).toEqual(['acme/web#1']);
        expect(await store.jobsOfPullRequest(at(8))).toEqual([]);
      });
    });

    describe('runs', () => {
      it('notes the beginning and the end of a run', async () => {
        const startedAt = clock.now();
        await start('run-1', 1);
        expect(await store.runs(JOB)).toEqual([
          {
            id: 'run-1',
            jobId: JOB,
            fencingToken: 1,
            profile: 'sonnet',
            startedAt,
            endedAt: null,
            outcome: null,
            reason: null,
          },
        ]);
        clock.advance(1_000);

        await store.end('run-1', 'in_review', 'Opened #5');

        expect(await store.runs(JOB)).toMatchObject([
          { id: 'run-1', startedAt, endedAt: startedAt + 1_000, outcome: 'in_review', reason: 'Opened #5' },
        ]);
      });

      it('gives the runs of one job, newest first, even of one moment', async () => {
        for (const [at, id] of ['run-b', 'run-c', 'run-a'].entries()) await start(id, at + 1);
        await start('run-other', 1, 'acme/web#2');

        expect((await store.runs(JOB)).map((run) => run.id)).toEqual(['run-a', 'run-c', 'run-b']);
        expect(await store.runs('acme/web#404')).toEqual([]);
      });

      it('ends a run that never ended when the next of its job begins, and no other', async () => {
        await start('run-1', 1);
        await store.end('run-1', 'retryable', 'Overloaded');
        await start('run-2', 2);
        await start('run-other', 2, 'acme/web#2');
        clock.advance(1_000);

        await start('run-3', 3);

        expect(await store.runs(JOB)).toMatchObject([
          { id: 'run-3', endedAt: null, outcome: null },
          { id: 'run-2', endedAt: clock.now(), outcome: 'interrupted', reason: expect.stringContaining('run-3') },
          { id: 'run-1', outcome: 'retryable', reason: 'Overloaded' },
        ]);
        expect(await store.runs('acme/web#2')).toMatchObject([{ id: 'run-other', endedAt: null }]);
      });

      it('refuses a late run under an older token than that of a newer one, ended or not', async () => {
        await start('run-2', 2);

        await expect(start('run-1', 1)).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
        await store.end('run-2', 'in_review', 'Opened #5');
        await expect(start('run-1', 1)).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });

        expect(await store.runs(JOB)).toMatchObject([{ id: 'run-2', outcome: 'in_review' }]);
      });

      it('leaves an ended run as it ended', async () => {
        await start('run-1', 1);
        await store.end('run-1', 'needs_attention', 'Rejected five times');
        clock.advance(5);

        await store.end('run-1', 'in_review', 'Too late');

        expect(await store.runs(JOB)).toMatchObject([{ outcome: 'needs_attention', reason: 'Rejected five times' }]);
      });

      it('changes nothing when a run begins a second time, or one ends that it does not know', async () => {
        await start('run-1', 1);
        await store.end('run-1', 'cancelled', 'Unassigned');

        await start('run-1', 1);
        await store.end('run-404', 'cancelled', 'Unassigned');

        expect(await store.runs(JOB)).toMatchObject([{ id: 'run-1', outcome: 'cancelled' }]);
      });
    });
  });
}

const UNSTARTED: JobProgress = {
  jobId: JOB,
  baseCommit: null,
  baseBranch: null,
  branch: null,
  headCommit: null,
  publishedCommit: null,
  session: null,
  rejections: 0,
  compactions: 0,
  handOvers: 0,
  spend: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  peakTokens: null,
  usedTokens: null,
  usableTokens: null,
  verdict: null,
  pullRequest: null,
  startsWithoutProgress: 0,
  gatedCommit: null,
  turns: 0,
  workedMs: 0,
  fingerprints: [],
  rounds: [],
  draft: null,
  stop: null,
  review: null,
  reviewRounds: 0,
  place: null,
  maxRejections: null,
};

const VERDICT: Verdict = {
  commit: 'c'.repeat(40),
  passed: false,
  fault: 'change',
  summary: 'test failed: 2 of 31',
  results: [
    {
      gate: 'test',
      passed: false,
      fault: 'change',
      summary: '2 of 31 failed',
      argv: ['npm', 'test'],
      exitCode: 1,
      durationMs: 4_200.5,
      testsRun: 31,
      testsFailed: 2,
      coveredPercent: null,
      evidence: 'not ok 7 - rounds ½ up\n\u001b[31m"quoted"\u001b[0m',
      origin: 'package.json scripts.test',
    },
  ],
  decidedAt: 1_700_000_000_000,
};

const EVERYTHING: Omit<JobProgress, 'jobId'> = {
  baseCommit: 'a'.repeat(40),
  baseBranch: 'main',
  branch: 'coordinator/1-fix',
  headCommit: 'b'.repeat(40),
  publishedCommit: 'c'.repeat(40),
  session: { runtime: 'embedded', id: 'session-7' },
  rejections: 2,
  compactions: 3,
  handOvers: 1,
  spend: { inputTokens: 12_000_000_000, outputTokens: 2, cacheReadTokens: 3, cacheWriteTokens: 4 },
  peakTokens: 150_000,
  usedTokens: 120_000,
  usableTokens: 167_000,
  verdict: VERDICT,
  pullRequest: { number: 5, url: 'https://gitea.example.org/acme/web/pulls/5' },
  startsWithoutProgress: 3,
  gatedCommit: 'd'.repeat(40),
  turns: 12,
  workedMs: 90_000_000_000,
  fingerprints: ['f1', 'f2'],
  rounds: [{ commit: 'b'.repeat(40), why: 'test “failed”', failed: ['test: adds'], changed: '1 file changed', at: 5 }],
  draft: { branch: 'coordinator/wip/1-a', commit: 'b'.repeat(40) },
  stop: { lastRemark: 7, isLabelled: true, closedPullRequest: 5 },
  review: {
    seen: [{ id: 31, comments: [41, 42] }],
    open: [
      {
        id: 31,
        author: 'ann',
        isRequest: true,
        text: 'Not “so”',
        remarks: [{ path: 'src/a b.ts', line: null, author: 'ann', text: 'why?' }],
      },
    ],
    approvedBy: ['bob'],
  },
  reviewRounds: 3,
  place: '0b54d7de-place',
  maxRejections: 4,
};
