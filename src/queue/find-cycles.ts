import { unfinishedBlockerIds, type DependentJob } from './dependency-graph.js';

/** Jobs that wait for each other, so that none of them will ever start. */
export interface DependencyCycle {
  /** Ids of every job of the knot, in alphabetical order. One alone where a job blocks itself. */
  readonly members: readonly string[];
  /** One shortest way round from the first member: each waits for the next, and the last for the first. */
  readonly path: readonly string[];
}

/** One job's place in the search, and which of its blockers is looked at next. */
interface Visit {
  readonly id: string;
  readonly index: number;
  readonly blockers: readonly string[];
  /** The earliest job on the stack that it reaches. */
  low: number;
  next: number;
}

/**
 * Names every cycle among these jobs, in the order of their first members. Cycles that share a job are one, as they can
 * only be undone together.
 *
 * Tarjan's strongly connected components, with a stack of its own: a chain of 100,000 jobs is deeper than the call
 * stack.
 */
export function findCycles(jobs: readonly DependentJob[]): readonly DependencyCycle[] {
  const blockersOf = graphOf(jobs);
  const knots = stronglyConnected(blockersOf).filter(
    ([first = '', ...others]) => others.length > 0 || blockersOf.get(first)?.includes(first),
  );
  const cycles = knots.map((knot) => {
    const members = knot.sort();
    return { members, path: shortestWayRound(blockersOf, members, members[0] ?? '') };
  });
  return cycles.sort((a, b) => ((a.members[0] ?? '') < (b.members[0] ?? '') ? -1 : 1));
}

/** The shortest way round the cycle a job is a member of, beginning with that job. Undefined when it is in none. */
export function cycleThrough(jobs: readonly DependentJob[], jobId: string): readonly string[] | undefined {
  const cycle = findCycles(jobs).find(({ members }) => members.includes(jobId));
  return cycle && shortestWayRound(graphOf(jobs), cycle.members, jobId);
}

/** By job, the unfinished blockers that are jobs themselves: others lead nowhere. */
function graphOf(jobs: readonly DependentJob[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Set(jobs.map((job) => job.id));
  return new Map(jobs.map((job) => [job.id, unfinishedBlockerIds(job).filter((id) => ids.has(id))]));
}

function stronglyConnected(blockersOf: ReadonlyMap<string, readonly string[]>): string[][] {
  const visits = new Map<string, Visit>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const components: string[][] = [];

  function enter(id: string): Visit {
    const index = visits.size;
    const visit: Visit = { id, index, blockers: blockersOf.get(id) ?? [], low: index, next: 0 };
    visits.set(id, visit);
    open.push(id);
    isOpen.add(id);
    return visit;
  }

  for (const start of blockersOf.keys()) {
    if (visits.has(start)) continue;
    const way = [enter(start)];
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const blocker = visit.blockers[visit.next];
      visit.next += 1;
      if (blocker !== undefined) {
        const seen = visits.get(blocker);
        if (seen === undefined) way.push(enter(blocker));
        else if (isOpen.has(blocker)) visit.low = Math.min(visit.low, seen.index);
        continue;
      }
      way.pop();
      const parent = way.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low !== visit.index) continue;
      const component = open.splice(open.lastIndexOf(visit.id));
      for (const id of component) isOpen.delete(id);
      components.push(component);
    }
  }
  return components;
}

/** Breadth first, within the members, from `start` until a job waits for it. */
function shortestWayRound(
  blockersOf: ReadonlyMap<string, readonly string[]>,
  members: readonly string[],
  start: string,
): readonly string[] {
  const within = new Set(members);
  const reachedFrom = new Map<string, string | null>([[start, null]]);
  // A Map yields what is added while it is read, which makes it the queue of the search.
  for (const id of reachedFrom.keys()) {
    for (const blocker of blockersOf.get(id) ?? []) {
      if (blocker === start) return wayTo(reachedFrom, id);
      if (within.has(blocker) && !reachedFrom.has(blocker)) reachedFrom.set(blocker, id);
    }
  }
  return [start];
}

function wayTo(reachedFrom: ReadonlyMap<string, string | null>, end: string): readonly string[] {
  const way: string[] = [];
  for (let id: string | null | undefined = end; id; id = reachedFrom.get(id)) way.push(id);
  return way.reverse();
}
