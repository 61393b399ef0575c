import { sql, type RawBuilder } from 'kysely';
import type { HeldBack, RunningCount } from './held-back.js';
import type { Queries } from './schema.js';

/** What runs, by repository and profile. */
export function countRunning(queries: Queries): Promise<readonly RunningCount[]> {
  return queries
    .selectFrom('jobs')
    .select(['repository', 'profile', (job) => job.fn.countAll<number>().as('running')])
    .where('state', '=', sql.lit('running'))
    .groupBy(['repository', 'profile'])
    .execute();
}

/**
 * The id of the job to claim next: the most urgent available one that nothing blocks or holds back.
 *
 * The limits treat all jobs of a lane alike, so that only the first of each lane can be next. The query steps from
 * lane to lane along the index `jobs_claimable`, one seek each, and never looks at the jobs behind the first: what it
 * costs grows with the number of lanes, not of jobs.
 */
export async function findClaimable(
  queries: Queries,
  { repositories, profiles }: HeldBack,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    with recursive firsts (lane, repository, profile, priority, number, id) as (
      select * from (
        select lane, repository, profile, priority, number, id
        from jobs
        where state = 'available' and ${IS_READY}
        order by lane, priority desc, number, id
        limit 1
      ) as first_of_all
      union all
      select next.lane, next.repository, next.profile, next.priority, next.number, next.id
      from firsts
      join jobs as next on next.id = (
        select jobs.id
        from jobs
        where jobs.state = 'available' and jobs.lane > firsts.lane and ${IS_READY}
        order by jobs.lane, jobs.priority desc, jobs.number, jobs.id
        limit 1
      )
    )
    select firsts.id
    from firsts
    left join (
      select repository, count(*) as running from jobs where state = 'running' group by repository
    ) as busy on busy.repository = firsts.repository
    where ${isNoneOf('firsts.repository', repositories)} and ${isNoneOf('firsts.profile', profiles)}
    order by firsts.priority desc, coalesce(busy.running, 0), firsts.number, firsts.id
    limit 1
  `.execute(queries);
  return rows[0]?.id;
}

/** An available job has no unfinished blocker; that it has none is looked at again at the moment of the claim. */
const IS_READY = sql.raw(
  'not exists (select 1 from job_blockers where job_blockers.job_id = jobs.id and job_blockers.is_finished = 0)',
);

function isNoneOf(column: string, names: readonly string[]): RawBuilder<unknown> {
  return names.length === 0 ? sql.raw('true') : sql`${sql.ref(column)} not in (${sql.join([...names])})`;
}
