import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { ProcProcessTable } from './process-table.js';
import { oldestLine, type ProcessEntry } from './process-tree.js';
import { TreeWatch } from './tree-watch.js';

const entry = (pid: number, parent: number, rest: Partial<ProcessEntry> = {}): ProcessEntry => ({
  pid,
  parent,
  group: 1,
  startedAt: 10,
  residentBytes: 1_000_000,
  ...rest,
});

/** A process table that a test writes. */
class WrittenTable extends ProcProcessTable {
  looks = 0;

  constructor(public entries: readonly ProcessEntry[] | null) {
    super();
  }

  override list(): readonly ProcessEntry[] | null {
    this.looks += 1;
    return this.entries;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function start(entries: readonly ProcessEntry[] | null) {
  const clock = new FakeClock();
  const table = new WrittenTable(entries);
  const watch = new TreeWatch(table, clock);
  const passes = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled();
  };
  return { clock, table, watch, passes };
}

describe('TreeWatch', () => {
  const limits = { processes: 3, memoryBytes: 10_000_000 };

  it('tells once of a tree with too many processes, and leaves the others alone', async () => {
    const { watch, passes } = start([entry(5, 1), entry(6, 5), entry(7, 6), entry(8, 7), entry(9, 1)]);
    const told: string[] = [];
    const stop = watch.watch(9, limits, (reason) => told.push(`9: ${reason}`));
    watch.watch(5, limits, (reason) => told.push(`5: ${reason}`));

    await passes(1000);
    await passes(1000);
    stop();

    expect(told).toEqual(['5: It ran 4 processes at once, more than the 3 allowed']);
  });

  it('tells of a tree that takes too much memory', async () => {
    const { watch, passes } = start([
      entry(5, 1, { residentBytes: 9_000_000 }),
      entry(6, 5, { residentBytes: 2 ** 21 }),
    ]);
    const told: string[] = [];
    watch.watch(5, limits, (reason) => told.push(reason));

    await passes(1000);

    expect(told).toEqual(['Its processes took 11 MB of memory together, more than the 10 MB allowed']);
  });

  it('allows what is just within the limits', async () => {
    const full = { residentBytes: 10_000_000 / 3 };
    const { watch, passes } = start([entry(5, 1, full), entry(6, 5, full), entry(7, 5, full)]);
    const told: string[] = [];
    const stop = watch.watch(5, limits, (reason) => told.push(reason));

    await passes(1000);
    stop();

    expect(told).toEqual([]);
  });

  it('looks once a second for all, and not at all where there is nothing to watch', async () => {
    const { clock, table, watch, passes } = start(null);
    const stops = [5, 6].map((pid) => watch.watch(pid, limits, () => undefined));

    await passes(999);
    const before = table.looks;
    await passes(1);
    const during = table.looks;
    stops.forEach((stop) => stop());
    await passes(5000);

    expect([before, during, table.looks]).toEqual([0, 1, 1]);
    expect(clock.sleeping).toBe(0);
    const stop = watch.watch(7, limits, () => undefined);
    await passes(1000);
    stop();
    expect(table.looks).toBe(2);
  });
});

describe('oldestLine', () => {
  it('goes from child to child, the oldest first', () => {
    const entries = [
      entry(5, 1),
      entry(9, 5),
      entry(8, 5),
      entry(3, 5, { startedAt: 11 }),
      entry(20, 8, { startedAt: 30 }),
      entry(21, 8, { startedAt: 20 }),
    ];

    expect([...oldestLine(entries, 5, 3)]).toEqual([5, 8, 21]);
    expect([...oldestLine(entries, 5, 0)]).toEqual([]);
    expect([...oldestLine(entries, 5, 9)]).toEqual([5, 8, 21]);
    expect([...oldestLine(entries, 4, 2)]).toEqual([]);
  });

  it('ends on a table that was read while it changed and shows a circle', () => {
    expect([...oldestLine([entry(5, 6), entry(6, 5)], 5, 9)]).toEqual([5, 6]);
  });
});
