import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { issueKey, repositoryKey, type IssueRef } from '../../src/kernel/index.js';
import { JOB_STATES, type JobState } from '../../src/queue/job-states.js';
import type { Actor, Job, JobEvent } from '../../src/queue/queue.types.js';
import { replay } from '../../src/queue/replay.js';
import type { JobStoreOnTrial } from './job-store.contract.js';
import { PlainJobStore } from './plain-job-store.js';

const LIMITS = { global: 3, perRepository: 2, perProfile: { opus: 1 } };
const LEASE_MS = 10_000;
/** Issues 0 to 7 may have jobs; 8 and 9 are only ever blockers. */
const JOBS = 8;
const ISSUES = 10;

type Step =
  | {
      readonly kind: 'put';
      readonly job: number;
      readonly blockers: readonly (readonly [issue: number, isFinished: boolean])[];
      readonly priority: number;
      readonly profile: string;
    }
  | { readonly kind: 'claim'; readonly holders: readonly string[]; readonly excluded: readonly string[] }
  | {
      readonly kind: 'move';
      readonly job: number;
      readonly to: JobState;
      readonly isExpected: boolean;
      readonly token: 'none' | 'own' | 'older' | 'newer';
      readonly waitMs: number;
    }
  | { readonly kind: 'settle'; readonly issue: number; readonly isFinished: boolean }
  | { readonly kind: 'renew' | 'release'; readonly job: number; readonly isStale: boolean }
  | { readonly kind: 'promote' }
  | { readonly kind: 'reopen'; readonly dead: readonly string[] }
  | { readonly kind: 'advance'; readonly ms: number };

const holders = fc.constantFrom('holder-1', 'holder-2', 'holder-3');
const profiles = fc.constantFrom('opus', 'glm');
const job = fc.nat(JOBS - 1);
const issue = fc.nat(ISSUES - 1);

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('put' as const),
        job,
        blockers: fc.oneof(fc.constant([]), fc.array(fc.tuple(issue, fc.boolean()), { maxLength: 3 })),
        priority: fc.integer({ min: -1, max: 1 }),
        profile: profiles,
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('claim' as const),
        holders: fc.array(holders, { minLength: 1, maxLength: 4 }),
        excluded: fc.oneof(fc.constant([]), fc.array(profiles, { maxLength: 1 })),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('move' as const),
        job,
        to: fc.oneof(fc.constantFrom(...JOB_STATES), fc.constantFrom('completed' as const, 'available' as const)),
        isExpected: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)),
        token: fc.constantFrom('none', 'none', 'own', 'own', 'older', 'newer'),
        waitMs: fc.nat(20_000),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const), issue, isFinished: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('renew' as const, 'release' as const), job, isStale: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'promote' as const }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('reopen' as const), dead: fc.array(holders, { maxLength: 2 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(12_000) }) },
  ),
  { minLength: 1, maxLength: 60, size: 'max' },
);

/** Two repositories, and numbers that repeat across them. */
function refOf(index: number): IssueRef {
  return { owner: 'acme', repo: index % 2 === 0 ? 'web' : 'api', number: Math.floor(index / 2) + 1 };
}

function idOf(index: number): string {
  return issueKey(refOf(index));
}

/** Who takes a step: each kind somebody else. */
function actorOf({ kind }: Pick<Step, 'kind'>): Actor {
  return kind === 'put' || kind === 'move' ? { kind: 'person', login: kind } : { kind: 'coordinator', holder: kind };
}

/** A store, the model beside it, and what no step may break. */
class Simulation {
  private readonly model = new PlainJobStore();
  private readonly grants = new Set<string>();
  /** The last row of the histories that was seen. */
  private lastSequence = 0;

