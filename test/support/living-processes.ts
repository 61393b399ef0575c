import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

import { SystemClock } from '../../src/kernel/index.js';

/** One process of this machine, whatever namespace it lives in. */
export interface LivingProcess {
  readonly pid: number;
  readonly commandLine: string;
  /** The file it runs; empty where that may not be known. */
  readonly executable: string;
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    // It ended while we looked.
    return '';
  }
}

/** The processes whose command line holds a mark, this one left out. Those that have ended and are not yet reaped have none. */
export function livingProcesses(mark: string): LivingProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({
      pid: Number(name),
      commandLine: readOr(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')).replaceAll('\0', ' '),
      executable: readOr(() => readlinkSync(`/proc/${name}/exe`)),
    }))
    .filter(({ commandLine }) => commandLine.includes(mark));
}

/** Resolves when no process holds the mark any more; rejects with those that still do after the time. */
export async function noneLiving(mark: string, deadlineMs = 30_000): Promise<void> {
  const clock = new SystemClock();
  const until = clock.monotonic() + deadlineMs;
  for (let left = livingProcesses(mark); left.length > 0; left = livingProcesses(mark)) {
    if (clock.monotonic() > until) throw new Error(`Still running: ${JSON.stringify(left)}`);
    await clock.sleep(20);
  }
}

/**
 * Resolves when a process holds the mark; rejects when none has after the time. In the middle of `exec` the kernel tells
 * an empty command line: one look is not enough.
 */
export async function someLiving(mark: string, deadlineMs = 30_000): Promise<void> {
  const clock = new SystemClock();
  const until = clock.monotonic() + deadlineMs;
  while (livingProcesses(mark).length === 0) {
    if (clock.monotonic() > until) throw new Error(`No process holds ${mark}`);
    await clock.sleep(20);
  }
}
