import { sql, type RawBuilder } from 'kysely';
import type { HeldBack, RunningCount } from './held-back.js';
import type { Queries } from './schema.js';

/** How many jobs at the front of the queue are looked at one by one before the lanes are. */
const FRONT = 32;

/** What runs, by repository and profile. */
export function countRunning(queries: Queries): Promise<readonly RunningCount[]> {
  return queries
    .selectFrom('jobs')
    .select(['repository', 'profile', (job) => job.fn.countAll<number>().as('running')])
    .where('state', '=', 'running')
    .groupBy(['repository', 'profile'])
    .execute();
}

/**
 * The id of the job to claim next: the most urgent available one that nothing blocks or holds back.
 *
 * What it costs does not grow with the number of jobs. Mostly the answer stands at the very front of the queue; where
 * many jobs of busy or held back lanes stand there, it grows with the number of lanes.
 *
 * @param isLeased a condition on `jobs`: whether another holder may still be working on it
 */
export async function findClaimable(
  queries: Queries,
  held: HeldBack,
  isLeased: RawBuilder<unknown>,
): Promise<string | undefined> {
  const isReady = sql`not (${isLeased}) and ${HAS_NO_BLOCKER}`;
  const front = await findAtFront(queries, held, isReady);
  return front.isDecided ? front.id : findInLanes(queries, held, isReady);
}

/** The best of the first jobs by priority and number; undecided where one behind them may be better. */
async function findAtFront(
  queries: Queries,
  held: HeldBack,
  isReady: RawBuilder<unknown>,
): Promise<{ readonly isDecided: boolean; readonly id: string | undefined }> {
  const { rows } = await sql<{ seen: number; lowest: number; id: string | null; priority: number; running: number }>`
    with front as (
      select id, repository, profile, priority, number, taken_from, taken_lease_ends_at
      from jobs
      where state = 'available'
      order by priority desc, number, id
      limit ${sql.lit(FRONT)}
    )
    select seen.jobs as seen, seen.lowest, best.id, best.priority, best.running
    from (select count(*) as jobs, min(priority) as lowest from front) as seen
    left join (
      select jobs.id, jobs.priority, coalesce(busy.running, 0) as running
      from front as jobs
      left join ${BUSY_REPOSITORIES} as busy on busy.repository = jobs.repository
      where ${isNotHeldBack('jobs', held)} and ${isReady}
      order by jobs.priority desc, coalesce(busy.running, 0), jobs.number, jobs.id
      limit 1
    ) as best on true
  `.execute(queries);
  const [best] = rows;
  if (best === undefined || best.id === null) return { isDecided: (best?.seen ?? 0) < FRONT, id: undefined };
  // A job behind these is better only if it has the same priority and its repository has fewer running jobs.
  const isDecided = best.seen < FRONT || best.running === 0 || best.lowest < best.priority;
  return { isDecided, id: best.id };
}

/**
 * Looks at the first job of each lane: the limits treat all jobs of a lane alike, so that no other can be next. Steps
 * from lane to lane along the index `jobs_claimable`, and never sees the jobs behind the first.
 */
async function findInLanes(
  queries: Queries,
  held: HeldBack,
  isReady: RawBuilder<unknown>,
): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    with recursive firsts (lane, repository, profile, priority, number, id) as (
      select * from (
        select lane, repository, profile, priority, number, id
        from jobs
        where state = 'available' and ${isReady}
        order by lane, priority desc, number, id
        limit 1
      ) as first_of_all
      union all
      select next.lane, next.repository, next.profile, next.priority, next.number, next.id
      from firsts
      join jobs as next on next.id = (
        select jobs.id
        from jobs
        where jobs.state = 'available' and jobs.lane > firsts.lane and ${isReady}
        order by jobs.lane, jobs.priority desc, jobs.number, jobs.id
        limit 1
      )
    )
    select firsts.id
    from firsts
    left join ${BUSY_REPOSITORIES} as busy on busy.repository = firsts.repository
    where ${isNotHeldBack('firsts', held)}
    order by firsts.priority desc, coalesce(busy.running, 0), firsts.number, firsts.id
    limit 1
  `.execute(queries);
  return rows[0]?.id;
}

const BUSY_REPOSITORIES = sql.raw(
  `(select repository, count(*) as running from jobs where state = 'running' group by repository)`,
);

/** An available job has no unfinished blocker; that it has none is looked at again at the moment of the claim. */
const HAS_NO_BLOCKER = sql.raw(
  'not exists (select 1 from job_blockers where job_blockers.job_id = jobs.id and job_blockers.is_finished = 0)',
);

function isNotHeldBack(table: string, { repositories, profiles }: HeldBack): RawBuilder<unknown> {
  return sql`${isNoneOf(`${table}.repository`, repositories)} and ${isNoneOf(`${table}.profile`, profiles)}`;
}

function isNoneOf(column: string, names: readonly string[]): RawBuilder<unknown> {
  return names.length === 0 ? sql.raw('true') : sql`${sql.ref(column)} not in (${sql.join([...names])})`;
}