  constructor(private readonly trial: JobStoreOnTrial) {
    this.model.now = trial.clock.now();
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const step of all) {
      await this.take(step);
      await this.compare();
      await this.replayHistories(step);
    }
    await this.compareHistories();
  }

  private async take(step: Step): Promise<void> {
    const { store, clock } = this.trial;
    switch (step.kind) {
      case 'put':
        return this.put(step);
      case 'claim':
        return this.claim(step);
      case 'move':
        return this.move(step);
      case 'settle': {
        const changes = await store.settleBlocker(idOf(step.issue), step.isFinished, actorOf(step));
        return expectIds(changes, this.model.settle(idOf(step.issue), step.isFinished));
      }
      case 'renew': {
        const token = (this.model.find(idOf(step.job))?.token ?? 0) - (step.isStale ? 1 : 0);
        const isRenewed = await store.renew(idOf(step.job), token, LEASE_MS);
        expect(isRenewed).toBe(this.model.renew(idOf(step.job), token, LEASE_MS));
        return;
      }
      case 'release': {
        const token = (this.model.find(idOf(step.job))?.token ?? 0) - (step.isStale ? 1 : 0);
        this.model.release(idOf(step.job), token);
        return store.release(idOf(step.job), token);
      }
      case 'promote':
        return expectIds(await store.promoteDue(actorOf(step)), this.model.promoteDue());
      case 'reopen':
        return expectIds(
          await store.reopenAbandoned(step.dead, 'Abandoned', actorOf(step)),
          this.model.reopenAbandoned(step.dead),
        );
      case 'advance':
        clock.advance(step.ms);
        this.model.now = clock.now();
    }
  }

  private async put(step: Step & { readonly kind: 'put' }): Promise<void> {
    const ref = refOf(step.job);
    // A blocker named twice is finished only if both say so.
    const blockers = new Map<string, boolean>();
    for (const [index, isFinished] of step.blockers) {
      blockers.set(idOf(index), isFinished && (blockers.get(idOf(index)) ?? true));
    }
    const { priority, profile } = step;
    const before = this.model.find(idOf(step.job))?.state ?? null;
    this.model.put({
      id: idOf(step.job),
      repository: repositoryKey(ref),
      number: ref.number,
      priority,
      profile,
      blockers,
    });

    const change = await this.trial.store.put(
      {
        issue: ref,
        title: 'Title',
        profile,
        priority,
        blockers: step.blockers.map(([index, isFinished]) => ({ issue: refOf(index), isFinished })),
        details: {},
      },
      'Put',
      actorOf(step),
    );

    expect(change.from).toBe(before);
  }

  private async claim(step: Step & { readonly kind: 'claim' }): Promise<void> {
    const { store } = this.trial;
    const ask = (holder: string): Promise<Job | undefined> =>
      store.claim({ holder, leaseMs: LEASE_MS, limits: LIMITS, excludedProfiles: step.excluded });
    const answers: (Job | undefined)[] = [];
    // Where it matters who asks, because a job was taken from one of them, they ask in turn.
    const isTaken = this.model.jobs.some((one) => one.state === 'available' && this.model.isLeased(one));
    if (isTaken) for (const holder of step.holders) answers.push(await ask(holder));
    else answers.push(...(await Promise.all(step.holders.map(ask))));
    const claimed = answers.flatMap((one) => one ?? []);
    const expected = step.holders.flatMap(
      (holder) => this.model.claim(holder, LEASE_MS, LIMITS, step.excluded)?.id ?? [],
    );

    expect(claimed.map((one) => one.id).sort()).toEqual([...expected].sort());
    for (const one of claimed) {
      // Callers that come at once may be served in any order: the model learns who got what.
      const plain = this.model.find(one.id);
      if (plain?.lease && one.lease) plain.lease.holder = one.lease.holder;
      await this.checkGrant(one);
    }
  }

  /** What must hold of every claim, said without the model. */
  private async checkGrant(one: Job): Promise<void> {
    expect(one.blockers.filter((blocker) => !blocker.isFinished)).toEqual([]);
    expect(this.grants.has(`${one.id} ${one.fencingToken}`)).toBe(false);
    expect(one.fencingToken === 1 || this.grants.has(`${one.id} ${one.fencingToken - 1}`)).toBe(true);
    this.grants.add(`${one.id} ${one.fencingToken}`);

    const running = await this.trial.store.list({ states: ['running'] });
    const sameRepository = running.filter((other) => repositoryKey(other.issue) === repositoryKey(one.issue));
    const sameProfile = running.filter((other) => other.profile === one.profile);
    expect(running.length).toBeLessThanOrEqual(LIMITS.global);
    expect(sameRepository.length).toBeLessThanOrEqual(LIMITS.perRepository);
    expect(sameProfile.length).toBeLessThanOrEqual(one.profile === 'opus' ? LIMITS.perProfile.opus : Infinity);
  }

  private async move(step: Step & { readonly kind: 'move' }): Promise<void> {
    const id = idOf(step.job);
    const present = this.model.find(id);
    const state = present?.state ?? 'available';
    const from = step.isExpected ? [state] : JOB_STATES.filter((other) => other !== state);
    const own = present?.token ?? 0;
    const token = { none: undefined, own, older: own - 1, newer: own + 1 }[step.token];
    const { waitMs } = step;
    const expected = this.model.move({ id, from, to: step.to, token, notBefore: this.model.now + waitMs });

    const outcome = await this.trial.store
      .move({
        jobId: id,
        from,
        to: step.to,
        reason: `Moved by ${step.waitMs}`,
        by: actorOf(step),
        waitMs,
        ...(step.waitMs % 2 === 0 && { failures: step.waitMs % 7 }),
        ...(token !== undefined && { fencingToken: token }),
      })
      .then(
        ({ followers, ...change }) => ({ change, ids: followers.map((follower) => follower.job.id).sort() }),
        (error: { code: string }) => error.code,
      );

    expect(outcome).toEqual(
      typeof expected === 'string'
        ? expected
        : { change: { from: state, job: expect.objectContaining({ id }) }, ids: [...expected].sort() },
    );
  }

  private async compare(): Promise<void> {
    const jobs = await this.trial.store.list({});
    expect(jobs.map(pictureOf)).toEqual(
      this.model.inOrder().map(({ id, state, priority, profile, token, lease, notBefore, blockers }) => ({
        id,
        state,
        priority,
        profile,
        token,
        lease,
        notBefore,
        blockers: [...blockers].map(([blocker, isFinished]) => `${blocker} ${isFinished}`).sort(),
      })),
    );
    expect(await this.trial.store.countByState()).toEqual(
      Object.fromEntries(JOB_STATES.map((state) => [state, jobs.filter((one) => one.state === state).length])),
    );
  }

  /** What all histories say together is what the table says, and what is new in them is of whoever took the step. */
  private async replayHistories(step: Step): Promise<void> {
    const { store } = this.trial;
    const jobs = await store.list({});
    const histories: JobEvent[] = [];
    for (const { id } of jobs) histories.push(...(await store.history(id)));
    const told = replay(histories.sort((one, other) => one.sequence - other.sequence));

    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(jobs.map((job) => [job.id, stateOf(job)])));
    expect(jobs.filter((job) => (told.get(job.id)?.since ?? Infinity) > job.updatedAt)).toEqual([]);

    const news = histories.filter(({ sequence }) => sequence > this.lastSequence);
    this.lastSequence = histories.at(-1)?.sequence ?? 0;
    // Who claimed is told by the holder of the lease.
    const actors = news.filter(({ to }) => to !== 'running').map(({ by }) => by);
    expect(actors).toEqual(actors.map(() => actorOf(step)));
  }

  private async compareHistories(): Promise<void> {
    for (const { id, state, token } of this.model.jobs) {
      const rows = await this.trial.store.history(id);
      expect(rows.map((row) => row.from)).toEqual([null, ...rows.slice(0, -1).map((row) => row.to)]);
      expect(rows.at(-1)).toMatchObject({ to: state, fencingToken: token });
      const claims = rows.filter((row) => row.to === 'running').map((row) => row.fencingToken);
      expect(claims).toEqual(Array.from({ length: token }, (_, at) => at + 1));
    }
  }
}

