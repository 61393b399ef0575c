import { sql } from 'kysely';
import type { Actor, JobChange } from '../queue/index.js';
import { BLOCKERS, toJobs, writeEvents } from './job-rows.js';
import type { Queries } from './schema.js';

/**
 * Says to every job that names the issue whether it is finished, and lets those that wait follow: by two statements,
 * however many they are.
 *
 * @param now milliseconds since 1970
 */
export async function settleBlockerRows(
  queries: Queries,
  issueId: string,
  isFinished: boolean,
  now: number,
  by: Actor | null,
): Promise<readonly JobChange[]> {
  await queries
    .updateTable('job_blockers')
    .set({ is_finished: isFinished ? 1 : 0 })
    .where('blocker_id', '=', issueId)
    .where('is_finished', '=', isFinished ? 0 : 1)
    .execute();

  const [from, to] = isFinished ? (['pending', 'available'] as const) : (['available', 'pending'] as const);
  const unfinished = sql<boolean>`exists (
    select 1 from job_blockers where job_blockers.job_id = jobs.id and job_blockers.is_finished = 0
  )`;
  const rows = await queries
    .updateTable('jobs')
    .set({ state: to, reason: isFinished ? `${issueId} is finished` : `${issueId} is not finished`, updated_at: now })
    .where('state', '=', from)
    .where('id', 'in', (blockers) =>
      blockers.selectFrom('job_blockers').select('job_id').where('blocker_id', '=', issueId),
    )
    .where((where) => (isFinished ? where.not(unfinished) : unfinished))
    .returningAll()
    .returning(BLOCKERS)
    .execute();
  await writeEvents(queries, from, rows, by);
  return toJobs(rows).map((job) => ({ job, from }));
}
