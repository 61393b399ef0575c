import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessEntry } from './process-tree.js';

/** The processes of this machine, as far as we may see and signal them. */
export interface ProcessTable {
  /** Those alive; zombies are not. Null where the system has no table that we can read. */
  list(): readonly ProcessEntry[] | null;
  /** When `pid` started, in the unit of `startedAt`, also when it is over but not yet waited for; null if unknown. */
  startOf(pid: number): number | null;
  /** Whether the process that `pid` named at this start still runs; a zombie does not. */
  isAlive(pid: number, startedAt: number): boolean;
  /** The environment `pid` was started with, `NAME=value` each; null if unknown. Empty while a program is loaded. */
  environmentOf(pid: number): readonly string[] | null;
  /** Sends a signal to a process, or to a group by its negative number. False when we may not, or nobody is there. */
  signal(pid: number, signal: NodeJS.Signals | 0): boolean;
}

interface Stat extends ProcessEntry {
  readonly state: string;
  readonly isKernelThread: boolean;
}

/**
 * The process table that Linux shows under `/proc`. Elsewhere `list` returns null.
 *
 * It reads synchronously on purpose: a process table is a moving picture, and whatever runs between reading and
 * signalling is time in which a process can fork.
 */
export class ProcProcessTable implements ProcessTable {
  /** Longer than any line of `stat`: 52 numbers and a name of at most 64 bytes. */
  private readonly line = Buffer.allocUnsafe(2048);

  constructor(private readonly directory = '/proc') {}

  list(): readonly ProcessEntry[] | null {
    const names = attempt(() => readdirSync(this.directory));
    if (!names) return null;
    const entries: ProcessEntry[] = [];
    for (const name of names) {
      const stat = DIGITS.test(name) ? this.stat(Number(name)) : null;
      if (stat && !OVER.has(stat.state) && !stat.isKernelThread) entries.push(stat);
    }
    return entries;
  }

  startOf(pid: number): number | null {
    return this.stat(pid)?.startedAt ?? null;
  }

  isAlive(pid: number, startedAt: number): boolean {
    const stat = this.stat(pid);
    return stat?.startedAt === startedAt && !OVER.has(stat.state);
  }

  environmentOf(pid: number): readonly string[] | null {
    const text = attempt(() => readFileSync(join(this.directory, String(pid), 'environ'), 'latin1'));
    return text === null ? null : text.split('\0').filter((entry) => entry !== '');
  }

  signal(pid: number, signal: NodeJS.Signals | 0): boolean {
    return attempt(() => process.kill(pid, signal)) ?? false;
  }

  private stat(pid: number): Stat | null {
    const text = attempt(() => this.readLine(`${this.directory}/${pid}/stat`));
    if (text === null) return null;
    // The program's name stands in parentheses and may hold spaces and parentheses itself: proc(5), /proc/pid/stat.
    const [state = '', parent, group, ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const isKernelThread = (Number(rest[3]) & PF_KTHREAD) !== 0;
    return {
      pid,
      state,
      parent: Number(parent),
      group: Number(group),
      startedAt: Number(rest[16]),
      residentBytes: Number(rest[18]) * PAGE_BYTES,
      isKernelThread,
    };
  }

  /** As `readFileSync` would, with half of its system calls: this is done for every process of the machine. */
  private readLine(path: string): string {
    const file = openSync(path, 'r');
    try {
      return this.line.toString('latin1', 0, readSync(file, this.line));
    } finally {
      closeSync(file);
    }
  }
}

/** Of most machines. Where pages are larger (some ARM kernels), memory in use is taken for less than it is. */
const PAGE_BYTES = 4096;
const DIGITS = /^\d+$/;
/** Zombie and dead: nothing of it runs any more. */
const OVER = new Set(['Z', 'X', 'x']);

/** The flag of kernel threads, which have no environment: include/linux/sched.h. */
const PF_KTHREAD = 0x00200000;

/** What goes wrong here is always that the process is gone, or another user's. */
function attempt<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
