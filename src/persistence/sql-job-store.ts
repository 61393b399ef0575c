import { setImmediate } from 'node:timers/promises';

import { sql, type RawBuilder, type SelectQueryBuilder } from 'kysely';
import { issueKey, type IssueRef } from '../kernel/index.js';
import {
  JOB_STATES,
  UnknownJobError,
  applyMove,
  mergeBlockers,
  waitingStateOf,
  type Actor,
  type ClaimRequest,
  type Job,
  type JobChange,
  type JobDraft,
  type JobEvent,
  type JobFilter,
  type JobMove,
  type JobMoveChange,
  type JobPage,
  type JobState,
  type JobStore,
} from '../queue/index.js';
import { fromActorColumn } from './actor-column.js';
import { claimNext } from './claim-next.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { fromJobRow, toJobState } from './job-row.js';
import { BLOCKERS, readJob, replaceBlockers, toJobs, writeJob } from './job-rows.js';
import type { Queries, Tables } from './schema.js';
import { settleBlockerRows } from './settle-blocker-rows.js';

/** As the index `jobs_unsettled` has it: with values in their places it would not be used. */
const IS_UNSETTLED = sql<boolean>`state not in ('completed', 'cancelled')`;

/**
 * Keeps jobs in the database. Each method is one transaction, and those that change jobs follow one another, so that limits
 * are exact; the rules of moves are the queue's own.
 *
 * Leases, and the waits of retryable jobs, are measured by the database's own lease clock, everything else by the wall
 * clock.
 */
export class SqlJobStore implements JobStore {
  constructor(private readonly database: CoordinatorDatabase) {}

  async put(draft: JobDraft, reason: string, by: Actor | null = null): Promise<JobChange> {
    const id = issueKey(draft.issue);
    const now = this.database.clock.now();
    const { change, isToClaim } = await this.inTransaction(async (queries) => {
      const row = await this.forChange(queries.selectFrom('jobs').selectAll().where('id', '=', id)).executeTakeFirst();
      // Details that cannot be read any more are replaced like any others.
      const before = row === undefined ? undefined : fromJobRow({ ...row, details: '{}', blockers: null });
      const blockers = mergeBlockers(draft.blockers);
      const state = before === undefined || isWaiting(before) ? waitingStateOf({ blockers }) : before.state;
      const { issue, title, profile, priority, details } = draft;
      const job: Job = {
        ...(before ?? newJob(id, now)),
        ...structuredClone({ issue, title, profile, priority, details }),
        blockers,
        state,
        reason: state === before?.state ? before.reason : reason,
        updatedAt: now,
      };
      await writeJob(queries, before?.state ?? null, job, by);
      await replaceBlockers(queries, id, blockers, before === undefined);
      const isToClaim = state === 'available' && before?.state === state && before.profile === '' && profile !== '';
      return { change: { job, from: before?.state ?? null }, isToClaim };
    });
    // Its state did not change, which is what tells the others otherwise.
    if (isToClaim) await this.database.wake('');
    return change;
  }

  find(jobId: string): Promise<Job | undefined> {
    return readJob(this.database.queries, jobId);
  }

  async list({ states = JOB_STATES, changedSince, limit }: JobFilter): Promise<readonly Job[]> {
    if (states.length === 0) return [];
    const inOrder = this.database.queries
      .selectFrom('jobs')
      .selectAll()
      .select(BLOCKERS)
      .where('state', 'in', states)
      .$if(changedSince !== undefined, (jobs) => jobs.where('updated_at', '>=', changedSince ?? 0))
      .orderBy('priority', 'desc')
      .orderBy('number')
      .orderBy('id');
    return toJobs(await (limit === undefined ? inOrder : inOrder.limit(limit)).execute());
  }

