import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { issueKey, parseIssueRef } from '../../src/kernel/index.js';
import { JOB_STATES, type JobState } from '../../src/queue/job-states.js';
import type { JobStore } from '../../src/queue/job-store.port.js';
import type { Blocker, ClaimLimits, ClaimRequest, Job, JobDraft, JobPage } from '../../src/queue/queue.types.js';
import type { FakeClock } from '../../src/testing/index.js';

/** A store to try, empty, and the clock that it was given. */
export interface JobStoreOnTrial {
  readonly store: JobStore;
  readonly clock: FakeClock;
  close(): Promise<void>;
}

const UNLIMITED: ClaimLimits = { global: 1000, perRepository: 1000, perProfile: {} };

/** What every JobStore must do. Call it once for each implementation. */
export function describeJobStore(name: string, make: () => Promise<JobStoreOnTrial>): void {
  describe(`${name}, as a JobStore`, () => {
    let trial: JobStoreOnTrial;
    let store: JobStore;
    let clock: FakeClock;

    beforeEach(async () => {
      trial = await make();
      ({ store, clock } = trial);
    });

    afterEach(() => trial.close());

    /** `acme/web#1` as a draft. A blocker is written `acme/web#2`, or `acme/web#2 finished`. */
    function draft(ref: string, blockedBy: readonly string[] = [], change: Partial<JobDraft> = {}): JobDraft {
      const issue = parseIssueRef(ref);
      const blockers = blockedBy.map((text): Blocker => {
        const [blocker = '', word] = text.split(' ');
        return { issue: parseIssueRef(blocker), isFinished: word === 'finished' };
      });
      return { issue, title: `Issue ${ref}`, profile: 'sonnet', priority: 0, blockers, details: {}, ...change };
    }

    async function put(ref: string, blockedBy: readonly string[] = [], change: Partial<JobDraft> = {}): Promise<Job> {
      return (await store.put(draft(ref, blockedBy, change), 'Assigned')).job;
    }

    function claim(change: Partial<ClaimRequest> = {}): Promise<Job | undefined> {
      return store.claim({ holder: 'holder-1', leaseMs: 10_000, limits: UNLIMITED, ...change });
    }

    async function putAndClaim(ref: string, change: Partial<ClaimRequest> = {}): Promise<Job> {
      await put(ref);
      const job = await claim(change);
      if (job?.id !== ref) throw new Error(`Expected to claim ${ref}, got ${job?.id ?? 'nothing'}`);
      return job;
    }

    /** Claims until there is no more, and says which came in which order. */
    async function claimAll(change: Partial<ClaimRequest> = {}): Promise<string[]> {
      const ids: string[] = [];
      for (let job = await claim(change); job !== undefined; job = await claim(change)) ids.push(job.id);
      return ids;
    }

    async function stateOf(id: string): Promise<JobState | undefined> {
      return (await store.find(id))?.state;
    }

    async function complete(id: string) {
      const from = (await stateOf(id)) ?? 'available';
      return store.move({ jobId: id, from, to: 'completed', reason: 'Merged' });
    }

    function unfinished(job: Job | undefined): string[] {
      const open = (job?.blockers ?? []).filter((blocker) => !blocker.isFinished);
      return open.map((blocker) => issueKey(blocker.issue)).sort();
    }

    function sortedIds(changes: readonly { readonly job: Job }[]): string[] {
      return changes.map((change) => change.job.id).sort();
    }

    describe('put', () => {
      it('makes a job without blockers available', async () => {
        const change = await store.put(
          draft('acme/web#1', [], { title: 'Fix it', profile: 'glm', priority: 3, details: { a: [1, { b: null }] } }),
          'Assigned to the bot',
        );

        expect(change).toEqual({
          from: null,
          job: {
            id: 'acme/web#1',
            issue: { owner: 'acme', repo: 'web', number: 1 },
            title: 'Fix it',
            profile: 'glm',
            priority: 3,
            blockers: [],
            details: { a: [1, { b: null }] },
            state: 'available',
            reason: 'Assigned to the bot',
            fencingToken: 0,
            lease: null,
            notBefore: null,
            waitMs: null,
            failures: 0,
            createdAt: clock.now(),
            updatedAt: clock.now(),
          },
        });
        expect(await store.find('acme/web#1')).toEqual(change.job);
      });

      it('makes a job with an unfinished blocker pending', async () => {
        const job = await put('acme/web#1', ['acme/web#2', 'acme/api#3 finished']);

        expect(job).toMatchObject({ state: 'pending', reason: 'Assigned' });
        expect([...job.blockers].sort((a, b) => a.issue.number - b.issue.number)).toEqual([
          { issue: { owner: 'acme', repo: 'web', number: 2 }, isFinished: false },
          { issue: { owner: 'acme', repo: 'api', number: 3 }, isFinished: true },
        ]);
      });

      it('makes a job whose blockers are all finished available', async () => {
        expect((await put('acme/web#1', ['acme/web#2 finished', 'acme/api#3 finished'])).state).toBe('available');
      });

      it('takes names that differ in case for one issue', async () => {
        await put('Acme/Web#1');
        const change = await store.put(draft('acme/WEB#1'), 'Again');

        expect(change).toMatchObject({ from: 'available', job: { id: 'acme/web#1' } });
        expect(await store.list({})).toHaveLength(1);

        await put('acme/api#2', ['ACME/wEb#1']);
        await complete('acme/web#1');
        expect(await stateOf('acme/api#2')).toBe('available');
      });

      it('replaces what a job says and keeps its state', async () => {
        const running = await putAndClaim('acme/web#1');
        clock.advance(5);

        const change = await store.put(
          draft('acme/web#1', ['acme/web#2'], { title: 'Other', profile: 'opus', priority: 9, details: { x: 1 } }),
          'Edited',
        );

        expect(change.from).toBe('running');
        expect(change.job).toEqual({
          ...running,
          title: 'Other',
          profile: 'opus',
          priority: 9,
          blockers: [{ issue: { owner: 'acme', repo: 'web', number: 2 }, isFinished: false }],
          details: { x: 1 },
          updatedAt: clock.now(),
        });
        expect(await store.find('acme/web#1')).toEqual(change.job);
      });

      it('lets an available job follow new blockers, and a pending one their absence', async () => {
        await put('acme/web#1');

        const blocked = await store.put(draft('acme/web#1', ['acme/web#2']), 'Now blocked');
        const freed = await store.put(draft('acme/web#1'), 'No longer blocked');

        expect(blocked).toMatchObject({ from: 'available', job: { state: 'pending', reason: 'Now blocked' } });
        expect(freed).toMatchObject({ from: 'pending', job: { state: 'available', reason: 'No longer blocked' } });
        expect((await store.history('acme/web#1')).map((row) => row.to)).toEqual(['available', 'pending', 'available']);
      });

      it('keeps the reason and writes no history when the state stays', async () => {
        await put('acme/web#1');

        const again = await store.put(draft('acme/web#1'), 'Once more');

        expect(again).toMatchObject({ from: 'available', job: { state: 'available', reason: 'Assigned' } });
        expect(await store.history('acme/web#1')).toHaveLength(1);
      });

      it('keeps failures, token and time of creation', async () => {
        const { fencingToken, createdAt } = await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'available', reason: 'Failed', failures: 2 });
        clock.advance(1000);

        expect(await put('acme/web#1')).toMatchObject({ failures: 2, fencingToken, createdAt });
      });

      it.each(['retryable', 'in_review', 'completed', 'needs_attention', 'cancelled'] as const)(
        'leaves a job that is %s as it is, blocked or not',
        async (state) => {
          await putAndClaim('acme/web#1');
          await store.move({ jobId: 'acme/web#1', from: 'running', to: state, reason: 'There' });

          const blocked = await store.put(draft('acme/web#1', ['acme/web#2']), 'Again');
          const free = await store.put(draft('acme/web#1'), 'Again');

          expect(blocked).toMatchObject({ from: state, job: { state, reason: 'There' } });
          expect(free).toMatchObject({ from: state, job: { state, reason: 'There' } });
        },
      );

      it('believes the draft about a blocker, even against what it was told before', async () => {
        await put('acme/web#1', ['acme/web#9']);
        await store.settleBlocker('acme/web#9', true);

        const reopened = await put('acme/web#1', ['acme/web#9']);
        const finished = await put('acme/web#1', ['acme/web#9 finished']);

        expect([reopened.state, finished.state]).toEqual(['pending', 'available']);
      });

      it('believes a draft for its own job alone', async () => {
        await put('acme/web#1', ['acme/web#9']);

        await put('acme/web#2', ['acme/web#9 finished']);

        expect(await stateOf('acme/web#1')).toBe('pending');
      });

      it("believes the draft even against the blocker's own job, whose issue may be open again", async () => {
        await put('acme/web#9');
        await complete('acme/web#9');

        const job = await put('acme/web#1', ['acme/web#9']);

        expect(job.state).toBe('pending');
        expect(unfinished(job)).toEqual(['acme/web#9']);
      });

      it('takes a blocker named twice for one, finished only if both say so', async () => {
        const job = await put('acme/web#1', ['acme/web#9 finished', 'Acme/Web#9', 'acme/web#9 finished']);

        expect(job.blockers).toHaveLength(1);
        expect(unfinished(job)).toEqual(['acme/web#9']);
      });

      it('lets a job block itself, until an edit frees it', async () => {
        expect((await put('acme/web#1', ['acme/web#1'])).state).toBe('pending');
        expect((await put('acme/web#1')).state).toBe('available');
      });

      it('creates one job when several callers come at once', async () => {
        const changes = await Promise.all(Array.from({ length: 10 }, () => store.put(draft('acme/web#1'), 'Assigned')));

        expect(changes.filter((change) => change.from === null)).toHaveLength(1);
        expect(await store.list({})).toHaveLength(1);
        expect(await store.history('acme/web#1')).toHaveLength(1);
      });

      it('keeps what was put, whatever is done to its answers', async () => {
        const details = { nested: { list: [1] } };
        const scribble = (job: Job | undefined) => (job?.details as typeof details | undefined)?.nested.list.push(2);

        scribble(await put('acme/web#1', [], { details }));
        scribble(await store.find('acme/web#1'));
        scribble((await store.list({}))[0]);
        const claimed = await claim();
        scribble(claimed);
        const moved = await store.move({ jobId: 'acme/web#1', from: 'running', to: 'completed', reason: 'Merged' });
        scribble(moved.job);

        expect(await store.find('acme/web#1')).toMatchObject({ details: { nested: { list: [1] } } });
        expect(claimed?.state).toBe('running');
      });

      it('keeps what was put, though the caller changes it afterwards', async () => {
        const details = { nested: { list: [1] } };
        await put('acme/web#1', [], { details });
        details.nested.list.push(2);

        expect(await store.find('acme/web#1')).toMatchObject({ details: { nested: { list: [1] } } });
      });
    });

    describe('find and list', () => {
      it('finds nothing under an unknown id', async () => {
        expect(await store.find('acme/web#404')).toBeUndefined();
      });

      it('lists by priority, then issue number, then id', async () => {
        await put('acme/web#10');
        await put('acme/web#9');
        await put('acme/api#9');
        await put('acme/web#30', [], { priority: 1 });
        await put('acme/web#1', [], { priority: -1 });
        await put('acme/web#2', ['acme/web#3'], { priority: 1 });

        const ids = (await store.list({})).map((job) => job.id);

        expect(ids).toEqual(['acme/web#2', 'acme/web#30', 'acme/api#9', 'acme/web#9', 'acme/web#10', 'acme/web#1']);
      });

      it('lists only the states asked for, and only so many', async () => {
        for (const number of [1, 2, 3, 4]) await put(`acme/web#${number}`);
        await put('acme/web#5', ['acme/web#6']);
        await claim();
        const ids = async (filter: Parameters<JobStore['list']>[0]) => (await store.list(filter)).map((job) => job.id);

        expect(await ids({ states: ['available'] })).toEqual(['acme/web#2', 'acme/web#3', 'acme/web#4']);
        expect(await ids({ states: ['pending', 'running'] })).toEqual(['acme/web#1', 'acme/web#5']);
        expect(await ids({ states: ['available'], limit: 2 })).toEqual(['acme/web#2', 'acme/web#3']);
        expect(await ids({ limit: 1 })).toEqual(['acme/web#1']);
        expect(await ids({ states: [] })).toEqual([]);
      });

      it('lists only what was changed since a moment, that moment included', async () => {
        await put('acme/web#1');
        clock.advance(10);
        await put('acme/web#2');
        const since = clock.now();
        clock.advance(10);
        await put('acme/web#3');
        await complete('acme/web#1');
        const ids = async (filter: Parameters<JobStore['list']>[0]) => (await store.list(filter)).map((job) => job.id);

        expect(await ids({ changedSince: since })).toEqual(['acme/web#1', 'acme/web#2', 'acme/web#3']);
        expect(await ids({ changedSince: since, states: ['available'] })).toEqual(['acme/web#2', 'acme/web#3']);
        expect(await ids({ changedSince: since + 1 })).toEqual(['acme/web#1', 'acme/web#3']);
        expect(await ids({ changedSince: since + 11 })).toEqual([]);
      });

      it('goes through the jobs whose work is not over by their ids, page by page', async () => {
        for (const number of [3, 1, 4, 2]) await put(`acme/web#${number}`, [], { priority: number });
        await put('acme/web#5', ['acme/web#9']);
        await store.move({ jobId: 'acme/web#2', from: 'available', to: 'cancelled', reason: 'Taken away' });
        const pages: string[][] = [];
        for (let after: string | null = null, isOver = false; !isOver && pages.length < 9;) {
          const page: JobPage = await store.unsettled(after, 2);
          pages.push(page.jobs.map(({ id, blockers }) => `${id} behind ${blockers.length}`));
          after = page.next;
          isOver = after === null;
        }

        const open = ['acme/web#1 behind 0', 'acme/web#3 behind 0', 'acme/web#4 behind 0', 'acme/web#5 behind 1'];
        expect(pages.slice(0, 2)).toEqual([open.slice(0, 2), open.slice(2)]);
        expect(pages.flat()).toEqual(open);
        expect((await store.unsettled(null, 5)).next).toBeNull();
        expect(await store.unsettled('acme/web#5', 2)).toEqual({ jobs: [], next: null });
      });

      it('lists blockers with each job', async () => {
        await put('acme/web#1', ['acme/web#7', 'acme/web#8']);
        await put('acme/web#2', ['acme/web#7']);

        expect((await store.list({})).map(unfinished)).toEqual([['acme/web#7', 'acme/web#8'], ['acme/web#7']]);
      });
    });

    describe('claim', () => {
      it('answers undefined when nothing is available', async () => {
        await put('acme/web#1', ['acme/web#2']);

        expect(await claim()).toBeUndefined();
      });

      it('makes the job running, with a lease and a token one higher', async () => {
        const before = await put('acme/web#1');
        clock.advance(500);

        const job = await claim({ holder: 'host:7', leaseMs: 30_000 });

        expect(job).toEqual({
          ...before,
          state: 'running',
          reason: expect.stringContaining('host:7'),
          fencingToken: 1,
          lease: { holder: 'host:7', endsAt: clock.now() + 30_000 },
          updatedAt: clock.now(),
        });
        expect(await store.find('acme/web#1')).toEqual(job);
      });

      it('gives each claim of a job a token one higher', async () => {
        await put('acme/web#1');
        const tokens: (number | undefined)[] = [];
        for (let round = 0; round < 3; round++) {
          tokens.push((await claim())?.fencingToken);
          await store.move({ jobId: 'acme/web#1', from: 'running', to: 'available', reason: 'Again' });
        }

        expect(tokens).toEqual([1, 2, 3]);
      });

      it('hands a job to one claimant only', async () => {
        await put('acme/web#1');

        const claimed = await Promise.all([claim(), claim(), claim(), claim()]);

        expect(claimed.filter((job) => job !== undefined)).toHaveLength(1);
      });

      it('hands out each job once among many claimants', async () => {
        for (let number = 1; number <= 10; number++) await put(`acme/web#${number}`);

        const claimed = await Promise.all(Array.from({ length: 20 }, (_, at) => claim({ holder: `holder-${at}` })));

        const ids = claimed.flatMap((job) => job?.id ?? []);
        expect(ids).toHaveLength(10);
        expect(new Set(ids).size).toBe(10);
      });

      it('takes the highest priority first, then the lowest issue number, then the id', async () => {
        await put('acme/web#12');
        await put('acme/web#3');
        await put('acme/web#20', [], { priority: 5 });
        await put('acme/web#1', [], { priority: -2 });

        expect(await claimAll()).toEqual(['acme/web#20', 'acme/web#3', 'acme/web#12', 'acme/web#1']);
      });

      it('takes the lower id where number and all else are equal', async () => {
        await put('b/x#1');
        await put('a/x#1');
        await put('a/w#1');

        expect(await claimAll()).toEqual(['a/w#1', 'a/x#1', 'b/x#1']);
      });

      it('prefers the repository with the fewest running jobs, among equal priorities', async () => {
        for (const ref of ['acme/web#1', 'acme/web#2', 'acme/web#3', 'acme/api#8', 'acme/api#9']) await put(ref);
        await put('acme/web#50', [], { priority: 1 });

        expect(await claimAll()).toEqual([
          'acme/web#50',
          'acme/api#8',
          'acme/web#1',
          'acme/api#9',
          'acme/web#2',
          'acme/web#3',
        ]);
      });

      it('counts only jobs that run when it compares repositories', async () => {
        await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'in_review', reason: 'Done' });
        await put('acme/web#2');
        await put('acme/api#3');

        expect(await claim()).toMatchObject({ id: 'acme/web#2' });
      });

      it('keeps the global limit, also among many claimants', async () => {
        for (let number = 1; number <= 9; number++) await put(`acme/r${number}#${number}`);
        const limits = { ...UNLIMITED, global: 3 };

        const claimed = await Promise.all(Array.from({ length: 9 }, () => claim({ limits })));

        expect(claimed.filter((job) => job !== undefined)).toHaveLength(3);
        expect(await claim({ limits })).toBeUndefined();
        expect(await claim({ limits: { ...limits, global: 4 } })).toBeDefined();
      });

      it('keeps the limit of each repository, whatever the case of its name', async () => {
        await put('acme/web#1');
        await put('ACME/Web#2');
        await put('acme/web#3');
        await put('acme/api#4');
        const limits = { ...UNLIMITED, perRepository: 2 };

        expect(await claimAll({ limits })).toEqual(['acme/web#1', 'acme/api#4', 'acme/web#2']);

        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'in_review', reason: 'Done' });
        expect(await claimAll({ limits })).toEqual(['acme/web#3']);
      });

      it('keeps the limit of each profile that has one', async () => {
        await put('a/a#1', [], { profile: 'opus', priority: 1 });
        await put('b/b#2', [], { profile: 'opus', priority: 1 });
        await put('c/c#3', [], { profile: 'glm' });
        await put('d/d#4', [], { profile: 'glm' });
        await put('e/e#5', [], { profile: 'haiku' });

        const ids = await claimAll({ limits: { ...UNLIMITED, perProfile: { opus: 1, haiku: 0 } } });

        expect(ids).toEqual(['a/a#1', 'c/c#3', 'd/d#4']);
      });

      it('keeps each limit among many claimants', async () => {
        for (let number = 1; number <= 6; number++) {
          await put(`acme/web#${number}`, [], { profile: number % 2 === 0 ? 'opus' : 'glm' });
          await put(`acme/api#${number}`, [], { profile: 'opus' });
        }
        const limits = { global: 1000, perRepository: 2, perProfile: { opus: 1 } };

        const claimed = await Promise.all(Array.from({ length: 12 }, () => claim({ limits })));

        const jobs = claimed.flatMap((job) => job ?? []);
        expect(jobs.filter((job) => job.profile === 'opus')).toHaveLength(1);
        expect(jobs.filter((job) => job.issue.repo === 'web').length).toBeLessThanOrEqual(2);
        expect(await claim({ limits })).toBeUndefined();
      });

      it('counts a running job whose lease has ended, until it is reopened', async () => {
        await putAndClaim('acme/web#1');
        await put('acme/web#2');
        clock.advance(60_000);

        expect(await claim({ limits: { ...UNLIMITED, global: 1 } })).toBeUndefined();
      });

      it('leaves out the profiles that are excluded', async () => {
        await put('acme/web#1', [], { profile: 'opus' });
        await put('acme/web#2', [], { profile: 'glm' });
        await put('acme/web#3', [], { profile: 'haiku' });

        expect(await claimAll({ excludedProfiles: ['opus', 'haiku'] })).toEqual(['acme/web#2']);
        expect(await claimAll({ excludedProfiles: [] })).toEqual(['acme/web#1', 'acme/web#3']);
      });

      it('goes by what the latest put said', async () => {
        await put('acme/web#1');
        await put('acme/web#2');
        await put('acme/web#2', [], { priority: 1, profile: 'opus' });

        expect(await claim({ excludedProfiles: ['sonnet'] })).toMatchObject({ id: 'acme/web#2' });
      });

      it('counts a running job against the profile that its latest put names', async () => {
        await putAndClaim('acme/web#1');
        await put('acme/web#1', [], { profile: 'opus' });
        await put('acme/web#2', [], { profile: 'opus' });
        await put('acme/web#3');

        expect(await claimAll({ limits: { ...UNLIMITED, perProfile: { opus: 1, sonnet: 1 } } })).toEqual([
          'acme/web#3',
        ]);
      });

      it('never takes a job in another state than available', async () => {
        await put('acme/web#1', ['acme/web#99']);
        for (const [at, to] of (
          ['retryable', 'in_review', 'completed', 'needs_attention', 'cancelled'] as const
        ).entries()) {
          const { id } = await putAndClaim(`acme/web#${at + 2}`);
          await store.move({ jobId: id, from: 'running', to, reason: 'Stop' });
        }

        expect(await claim()).toBeUndefined();
      });
    });

    describe('move', () => {
      it('changes state, reason and time, and says where the job came from', async () => {
        const before = await putAndClaim('acme/web#1');
        clock.advance(7);

        const change = await store.move({
          jobId: 'acme/web#1',
          from: ['available', 'running'],
          to: 'in_review',
          reason: 'Opened #5',
          fencingToken: 1,
        });

        expect(change).toEqual({
          from: 'running',
          job: { ...before, state: 'in_review', reason: 'Opened #5', lease: null, updatedAt: clock.now() },
          followers: [],
        });
        expect(await store.find('acme/web#1')).toEqual(change.job);
      });

      it('gives a retryable job its time, and takes it when the job leaves', async () => {
        await putAndClaim('acme/web#1');
        const at = clock.now() + 60_000;

        const waits = await store.move({
          jobId: 'acme/web#1',
          from: 'running',
          to: 'retryable',
          fencingToken: 1,
          reason: 'Overloaded',
          waitMs: 60_000,
          failures: 3,
        });
        const left = await store.move({ jobId: 'acme/web#1', from: 'retryable', to: 'available', reason: 'Now' });

        expect(waits.job).toMatchObject({
          state: 'retryable',
          notBefore: at,
          waitMs: 60_000,
          failures: 3,
          lease: null,
        });
        expect(left.job).toMatchObject({ state: 'available', notBefore: null, waitMs: null, failures: 3 });
      });

      it('takes the present for the time of a retryable job that is given none, and drops one given for another state', async () => {
        await putAndClaim('acme/web#1');
        await putAndClaim('acme/web#2');
        const now = clock.now();

        const retryable = await store.move({ jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'Soon' });
        const available = await store.move({
          jobId: 'acme/web#2',
          from: 'running',
          to: 'available',
          reason: 'Back',
          waitMs: 5,
        });

        expect([retryable.job.notBefore, available.job.notBefore]).toEqual([now, null]);
      });

      it('sets failures back to zero', async () => {
        await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'No', failures: 3 });

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'retryable',
          to: 'available',
          reason: 'Progress',
          failures: 0,
        });

        expect(change.job.failures).toBe(0);
      });

      it('throws UnknownJobError for a job that does not exist', async () => {
        const move = store.move({ jobId: 'acme/web#404', from: 'available', to: 'cancelled', reason: 'No' });

        await expect(move).rejects.toMatchObject({
          code: 'QUEUE_JOB_UNKNOWN',
          message: expect.stringContaining('acme/web#404'),
        });
      });

      it('throws JobChangedError for a job in another state, and changes nothing', async () => {
        const before = await put('acme/web#1');

        const move = store.move({ jobId: 'acme/web#1', from: ['running', 'pending'], to: 'cancelled', reason: 'No' });

        await expect(move).rejects.toMatchObject({
          code: 'QUEUE_JOB_CHANGED',
          message: expect.stringContaining('available'),
        });
        expect(await store.find('acme/web#1')).toEqual(before);
        expect(await store.history('acme/web#1')).toHaveLength(1);
      });

      it.each([
        ['available', 'in_review'],
        ['available', 'available'],
        ['available', 'retryable'],
        ['available', 'running'],
      ] as const)('throws IllegalJobMoveError from %s to %s', async (from, to) => {
        await put('acme/web#1');

        const move = store.move({ jobId: 'acme/web#1', from, to, reason: 'No' });

        await expect(move).rejects.toMatchObject({ code: 'QUEUE_MOVE_ILLEGAL' });
        expect(await stateOf('acme/web#1')).toBe(from);
      });

      it('throws LeaseLostError for a stale token, and changes nothing', async () => {
        await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'available', reason: 'Released' });
        const second = await claim();

        const move = store.move({
          jobId: 'acme/web#1',
          from: 'running',
          to: 'in_review',
          reason: 'Mine',
          fencingToken: 1,
        });

        await expect(move).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
        expect(await store.find('acme/web#1')).toEqual(second);
      });

      it('throws LeaseLostError when the lease was taken away, though nobody has claimed since', async () => {
        await putAndClaim('acme/web#1');
        clock.advance(10_000);
        await store.reopenAbandoned([], 'Lease ended');

        const move = store.move({
          jobId: 'acme/web#1',
          from: ['running', 'available'],
          to: 'needs_attention',
          reason: 'Mine',
          fencingToken: 1,
        });

        await expect(move).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
        expect(await stateOf('acme/web#1')).toBe('available');
      });

      it('lets a holder go on under a lease that has ended and that nobody took away', async () => {
        await putAndClaim('acme/web#1');
        clock.advance(60_000);

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'running',
          to: 'in_review',
          reason: 'Late',
          fencingToken: 1,
        });

        expect(change.job.state).toBe('in_review');
      });

      it('takes a running job from its holder when no token is given', async () => {
        await putAndClaim('acme/web#1');

        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'cancelled', reason: 'Unassigned' });

        expect(await store.renew('acme/web#1', 1, 10_000)).toBe(false);
      });

      it('lets one of two movers win', async () => {
        await putAndClaim('acme/web#1');
        const move = (to: JobState) =>
          store.move({ jobId: 'acme/web#1', from: 'running', to, reason: 'Race', fencingToken: 1 });

        const results = await Promise.allSettled([move('in_review'), move('needs_attention'), move('retryable')]);

        expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
        expect(await store.history('acme/web#1')).toHaveLength(3);
      });

      it('makes a job pending that asks to be available and is blocked', async () => {
        await putAndClaim('acme/web#1');
        await put('acme/web#1', ['acme/web#9']);

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'running',
          to: 'available',
          reason: 'Released',
          fencingToken: 1,
        });

        expect(change).toMatchObject({ from: 'running', job: { state: 'pending', reason: 'Released', lease: null } });
      });

      it('makes a job available that asks to be pending and is not blocked', async () => {
        await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'needs_attention', reason: 'Look' });

        const change = await store.move({ jobId: 'acme/web#1', from: 'needs_attention', to: 'pending', reason: 'Go' });

        expect(change).toMatchObject({ from: 'needs_attention', job: { state: 'available' } });
      });

      it('writes nothing where pending and available would only be asked for in vain', async () => {
        const pending = await put('acme/web#1', ['acme/web#9']);
        const available = await put('acme/web#2');
        clock.advance(1);

        const stays = await store.move({ jobId: 'acme/web#1', from: 'pending', to: 'available', reason: 'Please' });
        const stands = await store.move({ jobId: 'acme/web#2', from: 'available', to: 'pending', reason: 'Please' });

        expect(stays).toEqual({ from: 'pending', job: pending, followers: [] });
        expect(stands).toEqual({ from: 'available', job: available, followers: [] });
        expect(await store.history('acme/web#1')).toHaveLength(1);
      });
    });

    describe('blockers', () => {
      it('frees in the same step the jobs whose last blocker completed', async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1']);
        await put('acme/api#3', ['acme/web#1', 'acme/web#9 finished']);
        await put('acme/web#4', ['acme/web#1', 'acme/web#2']);

        const change = await complete('acme/web#1');

        expect(sortedIds(change.followers)).toEqual(['acme/api#3', 'acme/web#2']);
        expect(change.followers.map((follower) => [follower.from, follower.job.state])).toEqual([
          ['pending', 'available'],
          ['pending', 'available'],
        ]);
        const freed = await store.find('acme/web#2');
        expect(change.followers.map((follower) => follower.job)).toContainEqual(freed);
        expect(freed?.reason.toLowerCase()).toContain('acme/web#1');
        const waiting = await store.find('acme/web#4');
        expect([waiting?.state, unfinished(waiting)]).toEqual(['pending', ['acme/web#2']]);
        expect((await store.history('acme/web#2')).map((row) => [row.from, row.to])).toEqual([
          [null, 'pending'],
          ['pending', 'available'],
        ]);
      });

      it('frees nothing where the move says that the completed job still blocks', async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1']);

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'available',
          to: 'completed',
          reason: 'Closed',
          stillBlocks: true,
        });
        const held = await stateOf('acme/web#2');
        await store.settleBlocker('acme/web#1', true);

        expect(change.followers).toEqual([]);
        expect([held, await stateOf('acme/web#2')]).toEqual(['pending', 'available']);
      });

      it('blocks again those that have not started when a completed job is reopened', async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1']);
        await put('acme/web#3', ['acme/web#1']);
        await complete('acme/web#1');
        await claim();

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'completed',
          to: 'available',
          reason: 'Reopened',
        });

        expect(change.followers).toHaveLength(1);
        expect(change.followers[0]).toMatchObject({ from: 'available', job: { id: 'acme/web#3', state: 'pending' } });
        expect(change.followers[0]?.job.reason.toLowerCase()).toContain('acme/web#1');
        expect(await stateOf('acme/web#2')).toBe('running');

        await store.move({ jobId: 'acme/web#2', from: 'running', to: 'available', reason: 'Released' });
        expect(await stateOf('acme/web#2')).toBe('pending');
      });

      it('blocks again when a completed job is cancelled', async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1']);
        await complete('acme/web#1');

        await store.move({ jobId: 'acme/web#1', from: 'completed', to: 'cancelled', reason: 'Reopened, unassigned' });

        expect(await stateOf('acme/web#2')).toBe('pending');
      });

      it.each(['in_review', 'needs_attention', 'cancelled', 'retryable'] as const)(
        'frees nothing when a blocker becomes %s',
        async (to) => {
          await putAndClaim('acme/web#1');
          await put('acme/web#2', ['acme/web#1']);

          const change = await store.move({ jobId: 'acme/web#1', from: 'running', to, reason: 'Not finished' });

          expect(change.followers).toEqual([]);
          expect(await stateOf('acme/web#2')).toBe('pending');
        },
      );

      it('frees nobody twice', async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1', 'acme/web#5']);
        await store.settleBlocker('acme/web#1', true);
        await store.settleBlocker('acme/web#5', true);

        const change = await complete('acme/web#1');

        expect(change.followers).toEqual([]);
        expect(await store.history('acme/web#2')).toHaveLength(2);
      });

      it('completes a job that blocks itself, with no follower', async () => {
        await put('acme/web#1', ['acme/web#1']);

        const change = await complete('acme/web#1');

        expect(change).toMatchObject({ from: 'pending', job: { state: 'completed' }, followers: [] });
        expect(await store.find('acme/web#1')).toEqual(change.job);
      });

      it('blocks a reopened job that blocks itself', async () => {
        await put('acme/web#1', ['acme/web#1']);
        await complete('acme/web#1');

        const change = await store.move({
          jobId: 'acme/web#1',
          from: 'completed',
          to: 'available',
          reason: 'Reopened',
        });

        expect(change).toMatchObject({ from: 'completed', job: { state: 'pending' }, followers: [] });
        expect(unfinished(change.job)).toEqual(['acme/web#1']);
      });

      it('learns of issues that have no job', async () => {
        await put('acme/web#1', ['other/lib#7', 'other/lib#8']);
        await put('acme/web#2', ['other/lib#7']);

        const changes = await store.settleBlocker('other/lib#7', true);

        expect(changes).toHaveLength(1);
        expect(changes[0]).toMatchObject({ from: 'pending', job: { id: 'acme/web#2', state: 'available' } });
        expect(changes[0]?.job.reason).toContain('other/lib#7');
        expect(changes[0]?.job).toEqual(await store.find('acme/web#2'));
        expect(unfinished(await store.find('acme/web#1'))).toEqual(['other/lib#8']);
      });

      it('learns that an issue is unfinished again, and blocks those that have not started', async () => {
        await put('acme/web#1', ['other/lib#7 finished']);
        await put('acme/web#2', ['other/lib#7 finished']);
        await put('acme/web#3');
        await claim();

        const changes = await store.settleBlocker('other/lib#7', false);

        expect(changes).toHaveLength(1);
        expect(changes[0]).toMatchObject({ from: 'available', job: { id: 'acme/web#2', state: 'pending' } });
        expect(changes[0]?.job.reason).toContain('other/lib#7');
        const started = await store.find('acme/web#1');
        expect([started?.state, unfinished(started)]).toEqual(['running', ['other/lib#7']]);
        expect(await stateOf('acme/web#3')).toBe('available');
      });

      it('changes nothing when it is told again what it knows, or of an issue nobody names', async () => {
        await put('acme/web#1', ['other/lib#7']);

        expect(await store.settleBlocker('other/lib#7', false)).toEqual([]);
        expect(await store.settleBlocker('other/lib#8', true)).toEqual([]);
        await store.settleBlocker('other/lib#7', true);
        expect(await store.settleBlocker('other/lib#7', true)).toEqual([]);
        expect(await store.history('acme/web#1')).toHaveLength(2);
      });

      it("leaves the state of the blocker's own job alone", async () => {
        await put('acme/web#1');
        await put('acme/web#2', ['acme/web#1']);

        const changes = await store.settleBlocker('acme/web#1', true);

        expect(sortedIds(changes)).toEqual(['acme/web#2']);
        expect(await stateOf('acme/web#1')).toBe('available');
      });

      it('frees a job once when its two last blockers finish at the same time', async () => {
        await put('acme/web#1', ['acme/web#2', 'acme/web#3']);
        await put('acme/web#2');
        await put('acme/web#3');

        const changes = await Promise.all([complete('acme/web#2'), complete('acme/web#3')]);

        expect(changes.flatMap((change) => sortedIds(change.followers))).toEqual(['acme/web#1']);
        expect(await stateOf('acme/web#1')).toBe('available');
      });

      it('names each unfinished blocker of jobs that are not over once', async () => {
        await put('acme/web#1', ['other/lib#7', 'other/lib#8 finished', 'acme/web#2']);
        await put('acme/web#2', ['Other/lib#7']);
        await put('acme/web#3', ['other/lib#9']);
        await store.move({ jobId: 'acme/web#3', from: 'pending', to: 'cancelled', reason: 'Unassigned' });
        await put('acme/web#4', ['other/lib#10']);
        await complete('acme/web#4');

        const blockers = await store.unfinishedBlockers();

        expect(blockers.map(issueKey).sort()).toEqual(['acme/web#2', 'other/lib#7']);
      });
    });

    describe('leases', () => {
      it('renews the lease of a running job under its token', async () => {
        await putAndClaim('acme/web#1', { holder: 'host:7', leaseMs: 10_000 });
        clock.advance(4_000);

        expect(await store.renew('acme/web#1', 1, 20_000)).toBe(true);
        expect((await store.find('acme/web#1'))?.lease).toEqual({ holder: 'host:7', endsAt: clock.now() + 20_000 });
        expect(await store.history('acme/web#1')).toHaveLength(2);
      });

      it('renews a lease that has ended and that nobody took away', async () => {
        await putAndClaim('acme/web#1', { leaseMs: 10_000 });
        clock.advance(60_000);

        expect(await store.renew('acme/web#1', 1, 10_000)).toBe(true);
        expect(await store.reopenAbandoned([], 'Lease ended')).toEqual([]);
      });

      it('refuses to renew under a stale token, for a job that does not run, and for none', async () => {
        await putAndClaim('acme/web#1');
        const again = { jobId: 'acme/web#1', from: 'running', to: 'available', reason: 'Released' } as const;
        await store.move(again);
        expect(await store.renew('acme/web#1', 1, 10_000)).toBe(false);

        const second = await claim();

        expect(await store.renew('acme/web#1', 1, 10_000)).toBe(false);
        expect(await store.renew('acme/web#1', 3, 10_000)).toBe(false);
        expect(await store.renew('acme/web#404', 0, 10_000)).toBe(false);
        expect(await store.find('acme/web#1')).toEqual(second);
      });

      describe('of a job that was taken from its holder', () => {
        async function takenAway(): Promise<void> {
          await putAndClaim('acme/web#1', { holder: 'first', leaseMs: 10_000 });
          await store.move({ jobId: 'acme/web#1', from: 'running', to: 'cancelled', reason: 'Unassigned' });
          await store.move({ jobId: 'acme/web#1', from: 'cancelled', to: 'available', reason: 'Assigned' });
        }

        it('keeps all others from it until it ends', async () => {
          await takenAway();
          clock.advance(9_999);

          expect(await claim({ holder: 'second' })).toBeUndefined();
          clock.advance(1);

          expect(await claim({ holder: 'second' })).toMatchObject({ fencingToken: 2, lease: { holder: 'second' } });
        });

        it('holds up no other job, in its lane or elsewhere', async () => {
          await takenAway();
          await put('acme/web#2');
          await put('acme/api#3');

          expect(await claimAll({ holder: 'second' })).toEqual(['acme/web#2', 'acme/api#3']);
        });

        it('keeps nobody from it once its holder has let go', async () => {
          await takenAway();
          await store.release('acme/web#1', 1);

          expect((await store.find('acme/web#1'))?.lease).toBeNull();
          expect(await claim({ holder: 'second' })).toMatchObject({ fencingToken: 2 });
        });

        it('keeps its holder from nothing', async () => {
          await takenAway();

          expect(await claim({ holder: 'first' })).toMatchObject({ fencingToken: 2, lease: { holder: 'first' } });
        });

        it('is made longer by its holder, who is told to stop all the same', async () => {
          await takenAway();
          clock.advance(6_000);

          expect(await store.renew('acme/web#1', 1, 10_000)).toBe(false);
          clock.advance(9_999);

          expect(await claim({ holder: 'second' })).toBeUndefined();
        });

        it('stays with it through an edit, a finished blocker and its time to be tried again', async () => {
          await putAndClaim('acme/web#1', { holder: 'first', leaseMs: 10_000 });
          await store.move({ jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'Again' });
          await store.promoteDue();
          await put('acme/web#1', ['acme/web#9']);
          await store.settleBlocker('acme/web#9', true);

          expect(await stateOf('acme/web#1')).toBe('available');
          expect(await claim({ holder: 'second' })).toBeUndefined();
        });

        it('is let go of under its own token alone, and never while the job runs', async () => {
          await takenAway();
          await store.release('acme/web#1', 0);
          await store.release('acme/web#1', 2);
          await store.release('acme/web#404', 1);
          expect(await claim({ holder: 'second' })).toBeUndefined();

          const running = await claim({ holder: 'first' });
          await store.release('acme/web#1', 2);

          expect(await store.find('acme/web#1')).toEqual(running);
        });

        it('is none where the holder moved it, or is dead', async () => {
          await putAndClaim('acme/web#1', { holder: 'first' });
          const back = { jobId: 'acme/web#1', from: 'running', to: 'available', reason: 'Back' } as const;
          await store.move({ ...back, fencingToken: 1 });
          expect(await claim({ holder: 'second' })).toMatchObject({ fencingToken: 2 });

          await store.reopenAbandoned(['second'], 'Its process is dead');

          expect(await claim({ holder: 'third' })).toMatchObject({ fencingToken: 3 });
        });

        it('ends with its holder, though the job runs no longer', async () => {
          await takenAway();
          await store.reopenAbandoned(['somebody'], 'Its process is dead');
          expect(await claim({ holder: 'second' })).toBeUndefined();

          expect(await store.reopenAbandoned(['first'], 'Its process is dead')).toEqual([]);

          expect(await claim({ holder: 'second' })).toMatchObject({ fencingToken: 2 });
        });
      });

      it('reopens jobs whose lease has ended, at its moment and not before', async () => {
        await putAndClaim('acme/web#1', { leaseMs: 10_000 });
        await putAndClaim('acme/web#2', { leaseMs: 10_001 });
        clock.advance(9_999);
        expect(await store.reopenAbandoned([], 'Lease ended')).toEqual([]);

        clock.advance(1);
        const changes = await store.reopenAbandoned([], 'Lease ended');

        expect(changes).toHaveLength(1);
        expect(changes[0]).toMatchObject({
          from: 'running',
          job: {
            id: 'acme/web#1',
            state: 'available',
            reason: 'Lease ended',
            lease: null,
            fencingToken: 1,
            updatedAt: clock.now(),
          },
        });
        expect(changes[0]?.job).toEqual(await store.find('acme/web#1'));
        expect(await stateOf('acme/web#2')).toBe('running');
        expect((await claim())?.fencingToken).toBe(2);
      });

      it('reopens jobs of dead holders at once, and of nobody else', async () => {
        await putAndClaim('acme/web#1', { holder: 'dead-1' });
        await putAndClaim('acme/web#2', { holder: 'alive' });
        await putAndClaim('acme/web#3', { holder: 'dead-2' });

        const changes = await store.reopenAbandoned(['dead-1', 'dead-2', 'dead-3'], 'Its process is dead');

        expect(sortedIds(changes)).toEqual(['acme/web#1', 'acme/web#3']);
        expect(await stateOf('acme/web#2')).toBe('running');
      });

      it('makes an abandoned job pending that has been blocked since', async () => {
        await putAndClaim('acme/web#1');
        await put('acme/web#1', ['acme/web#9']);
        clock.advance(10_000);

        const changes = await store.reopenAbandoned([], 'Lease ended');

        expect(changes).toMatchObject([{ from: 'running', job: { state: 'pending' } }]);
      });

      it('reopens an abandoned job once among several callers', async () => {
        await putAndClaim('acme/web#1');
        clock.advance(10_000);

        const all = await Promise.all([1, 2, 3].map(() => store.reopenAbandoned([], 'Lease ended')));

        expect(all.flat()).toHaveLength(1);
      });

      it('promotes retryable jobs whose time has come, at its moment and not before', async () => {
        for (const number of [1, 2, 3]) await putAndClaim(`acme/web#${number}`);
        const retry = (jobId: string, waitMs: number) =>
          store.move({ jobId, from: 'running', to: 'retryable', reason: 'Overloaded', waitMs });
        await retry('acme/web#1', 100);
        await retry('acme/web#2', 101);
        await retry('acme/web#3', 50);
        await put('acme/web#3', ['acme/web#9']);
        clock.advance(99);
        expect(sortedIds(await store.promoteDue())).toEqual(['acme/web#3']);

        clock.advance(1);
        const changes = await store.promoteDue();

        expect(changes).toMatchObject([
          { from: 'retryable', job: { id: 'acme/web#1', state: 'available', notBefore: null } },
        ]);
        expect(changes[0]?.job).toEqual(await store.find('acme/web#1'));
        expect(await store.find('acme/web#3')).toMatchObject({ state: 'pending', notBefore: null });
        expect(await stateOf('acme/web#2')).toBe('retryable');
        expect(await store.promoteDue()).toEqual([]);
      });

      it('lets no job wait for longer than it was to where the clock is set back meanwhile', async () => {
        const right = clock.now();
        clock.setWall(right + 86_400_000);
        await putAndClaim('acme/web#1');
        const failed = { jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'Overloaded' } as const;
        await store.move({ ...failed, waitMs: 100 });
        clock.setWall(right);
        clock.advance(100);

        expect(sortedIds(await store.promoteDue())).toEqual(['acme/web#1']);
      });

      it('claims a promoted job again', async () => {
        await putAndClaim('acme/web#1');
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'Overloaded' });
        await store.promoteDue();

        expect(await claim()).toMatchObject({ id: 'acme/web#1', fencingToken: 2 });
      });
    });

    describe('counts and history', () => {
      it('counts every state, if with zero', async () => {
        expect(await store.countByState()).toEqual(Object.fromEntries(JOB_STATES.map((state) => [state, 0])));

        await put('acme/web#1');
        await put('acme/web#2');
        await put('acme/web#3', ['acme/web#2']);
        await claim();

        expect(await store.countByState()).toEqual({
          pending: 1,
          available: 1,
          running: 1,
          retryable: 0,
          in_review: 0,
          completed: 0,
          needs_attention: 0,
          cancelled: 0,
        });
      });

      it('keeps a row for each change of state, in order', async () => {
        const start = clock.now();
        await putAndClaim('acme/web#1', { holder: 'host:7' });
        clock.advance(10);
        await store.move({ jobId: 'acme/web#1', from: 'running', to: 'in_review', reason: 'Opened', fencingToken: 1 });
        await put('acme/web#2');
        clock.advance(10);
        await complete('acme/web#1');

        const rows = await store.history('acme/web#1');

        const present = { sequence: expect.any(Number), jobId: 'acme/web#1', by: null, notBefore: null, failures: 0 };
        expect(rows).toEqual([
          { ...present, at: start, from: null, to: 'available', reason: 'Assigned', fencingToken: 0 },
          {
            ...present,
            at: start,
            from: 'available',
            to: 'running',
            reason: expect.stringContaining('host:7'),
            by: { kind: 'coordinator', holder: 'host:7' },
            fencingToken: 1,
          },
          { ...present, at: start + 10, from: 'running', to: 'in_review', reason: 'Opened', fencingToken: 1 },
          { ...present, at: start + 20, from: 'in_review', to: 'completed', reason: 'Merged', fencingToken: 1 },
        ]);
        const sequences = rows.map((row) => row.sequence);
        expect(new Set(sequences).size).toBe(4);
        expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      });

      it('says of each change whose act led to it, and of those that follow from it the same', async () => {
        const person = { kind: 'person', login: 'ann' } as const;
        const leader = { kind: 'coordinator', holder: 'host:1:a' } as const;
        await store.put(draft('acme/web#1'), 'Assigned', person);
        await store.put(draft('acme/web#2', ['acme/web#1']), 'Assigned', leader);
        await store.move({ jobId: 'acme/web#1', from: 'available', to: 'completed', reason: 'Merged', by: person });
        await store.settleBlocker('acme/web#1', false, leader);

        const actors = async (id: string) => (await store.history(id)).map(({ to, by }) => [to, by]);
        expect(await actors('acme/web#1')).toEqual([
          ['available', person],
          ['completed', person],
        ]);
        expect(await actors('acme/web#2')).toEqual([
          ['pending', leader],
          ['available', person],
          ['pending', leader],
        ]);
      });

      it('keeps with each change until when the job waits and how often it failed, and who took it back', async () => {
        const sweeper = { kind: 'coordinator', holder: 'host:1:a' } as const;
        await putAndClaim('acme/web#1');
        const notBefore = clock.now() + 500;
        const failed = { jobId: 'acme/web#1', from: 'running', reason: 'Failed', failures: 2 } as const;
        await store.move({ ...failed, to: 'retryable', waitMs: 500, fencingToken: 1 });
        clock.advance(500);
        await store.promoteDue(sweeper);
        await claim({ holder: 'dead' });
        await store.reopenAbandoned(['dead'], 'It died', sweeper);

        expect((await store.history('acme/web#1')).slice(2)).toMatchObject([
          { to: 'retryable', by: null, notBefore, failures: 2 },
          { to: 'available', by: sweeper, notBefore: null, failures: 2 },
          { to: 'running', by: { holder: 'dead' }, failures: 2 },
          { to: 'available', by: sweeper, failures: 2 },
        ]);
      });

      it('has no rows for a job that does not exist', async () => {
        expect(await store.history('acme/web#404')).toEqual([]);
      });
    });
  });
}
