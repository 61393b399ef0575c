import { unfinishedBlockerIds, type DependentJob } from './dependency-graph.js';

/** Jobs that wait for each other, so that none of them will ever start. */
export interface DependencyCycle {
  /** Ids of every job of the knot, in alphabetical order. One alone where a job blocks itself. */
  readonly members: readonly string[];
  /** One shortest way round from the first member: each waits for the next, and the last for the first. */
  readonly path: readonly string[];
}

/** A job in the search, with the jobs among these that it waits for. */
interface Node {
  readonly id: string;
  readonly blockers: Node[];
  /** How many jobs were seen before it; -1 while it is unseen. */
  index: number;
  /** The lowest index among the open jobs that it reaches. */
  low: number;
  /** Which of its blockers is looked at next. */
  next: number;
  /** Whether it may still turn out to be of one knot with what is seen next. */
  isOpen: boolean;
}

/**
 * Names every cycle among these jobs, in the order of their first members. Cycles that share a job are one, as they can
 * only be undone together.
 */
export function findCycles(jobs: readonly DependentJob[]): readonly DependencyCycle[] {
  const cycles = knotsOf(graphOf(jobs)).map((knot) => {
    const first = knot.reduce((least, node) => (node.id < least.id ? node : least));
    const cycle = { members: knot.map((node) => node.id).sort(), path: shortestWayRound(first) };
    return { first, cycle };
  });
  return cycles.sort((a, b) => (a.first.id < b.first.id ? -1 : 1)).map(({ cycle }) => cycle);
}

/** The shortest way round the cycle a job is a member of, beginning with that job. Undefined when it is in none. */
export function cycleThrough(jobs: readonly DependentJob[], jobId: string): readonly string[] | undefined {
  const members = knotsOf(graphOf(jobs)).flat();
  const member = members.find((node) => node.id === jobId);
  return member && shortestWayRound(member);
}

/** Unfinished blockers without a job lead nowhere, and are left out. */
function graphOf(jobs: readonly DependentJob[]): readonly Node[] {
  const nodes = new Map<string, Node>();
  for (const { id } of jobs) nodes.set(id, { id, blockers: [], index: -1, low: -1, next: 0, isOpen: false });
  for (const job of jobs) {
    const blockers = unfinishedBlockerIds(job).flatMap((id) => nodes.get(id) ?? []);
    nodes.get(job.id)?.blockers.push(...blockers);
  }
  return [...nodes.values()];
}

/** The strongly connected components that are cycles: of several jobs, or of one that blocks itself. */
function knotsOf(nodes: readonly Node[]): readonly Node[][] {
  return stronglyConnected(nodes).filter(
    (knot) => knot.length > 1 || knot.some((node) => node.blockers.includes(node)),
  );
}

/** Tarjan's algorithm, with a stack of its own: a chain of 100,000 jobs is deeper than the call stack. */
function stronglyConnected(nodes: readonly Node[]): readonly Node[][] {
  const components: Node[][] = [];
  const open: Node[] = [];
  let seen = 0;

  function enter(node: Node): Node {
    node.index = node.low = seen++;
    node.isOpen = true;
    open.push(node);
    return node;
  }

  for (const start of nodes) {
    if (start.index !== -1) continue;
    const way = [enter(start)];
    for (let node = way.at(-1); node !== undefined; node = way.at(-1)) {
      const blocker = node.blockers[node.next++];
      if (blocker !== undefined) {
        if (blocker.index === -1) way.push(enter(blocker));
        else if (blocker.isOpen) node.low = Math.min(node.low, blocker.index);
        continue;
      }
      way.pop();
      const waiting = way.at(-1);
      if (waiting !== undefined) waiting.low = Math.min(waiting.low, node.low);
      if (node.low !== node.index) continue;
      const component = open.splice(open.lastIndexOf(node));
      for (const member of component) member.isOpen = false;
      components.push(component);
    }
  }
  return components;
}

/** From a member of a cycle, breadth first, until it is reached again. */
function shortestWayRound(start: Node): readonly string[] {
  const waitingFor = new Map<Node, Node>();
  const queue = [start];
  for (const node of queue) {
    for (const blocker of node.blockers) {
      if (waitingFor.has(blocker)) continue;
      waitingFor.set(blocker, node);
      queue.push(blocker);
    }
  }
  const way: string[] = [];
  for (let node = waitingFor.get(start); node !== undefined && node !== start; node = waitingFor.get(node)) {
    way.push(node.id);
  }
  return [start.id, ...way.reverse()];
}
