import type { Selectable } from 'kysely';
import type { Aftermath, JobProgress, ReviewRecord, RunOutcome, RunRecord, RunStore } from '../orchestration/index.js';
import { LeaseLostError } from '../queue/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { FRESH_ROUNDS, REVIEW_ROUND, fromProgressRow, toProgressColumns, unstartedRow } from './progress-row.js';
import type { RunTable } from './schema.js';

/** Keeps runs and the progress of jobs in the database. A save looks at the job's lease and writes in one transaction. */
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
    await this.database.queries.transaction().execute(async (transaction) => {
      const job = await transaction
        .selectFrom('jobs')
        .select('id')
        .where('id', '=', jobId)
        .where('state', '=', 'running')
        .where('fencing_token', '=', fencingToken)
        .executeTakeFirst();
      if (job === undefined) {
        throw new LeaseLostError(`The lease of ${jobId} under token ${fencingToken} is lost: stop working on it`);
      }
      await transaction
        .insertInto('job_progress')
        .values({ ...unstartedRow(jobId), ...columns })
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet({ job_id: jobId, ...columns }))
        .execute();
    });
  }

  async addSpend(jobId: string, spend: JobProgress['spend']): Promise<void> {
    await this.database.queries.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('job_progress')
        .selectAll()
        .where('job_id', '=', jobId)
        .executeTakeFirst();
      const before = fromProgressRow(row ?? unstartedRow(jobId)).spend;
      const columns = toProgressColumns({ spend: sumOf(before, spend) });
      await transaction
        .insertInto('job_progress')
        .values({ ...unstartedRow(jobId), ...columns })
        .onConflict((conflict) => conflict.column('job_id').doUpdateSet(columns))
        .execute();
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
    await this.database.queries.transaction().execute(async (transaction) => {
      const started = await transaction
        .insertInto('runs')
        .values({ id, job_id: jobId, fencing_token: fencingToken, profile, started_at: now })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (started === undefined) return;
      await transaction
        .updateTable('runs')
        .set({ ended_at: now, outcome: 'interrupted', reason: `Run ${id} has taken over` })
        .where('job_id', '=', jobId)
        .where('id', '!=', id)
        .where('ended_at', 'is', null)
        .where('fencing_token', '<=', fencingToken)
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