function pictureOf({ id, state, priority, profile, fencingToken: token, lease, notBefore, blockers }: Job) {
  const names = blockers.map((blocker) => `${issueKey(blocker.issue)} ${blocker.isFinished}`).sort();
  return { id, state, priority, profile, token, lease, notBefore, blockers: names };
}

function stateOf({ state, reason, fencingToken, lease, notBefore, failures }: Job) {
  const holder = state === 'running' ? (lease?.holder ?? null) : null;
  return { state, reason, fencingToken, holder, notBefore, failures, since: expect.any(Number) };
}

function expectIds(changes: readonly { readonly job: Job }[], ids: readonly string[]): void {
  expect(changes.map((change) => change.job.id).sort()).toEqual([...ids].sort());
}

export interface ModelRun {
  /** How many sequences of steps are tried. @default 100 */
  readonly sequences?: number;
  /** Which. @default 1 */
  readonly seed?: number;
}

/** Tries random sequences of steps against the plainest store that follows the rules. Call it once for each implementation. */
export function describeJobStoreModel(
  name: string,
  make: () => Promise<JobStoreOnTrial>,
  { sequences = 100, seed = 1 }: ModelRun = {},
): void {
  describe(`${name}, beside the plain JobStore`, () => {
    it('does the same, whatever happens in whatever order', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          const trial = await make();
          try {
            await new Simulation(trial).run(all);
          } finally {
            await trial.close();
          }
        }),
        { numRuns: sequences, seed },
      );
    }, 60_000);
  });
}
