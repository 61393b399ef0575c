/** One living process, as the system's process table has it. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since the machine started. A process and its pid used again differ in it. */
  readonly startedAt: number;
  /** Memory in use, in bytes, with what it shares with others. */
  readonly residentBytes: number;
}

/**
 * The processes that `isRoot` names, and everything that descends from them.
 *
 * Descent alone is not enough: a daemon's parent is gone and it descends from nobody. That is why `isRoot` is asked
 * about every process, and may recognise one by its group or by a mark in its environment.
 */
export function processTree(
  entries: readonly ProcessEntry[],
  isRoot: (entry: ProcessEntry) => boolean,
): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of entries) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const found = new Set<ProcessEntry>();
  const open = entries.filter(isRoot);
  for (let next = open.pop(); next; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(children.get(next.pid) ?? []));
  }
  return [...found];
}

/**
 * The process `pid`, its oldest child, the oldest child of that, and so on: `count` processes, or as many as there are.
 */
export function oldestLine(entries: readonly ProcessEntry[], pid: number, count: number): ReadonlySet<number> {
  const line = new Set<number>();
  let next = entries.find((entry) => entry.pid === pid);
  while (next !== undefined && line.size < count && !line.has(next.pid)) {
    const { pid: parent } = next;
    line.add(parent);
    const children = entries.filter((entry) => entry.parent === parent);
    // Within one clock tick, the smaller process id is the older, but where the numbers begin again.
    next = children.sort((one, other) => one.startedAt - other.startedAt || one.pid - other.pid)[0];
  }
  return line;
}

/** The process `pid` and all its ancestors. */
export function lineOf(entries: readonly ProcessEntry[], pid: number): ReadonlySet<number> {
  const parents = new Map(entries.map((entry) => [entry.pid, entry.parent]));
  const line = new Set<number>();
  for (let next: number | undefined = pid; next !== undefined && !line.has(next); next = parents.get(next)) {
    line.add(next);
  }
  return line;
}
