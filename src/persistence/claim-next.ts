import { sql, type RawBuilder } from 'kysely';
import type { Actor, ClaimRequest, Job } from '../queue/index.js';
import { countRunning, findClaimable } from './claimable-job.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { heldBack } from './held-back.js';
import type { JobRow } from './job-row.js';
import { BLOCKERS, toJobs, writeEvents } from './job-rows.js';
import type { Queries } from './schema.js';

/** What of the database tells the times of a claim. */
type Times = Pick<CoordinatorDatabase, 'clock' | 'leaseNow'>;

/** Claims the next job within a transaction that no other change of jobs runs beside. One that cannot be read is set aside. */
export async function claimNext(queries: Queries, times: Times, request: ClaimRequest): Promise<Job | undefined> {
  const held = heldBack(await countRunning(queries), request);
  if (held === 'everything') return undefined;
  const by: Actor = { kind: 'coordinator', holder: request.holder };
  for (;;) {
    const id = await findClaimable(queries, held, isLeasedToOthers(times, request.holder));
    if (id === undefined) return undefined;
    const rows = await lease(queries, times, id, request);
    const [job] = toJobs(rows);
    if (job !== undefined) {
      await writeEvents(queries, 'available', rows, by);
      return job;
    }
    await setAside(queries, times, id, by);
  }
}

/** Whether a job of a query was taken from a holder that may still be working on it, another one than this. */
function isLeasedToOthers(times: Times, holder: string): RawBuilder<unknown> {
  const isAnother = sql`jobs.taken_from is not null and jobs.taken_from <> ${holder}`;
  return sql`${isAnother} and coalesce(jobs.taken_lease_ends_at, 0) > ${times.leaseNow()}`;
}

function lease(
  queries: Queries,
  times: Times,
  id: string,
  { holder, leaseMs }: ClaimRequest,
): Promise<readonly JobRow[]> {
  return queries
    .updateTable('jobs')
    .set((job) => ({
      state: 'running',
      reason: `Claimed by ${holder}`,
      fencing_token: job('fencing_token', '+', 1),
      lease_holder: holder,
      lease_ends_at: sql<number>`${times.leaseNow()} + ${leaseMs}`,
      taken_from: null,
      taken_lease_ends_at: null,
      updated_at: times.clock.now(),
    }))
    .where('id', '=', id)
    .returningAll()
    .returning(BLOCKERS)
    .execute();
}

/** Takes a job that cannot be read out of the way of the others. Nobody was given the token of its claim. */
async function setAside(queries: Queries, times: Times, id: string, by: Actor): Promise<void> {
  const rows = await queries
    .updateTable('jobs')
    .set((job) => ({
      state: 'needs_attention',
      reason: 'What was stored of it is damaged: edit its issue so that it is read again',
      fencing_token: job('fencing_token', '-', 1),
      lease_holder: null,
      lease_ends_at: null,
      updated_at: times.clock.now(),
    }))
    .where('id', '=', id)
    .returningAll()
    .execute();
  await writeEvents(queries, 'available', rows, by);
}
