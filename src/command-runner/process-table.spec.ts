import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcProcessTable } from './process-table.js';

describe('ProcProcessTable', () => {
  let proc: string;

  beforeEach(async () => {
    proc = await mkdtemp(join(tmpdir(), 'proc-'));
  });

  afterEach(() => rm(proc, { recursive: true, force: true }));

  /** A line as proc(5) describes it, with what is not read set to 0. */
  async function write(pid: number, { name = 'sh', state = 'S', flags = 0, environ = 'A=1\0B=2\0' } = {}) {
    await mkdir(join(proc, String(pid)));
    const zeros = Array(12).fill(0).join(' ');
    await writeFile(
      join(proc, String(pid), 'stat'),
      `${pid} (${name}) ${state} 7 8 9 0 -1 ${flags} ${zeros} 4321 0 0\n`,
    );
    await writeFile(join(proc, String(pid), 'environ'), environ);
  }

  it('reads parent, group and start, whatever a program calls itself', async () => {
    await write(12, { name: 'a) S 1 1 (b' });

    expect(new ProcProcessTable(proc).list()).toMatchObject([{ pid: 12, parent: 7, group: 8, startedAt: 4321 }]);
  });

  it('leaves out zombies, kernel threads and what is no process', async () => {
    await write(12, { state: 'Z' });
    await write(13, { state: 'X' });
    await write(14, { flags: 0x00208040 });
    await mkdir(join(proc, 'sys'));
    await mkdir(join(proc, '15'));

    expect(new ProcProcessTable(proc).list()).toEqual([]);
  });

  it('knows when a zombie started, since it is not yet waited for', async () => {
    await write(12, { state: 'Z' });

    expect(new ProcProcessTable(proc).startOf(12)).toBe(4321);
    expect(new ProcProcessTable(proc).startOf(13)).toBeNull();
  });

  it('reads the environment a process was started with', async () => {
    await write(12);
    await write(13, { environ: '' });

    const table = new ProcProcessTable(proc);
    expect(table.environmentOf(12)).toEqual(['A=1', 'B=2']);
    expect(table.environmentOf(13)).toEqual([]);
    expect(table.environmentOf(14)).toBeNull();
  });

  it('has no list where the system keeps none', () => {
    expect(new ProcProcessTable(join(proc, 'missing')).list()).toBeNull();
  });

  it('says whether a signal reached somebody', () => {
    expect(new ProcProcessTable(proc).signal(process.pid, 0)).toBe(true);
    expect(new ProcProcessTable(proc).signal(999_999_999, 0)).toBe(false);
  });

  it('finds this very process in the table of the machine', () => {
    const entry = new ProcProcessTable().list()?.find(({ pid }) => pid === process.pid);

    expect(entry).toMatchObject({ parent: process.ppid });
  });
});
