import { describe, expect, it } from '@jest/globals';

import { FakeClock } from '../testing/index.js';
import type { ProcessTable } from './process-table.js';
import type { ProcessEntry } from './process-tree.js';
import { watchHeartbeats } from './watch-heartbeats.js';

const SILENCE_MS = 5_000;

/** Processes that die when they are killed; some fork once while that is done. */
class PuppetTable implements ProcessTable {
  readonly killed: number[] = [];
  private living: ProcessEntry[];

  constructor(
    private readonly owners: Readonly<Record<number, string>>,
    private readonly forks: Readonly<Record<number, ProcessEntry>> = {},
    private readonly isBeyondReach = false,
  ) {
    this.living = Object.keys(owners).map((pid) => entry(Number(pid)));
  }

  list(): readonly ProcessEntry[] {
    return this.living;
  }

  startOf(): number {
    return 1;
  }

  isAlive(): boolean {
    return true;
  }

  environmentOf(pid: number): readonly string[] {
    return [`MOSAIC_OWNER=${this.owners[pid] ?? ''}`];
  }

  signal(pid: number, signal: NodeJS.Signals | 0): boolean {
    if (this.isBeyondReach || signal !== 'SIGKILL') return false;
    this.killed.push(pid);
    const fork = this.forks[pid];
    this.living = [...this.living.filter((one) => one.pid !== pid), ...(fork ? [fork] : [])];
    return true;
  }
}

function entry(pid: number, parent = 1): ProcessEntry {
  return { pid, parent, group: pid, startedAt: 1, residentBytes: 0 };
}

function watching(table: ProcessTable) {
  const clock = new FakeClock();
  const beats: ((beat: IteratorResult<Uint8Array>) => void)[] = [];
  const input: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise((resolve) => beats.push(resolve)) }),
  };
  const told: number[] = [];
  const killed = (count: number): number => told.push(count);
  const over = watchHeartbeats(input, { ownerId: 'ours', silenceMs: SILENCE_MS, clock, table, killed });
  const give = async (beat: IteratorResult<Uint8Array>): Promise<void> => {
    beats.shift()?.(beat);
    await settled();
  };
  return {
    told,
    over,
    beat: (text = '.') => give({ done: false, value: Buffer.from(text) }),
    end: () => give({ done: true, value: undefined }),
    pass: async (ms: number) => {
      clock.advance(ms);
      await settled();
    },
  };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const OURS_AND_OTHERS = { 10: 'ours', 11: 'theirs', 12: 'ours' };

describe('a watch over heartbeats', () => {
  it('kills nothing while the heart beats', async () => {
    const table = new PuppetTable(OURS_AND_OTHERS);
    const { beat, pass, end, over } = watching(table);

    for (let time = 0; time < 10; time += 1) {
      await pass(SILENCE_MS - 1);
      await beat();
    }
    await beat('F');
    await end();
    await over;

    expect(table.killed).toEqual([]);
  });

  it('kills what the owner started, and nothing else, when no beat comes', async () => {
    const table = new PuppetTable(OURS_AND_OTHERS);
    const { pass, told } = watching(table);

    await pass(SILENCE_MS);

    expect(table.killed.toSorted((a, b) => a - b)).toEqual([10, 12]);
    expect(told).toEqual([2]);
  });

  it('kills what is forked while it kills', async () => {
    const table = new PuppetTable({ 10: 'ours', 21: 'ours' }, { 10: entry(22, 21), 21: entry(23) });
    table.environmentOf = () => ['MOSAIC_OWNER=ours'];
    const { pass, told } = watching(table);

    await pass(SILENCE_MS);

    expect(table.killed.toSorted((a, b) => a - b)).toEqual([10, 21, 22, 23]);
    expect(told).toEqual([4]);
  });

  it('goes on watching after a silence, for who was paused may go on', async () => {
    const table = new PuppetTable({ 10: 'ours' });
    const { pass, beat, end, over, told } = watching(table);
    await pass(SILENCE_MS);
    await pass(SILENCE_MS);

    await beat();
    await beat('F');
    await end();
    await over;

    expect(told).toEqual([1]);
  });

  it('kills when the coordinator is gone without a farewell', async () => {
    const table = new PuppetTable(OURS_AND_OTHERS);
    const { beat, end, over, told } = watching(table);
    await beat();

    await end();
    await over;

    expect(told).toEqual([2]);
  });

  it('kills too when it is gone before its first beat', async () => {
    const table = new PuppetTable({ 10: 'ours' });
    const { end, over } = watching(table);

    await end();
    await over;

    expect(table.killed).toEqual([10]);
  });

  it('gives up those that it may not kill', async () => {
    const { end, over, told } = watching(new PuppetTable({ 10: 'ours' }, {}, true));

    await end();
    await over;

    expect(told).toEqual([]);
  });
});
