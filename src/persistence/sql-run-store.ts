import { sql, type Selectable } from 'kysely';
import type { Aftermath, JobProgress, ReviewRecord, RunOutcome, RunRecord, RunStore } from '../orchestration/index.js';
import { repositoryKey, type IssueRef } from '../kernel/index.js';
import { LeaseLostError } from '../queue/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { FRESH_ROUNDS, REVIEW_ROUND, fromProgressRow, toProgressColumns, unstartedRow } from './progress-row.js';
import type { Queries, RunTable } from './schema.js';

/**
 * Keeps runs and the progress of jobs in the database. A save looks at the job's lease and writes in one transaction, in
 * which nobody can take the lease away.
 */
export class SqlRunStore implements RunStore {
  constructor(private readonly database: CoordinatorDatabase) {}

  async progress(jobId: string): Promise<JobProgress> {
    const row = await this.database.queries
      .selectFrom('job_progress')
      .selectAll()
      .where('job_id', '=', jobId)
      .executeTakeFirst();
    return fromProgressRow(row ?? unstartedRow(jobId));
  }

  async save(jobId: string, fencingToken: number, changes: Partial<Omit<JobProgress, 'jobId'>>): Promise<void> {
    const columns = toProgressColumns(changes);
    await this.database.transaction(async (transaction) => {
      const job = await transaction
        .selectFrom('jobs')
        .select('id')
        .where('id', '=', jobId)
        .where('state', '=', 'running')
        .where('fencing_token', '=', fencingToken)
        .$if(this.database.locksRows, (query) => query.forShare())
        .executeTakeFirst();
      if (job === undefined) throw new LeaseLostError(jobId, fencingToken);
      await transaction
        .insertInto('job_progress')
        .values({ ...unstartedRow(jobId), ...columns })
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ job_id: jobId, ...columns }))
        .execute();
    });
  }

  async addSpend(jobId: string, spend: JobProgress['spend']): Promise<void> {
    await this.database.transaction(async (transaction) => {
      // An update of nothing, where there is a row: it locks it, so that nobody else adds to the same sum.
      const row = await transaction
        .insertInto('job_progress')
        .values(unstartedRow(jobId))
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ job_id: jobId }))
        .returningAll()
        .executeTakeFirstOrThrow();
      const columns = toProgressColumns({ spend: sumOf(fromProgressRow(row).spend, spend) });
      await transaction.updateTable('job_progress').set(columns).where('job_id', '=', jobId).execute();
    });
  }

  async resetRounds(jobId: string): Promise<void> {
    await this.database.queries.updateTable('job_progress').set(FRESH_ROUNDS).where('job_id', '=', jobId).execute();
  }

  async beginReviewRound(jobId: string, review: ReviewRecord): Promise<void> {
    const columns = { ...REVIEW_ROUND, ...toProgressColumns({ review }) };
    await this.database.queries
      .insertInto('job_progress')
      .values({ ...unstartedRow(jobId), ...columns, review_rounds: 1 })
      .onConflict((conflict) =>
        conflict
          .column('job_id')
          .doUpdateSet((one) => ({ ...columns, review_rounds: one.eb(one.ref('job_progress.review_rounds'), '+', 1) })),
      )
      .execute();
  }

  async jobsOfPullRequest(pullRequest: IssueRef): Promise<readonly string[]> {
    const rows = await this.database.queries
      .selectFrom('job_progress')
      .select('job_id')
      .where((column) =>
        column.or([
          column('pull_request_number', '=', pullRequest.number),
          // Written by a version before schema 10. PostgreSQL compares no JSON with a pattern.
          column('pull_request_number', 'is', null).and(
            sql<string>`cast(pull_request as text)`,
            'like',
            `{"number":${pullRequest.number},%`,
          ),
        ]),
      )
      .execute();
    const prefix = `${repositoryKey(pullRequest)}#`;
    return rows.map(({ job_id }) => job_id).filter((id) => id.startsWith(prefix));
  }

  async note(jobId: string, aftermath: Partial<Aftermath>): Promise<void> {
    const columns = toProgressColumns(aftermath);
    await this.database.queries
      .insertInto('job_progress')
      .values({ ...unstartedRow(jobId), ...columns })
      .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ job_id: jobId, ...columns }))
      .execute();
  }

  async start({ id, jobId, fencingToken, profile }: Parameters<RunStore['start']>[0]): Promise<void> {
    const now = this.database.clock.now();
    await this.database.exclusive('jobs', async (transaction) => {
      const known = await transaction.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst();
      if (known !== undefined) return;
      if (await isOvertaken(transaction, jobId, fencingToken)) throw new LeaseLostError(jobId, fencingToken);
      await transaction
        .insertInto('runs')
        .values({ id, job_id: jobId, fencing_token: fencingToken, profile, started_at: now })
        .execute();
      await transaction
        .updateTable('runs')
        .set({ ended_at: now, outcome: 'interrupted', reason: `Run ${id} has taken over` })
        .where('job_id', '=', jobId)
        .where('id', '!=', id)
        .where('ended_at', 'is', null)
        .execute();
    });
  }

  async end(runId: string, outcome: RunOutcome, reason: string): Promise<void> {
    await this.database.queries
      .updateTable('runs')
      .set({ ended_at: this.database.clock.now(), outcome, reason })
      .where('id', '=', runId)
      .where('ended_at', 'is', null)
      .execute();
  }

  async runs(jobId: string): Promise<readonly RunRecord[]> {
    const rows = await this.database.queries
      .selectFrom('runs')
      .selectAll()
      .where('job_id', '=', jobId)
      .orderBy('sequence', 'desc')
      .execute();
    return rows.map(fromRow);
  }
}

/** Whether a later claim of the job is known: by a run of it, or by the job itself. */
async function isOvertaken(queries: Queries, jobId: string, fencingToken: number): Promise<boolean> {
  const run = await queries
    .selectFrom('runs')
    .select('id')
    .where('job_id', '=', jobId)
    .where('fencing_token', '>', fencingToken)
    .executeTakeFirst();
  const job = await queries
    .selectFrom('jobs')
    .select('id')
    .where('id', '=', jobId)
    .where('fencing_token', '>', fencingToken)
    .executeTakeFirst();
  return run !== undefined || job !== undefined;
}

function sumOf(a: JobProgress['spend'], b: JobProgress['spend']): JobProgress['spend'] {
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  };
}

function fromRow(row: Selectable<RunTable>): RunRecord {
  return {
    id: row.id,
    jobId: row.job_id,
    fencingToken: row.fencing_token,
    profile: row.profile,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome as RunOutcome | null,
    reason: row.reason,
  };
}
