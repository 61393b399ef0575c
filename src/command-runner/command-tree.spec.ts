import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { CommandTree } from './command-tree.js';
import { endLeftovers } from './end-leftovers.js';
import { endProcesses } from './end-processes.js';
import type { ProcessTable } from './process-table.js';
import { lineOf, processTree, type ProcessEntry } from './process-tree.js';

interface FakeProcess extends ProcessEntry {
  /** What each look at its environment shows; the last one stays. */
  readonly environments: readonly (readonly string[] | null)[];
  readonly survives?: readonly (NodeJS.Signals | 0)[];
  readonly isRefused?: boolean;
}

/** A process table that a test writes, with processes that end when they are signalled. */
class FakeProcessTable implements ProcessTable {
  readonly sent: string[] = [];
  private readonly looks = new Map<number, number>();

  constructor(private processes: readonly FakeProcess[]) {}

  list(): readonly ProcessEntry[] {
    return this.processes;
  }

  startOf(pid: number): number | null {
    return this.find(pid)?.startedAt ?? null;
  }

  isAlive(pid: number, startedAt: number): boolean {
    return this.startOf(pid) === startedAt;
  }

  environmentOf(pid: number): readonly string[] | null {
    const look = this.looks.get(pid) ?? 0;
    this.looks.set(pid, look + 1);
    const environments = this.find(pid)?.environments ?? [];
    return environments[Math.min(look, environments.length - 1)] ?? null;
  }

  signal(pid: number, signal: NodeJS.Signals | 0): boolean {
    const target = this.find(pid);
    if (!target || target.isRefused) return false;
    this.sent.push(`${signal} ${pid}`);
    if (!target.survives?.includes(signal)) this.processes = this.processes.filter((other) => other !== target);
    return true;
  }

  private find(pid: number): FakeProcess | undefined {
    return this.processes.find((other) => other.pid === pid);
  }
}

const fake = (pid: number, rest: Partial<FakeProcess> = {}): FakeProcess => ({
  pid,
  parent: 1,
  group: pid,
  startedAt: 10,
  residentBytes: 0,
  environments: [['A=1']],
  ...rest,
});
const pids = (entries: readonly ProcessEntry[]): number[] => entries.map((entry) => entry.pid).sort((a, b) => a - b);

describe('processTree', () => {
  it('finds the roots and all that descend from them, once each', () => {
    const entries = [fake(5), fake(6, { parent: 5 }), fake(7, { parent: 6 }), fake(8, { parent: 6 }), fake(9)];

    expect(pids(processTree(entries, ({ pid }) => pid === 5 || pid === 7))).toEqual([5, 6, 7, 8]);
  });

  it('ends on a table that was read while it changed and shows a circle', () => {
    const entries = [fake(5, { parent: 6 }), fake(6, { parent: 5 })];

    expect(pids(processTree(entries, ({ pid }) => pid === 5))).toEqual([5, 6]);
    expect([...lineOf(entries, 5)]).toEqual([5, 6]);
  });
});

describe('CommandTree', () => {
  const mark = 'MOSAIC_COMMAND=x';
  const tree = (...others: FakeProcess[]) => new CommandTree(100, mark, new FakeProcessTable([fake(100), ...others]));

  it('knows its own by group, mark and descent', () => {
    const own = [
      fake(101, { group: 100 }),
      fake(102, { environments: [['A=1', mark]] }),
      fake(103, { parent: 102, environments: [null] }),
    ];

    expect(pids(tree(...own, fake(104), fake(105, { environments: [[`B=${mark}`, `${mark}y`]] })).living())).toEqual([
      100, 101, 102, 103,
    ]);
  });

  it('takes nothing that is older than the command', () => {
    expect(pids(tree(fake(101, { group: 100, startedAt: 9, environments: [[mark]] })).living())).toEqual([100]);
  });

  it('looks again while a program is being loaded', async () => {
    const table = new FakeProcessTable([fake(101, { environments: [[], [], [mark]] })]);

    expect(pids(await new CommandTree(100, mark, table).settled())).toEqual([101]);
  });

  it('does not look for ever at a program that has no environment', async () => {
    const table = new FakeProcessTable([fake(101, { environments: [[]] })]);

    expect(await new CommandTree(100, mark, table).settled()).toEqual([]);
  });
});

describe('endProcesses', () => {
  async function end(graceMs: number, ...processes: FakeProcess[]) {
    const table = new FakeProcessTable(processes);
    const clock = new FakeClock();
    let isOver = false;
    const ending = endProcesses(() => table.list(), table, clock, graceMs).finally(() => (isOver = true));
    while (!isOver) {
      clock.advance(5);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { ended: await ending, sent: table.sent, elapsed: clock.monotonic() };
  }

  it('signals nobody when there is nobody', async () => {
    expect(await end(100)).toMatchObject({ ended: 0, sent: [] });
  });

  it('asks once, and kills after the grace', async () => {
    const { ended, sent, elapsed } = await end(100, fake(5), fake(6, { survives: ['SIGTERM'] }));

    expect(sent).toEqual(['SIGTERM 5', 'SIGTERM 6', 'SIGKILL 6']);
    expect(ended).toBe(2);
    expect(elapsed).toBeGreaterThanOrEqual(100);
  });

  it('kills at once without a grace', async () => {
    expect(await end(0, fake(5))).toMatchObject({ ended: 1, sent: ['SIGKILL 5'] });
  });

  it('does not wait for a process that it may not signal', async () => {
    expect(await end(100, fake(5, { isRefused: true }), fake(6))).toMatchObject({ ended: 1, sent: ['SIGTERM 6'] });
  });
});

describe('endLeftovers', () => {
  it('spares this process and its ancestors, whatever mark they carry', async () => {
    const mark = { environments: [['MOSAIC_OWNER=me']] };
    const table = new FakeProcessTable([
      fake(process.ppid, { ...mark, parent: 1 }),
      fake(process.pid, { ...mark, parent: process.ppid }),
      fake(999_999_999, { environments: [null] }),
    ]);

    expect(await endLeftovers('me', { table })).toBe(0);
    expect(table.sent).toEqual([]);
  });
});