  async unsettled(after: string | null, limit: number): Promise<JobPage> {
    const rows = await this.database.queries
      .selectFrom('jobs')
      .selectAll()
      .select(BLOCKERS)
      .where(IS_UNSETTLED)
      .$if(after !== null, (jobs) => jobs.where('id', '>', after ?? ''))
      .orderBy('id')
      .limit(limit)
      .execute();
    // An embedded database is read without a pause: whoever else waits has his turn before the next page.
    await setImmediate();
    return { jobs: toJobs(rows), next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
  }

  move(move: JobMove): Promise<JobMoveChange> {
    const now = this.database.clock.now();
    const { by = null } = move;
    return this.inTransaction(async (queries) => {
      const before = await readJob(queries, move.jobId, this.database.locksRows);
      if (before === undefined) throw new UnknownJobError(`There is no job ${move.jobId}`);
      const isFinished = move.to === 'completed' && move.stillBlocks !== true;
      const settles = isFinished !== (before.state === 'completed');
      // Its own blockers first, because a job may block itself.
      const leaseNow = move.to === 'retryable' ? await this.leaseMoment(queries) : now;
      const moved = applyMove(settles ? withSettled(before, before.id, isFinished) : before, move, now, leaseNow);
      if (moved !== before) await writeJob(queries, before.state, moved, by);
      const followers = settles ? await settleBlockerRows(queries, moved.id, isFinished, now, by) : [];
      return { job: moved, from: before.state, followers };
    });
  }

  async claim(request: ClaimRequest): Promise<Job | undefined> {
    const { queries: unlocked } = this.database;
    if (!(await isAny(unlocked.selectFrom('jobs').where('state', '=', 'available')))) return undefined;
    return this.inTransaction((queries) => claimNext(queries, this.database, request));
  }

  async renew(jobId: string, fencingToken: number, leaseMs: number): Promise<boolean> {
    const renewed = await this.database.queries
      .updateTable('jobs')
      .set({
        lease_ends_at: sql`case when state = 'running' then ${this.leaseEnd(leaseMs)} end`,
        taken_lease_ends_at: sql`case when state <> 'running' then ${this.leaseEnd(leaseMs)} end`,
      })
      .where('id', '=', jobId)
      .where((job) => job.or([job('lease_holder', 'is not', null), job('taken_from', 'is not', null)]))
      .where('fencing_token', '=', fencingToken)
      .returning('state')
      .executeTakeFirst();
    return renewed?.state === 'running';
  }

  async release(jobId: string, fencingToken: number): Promise<void> {
    const released = await this.database.queries
      .updateTable('jobs')
      .set({ taken_from: null, taken_lease_ends_at: null })
      .where('id', '=', jobId)
      .where('fencing_token', '=', fencingToken)
      .where('taken_from', 'is not', null)
      .returning('state')
      .executeTakeFirst();
    // Its state did not change, which is what tells the others otherwise.
    if (released?.state === 'available') await this.database.wake('');
  }

  async settleBlocker(issueId: string, isFinished: boolean, by: Actor | null = null): Promise<readonly JobChange[]> {
    // Mostly nothing depends on it, for which nobody else needs to wait.
    const dependent = this.database.queries
      .selectFrom('job_blockers')
      .select('job_id')
      .where('blocker_id', '=', issueId);
    if ((await dependent.limit(1).executeTakeFirst()) === undefined) return [];
    const now = this.database.clock.now();
    return this.inTransaction((queries) => settleBlockerRows(queries, issueId, isFinished, now, by));
  }

  async unfinishedBlockers(): Promise<readonly IssueRef[]> {
    const rows = await this.database.queries
      .selectFrom('job_blockers')
      .innerJoin('jobs', 'jobs.id', 'job_blockers.job_id')
      .select((row) => [
        'job_blockers.blocker_id',
        row.fn.min('job_blockers.owner').as('owner'),
        row.fn.min('job_blockers.repo').as('repo'),
        row.fn.min('job_blockers.number').as('number'),
      ])
      .where('job_blockers.is_finished', '=', 0)
      .where('jobs.state', 'not in', ['completed', 'cancelled'])
      .groupBy('job_blockers.blocker_id')
      .execute();
    return rows.map(({ owner, repo, number }) => ({ owner, repo, number }));
  }

  promoteDue(by: Actor | null = null): Promise<readonly JobChange[]> {
    const now = this.database.leaseNow();
    const due = (queries: Queries) =>
      queries
        .selectFrom('jobs')
        .where('state', '=', 'retryable')
        // The second where the clock was set back since, by more than it has waited.
        .where((job) =>
          job.or([job('not_before', '<=', now), job('not_before', '>', sql<number>`${now} + retry_wait_ms`)]),
        );
    return this.putBackAny(due, (job) => job, 'Its time to try again has come', by);
  }

  async reopenAbandoned(
    deadHolders: readonly string[],
    reason: string,
    by: Actor | null = null,
  ): Promise<readonly JobChange[]> {
    await this.releaseOfAll(deadHolders);
    const abandoned = (queries: Queries) =>
      queries
        .selectFrom('jobs')
        .where('state', '=', 'running')
        .where((job) =>
          job.or([
            job('lease_ends_at', '<=', this.database.leaseNow()),
            ...(deadHolders.length === 0 ? [] : [job('lease_holder', 'in', deadHolders)]),
          ]),
        );
    return this.putBackAny(abandoned, (job) => ({ ...job, lease: null }), reason, by);
  }

  /** Who is dead works on nothing any more that was taken from it. */
  private async releaseOfAll(holders: readonly string[]): Promise<void> {
    if (holders.length === 0) return;
    await this.database.queries
      .updateTable('jobs')
      .set({ taken_from: null, taken_lease_ends_at: null })
      .where('taken_from', 'in', holders)
      .execute();
  }

  async countByState(): Promise<Readonly<Record<JobState, number>>> {
    const rows = await this.database.queries
      .selectFrom('jobs')
      .select(['state', (job) => job.fn.countAll<number>().as('jobs')])
      .groupBy('state')
      .execute();
    const counts = new Map(rows.map(({ state, jobs }) => [state, jobs]));
    return Object.fromEntries(JOB_STATES.map((state) => [state, counts.get(state) ?? 0])) as Record<JobState, number>;
  }

  async history(jobId: string): Promise<readonly JobEvent[]> {
    const rows = await this.database.queries
      .selectFrom('job_events')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('sequence')
      .execute();
    return rows.map(({ sequence, at, from_state, to_state, reason, changed_by, fencing_token, ...row }) => ({
      sequence,
      jobId,
      at,
      from: from_state === null ? null : toJobState(from_state, jobId),
      to: toJobState(to_state, jobId),
      reason,
      by: fromActorColumn(changed_by),
      fencingToken: fencing_token,
      notBefore: row.not_before,
      failures: row.failures,
    }));
  }

  /** What is to be changed by what was read of it: a renewal or a release in between waits until that is written. */
  private forChange<O>(chosen: SelectQueryBuilder<Tables, 'jobs', O>): SelectQueryBuilder<Tables, 'jobs', O> {
    return this.database.locksRows ? chosen.forUpdate() : chosen;
  }

  private inTransaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.database.exclusive('jobs', work);
  }

