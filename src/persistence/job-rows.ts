import { Logger } from '@nestjs/common';
import { sql, type Insertable } from 'kysely';
import { messageOf } from '../kernel/index.js';
import type { Actor, Blocker, Job, JobState } from '../queue/index.js';
import { toActorColumn } from './actor-column.js';
import { fromJobRow, toBlockerRow, toJobRow, type JobRow } from './job-row.js';
import type { JobTable, Queries } from './schema.js';

/** How many rows or ids one statement names: well under SQLite's limit of 32,766 values. */
const ROWS_PER_STATEMENT = 1_000;

const logger = new Logger('JobRows');

/**
 * What blocks each job of a query, as one text: read with its row, so that both are of one moment. To be read by
 * `fromJobRow`.
 */
export const BLOCKERS = sql<string | null>`(
  select string_agg(
    owner || '/' || repo || '#' || number || case is_finished when 1 then '+' else '-' end, ' ' order by blocker_id
  )
  from job_blockers
  where job_blockers.job_id = jobs.id
)`.as('blockers');

/**
 * @param locks whether nobody may change its row until the transaction is over
 * @throws {CorruptRowError} if its row cannot be read
 */
export async function readJob(queries: Queries, jobId: string, locks = false): Promise<Job | undefined> {
  const row = await queries
    .selectFrom('jobs')
    .selectAll()
    .select(BLOCKERS)
    .where('id', '=', jobId)
    .$if(locks, (query) => query.forUpdate('jobs'))
    .executeTakeFirst();
  return row && fromJobRow(row);
}

/** The jobs of these rows, in their order. One that cannot be read is logged and left out: it must not hide the others. */
export function toJobs(rows: readonly JobRow[]): readonly Job[] {
  return rows.flatMap((row) => {
    try {
      return fromJobRow(row);
    } catch (error) {
      logger.error('A stored job cannot be read', { jobId: row.id, reason: messageOf(error) });
      return [];
    }
  });
}

/** Writes a job, new or known, but for its blockers; a change of state goes into its history. */
export async function writeJob(queries: Queries, from: JobState | null, job: Job, by: Actor | null): Promise<void> {
  const row = toJobRow(job);
  const { id, created_at, ...changes } = row;
  if (from === null)
    await queries
      .insertInto('jobs')
      .values({ id, created_at, ...changes })
      .execute();
  else await queries.updateTable('jobs').set(changes).where('id', '=', id).execute();
  if (from !== job.state) await writeEvents(queries, from, [row], by);
}

/** What the history says of a job after a change of its state. */
type ChangedRow = Pick<
  Insertable<JobTable>,
  'id' | 'state' | 'reason' | 'fencing_token' | 'not_before' | 'failures' | 'updated_at'
>;

/** Notes that these jobs came into their state, all from the same one. The rows need not be readable as jobs. */
export async function writeEvents(
  queries: Queries,
  from: JobState | null,
  jobs: readonly ChangedRow[],
  by: Actor | null,
): Promise<void> {
  const changedBy = toActorColumn(by);
  for (const part of inParts(jobs)) {
    const rows = part.map(({ id, state, reason, fencing_token, not_before, failures, updated_at }) => ({
      job_id: id,
      at: updated_at,
      from_state: from,
      to_state: state,
      reason,
      fencing_token,
      changed_by: changedBy,
      not_before: not_before ?? null,
      failures,
    }));
    await queries.insertInto('job_events').values(rows).execute();
  }
}

export async function replaceBlockers(
  queries: Queries,
  jobId: string,
  blockers: readonly Blocker[],
  isNew: boolean,
): Promise<void> {
  if (!isNew) await queries.deleteFrom('job_blockers').where('job_id', '=', jobId).execute();
  for (const part of inParts(blockers.map((blocker) => toBlockerRow(jobId, blocker)))) {
    await queries.insertInto('job_blockers').values(part).execute();
  }
}

function inParts<T>(all: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < all.length; start += ROWS_PER_STATEMENT) {
    parts.push(all.slice(start, start + ROWS_PER_STATEMENT));
  }
  return parts;
}