  /** The present by the clock of leases. */
  private async leaseMoment(queries: Queries): Promise<number> {
    const { now } = await queries.selectNoFrom(this.database.leaseNow().as('now')).executeTakeFirstOrThrow();
    return now;
  }

  private leaseEnd(leaseMs: number): RawBuilder<number> {
    return sql`${this.database.leaseNow()} + ${leaseMs}`;
  }

  /** Makes jobs that ran, or waited for their time, wait for their turn. */
  private async putBackAny(
    choose: (queries: Queries) => SelectQueryBuilder<Tables, 'jobs', object>,
    asLeft: (job: Job) => Job,
    reason: string,
    by: Actor | null,
  ): Promise<readonly JobChange[]> {
    // Mostly there is none, for which nobody else needs to wait.
    if (!(await isAny(choose(this.database.queries)))) return [];
    const now = this.database.clock.now();
    return this.inTransaction(async (queries) => {
      const changes: JobChange[] = [];
      for (const before of toJobs(await this.forChange(choose(queries).selectAll().select(BLOCKERS)).execute())) {
        const move = { jobId: before.id, from: before.state, to: 'available', reason } as const;
        const job = applyMove(asLeft(before), move, now);
        await writeJob(queries, before.state, job, by);
        changes.push({ job, from: before.state });
      }
      return changes;
    });
  }
}

async function isAny(chosen: SelectQueryBuilder<Tables, 'jobs', object>): Promise<boolean> {
  return (await chosen.select('id').limit(1).executeTakeFirst()) !== undefined;
}

function isWaiting({ state }: Job): boolean {
  return state === 'pending' || state === 'available';
}

/** The job with what it knows of one blocker. */
function withSettled(job: Job, blockerId: string, isFinished: boolean): Job {
  const blockers = job.blockers.map((blocker) =>
    issueKey(blocker.issue) === blockerId ? { ...blocker, isFinished } : blocker,
  );
  return { ...job, blockers };
}

function newJob(
  id: string,
  now: number,
): Pick<Job, 'id' | 'fencingToken' | 'lease' | 'notBefore' | 'waitMs' | 'failures' | 'createdAt'> {
  return { id, fencingToken: 0, lease: null, notBefore: null, waitMs: null, failures: 0, createdAt: now };
}
