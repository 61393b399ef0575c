import type { ProcessTable } from './process-table.js';
import { processTree, type ProcessEntry } from './process-tree.js';

const LOOKS = 20;

/**
 * Everything that one command started and that still lives.
 *
 * A process belongs to it by its process group, by its mark in the environment, or by descent from one that does. So a
 * daemon that left the group and whose parent is gone is found by its mark. What clears its environment, leaves the
 * group and loses its parent all at once is not: only a PID namespace around the command holds that.
 *
 * Where there is no process table to read (macOS), it is the process group alone.
 */
export class CommandTree {
  private readonly startedAt: number;
  private adopted: { readonly pid: number; readonly startedAt: number } | null = null;

  /** @param mark `NAME=value`, as it stands in the environment of the command and of no other */
  constructor(
    private readonly rootPid: number,
    private readonly mark: string,
    private readonly table: ProcessTable,
  ) {
    // Nothing older belongs to it, which spares most environments from being read.
    this.startedAt = table.startOf(rootPid) ?? 0;
  }

  /** Makes a process and what descends from it a part of the tree, whatever else they are. */
  adopt(pid: number, startedAt: number): void {
    this.adopted = { pid, startedAt };
  }

  living(): readonly ProcessEntry[] {
    return this.look().living;
  }

  /** The same, but looks again while a program is being loaded: until that is done it shows no environment. */
  async settled(): Promise<readonly ProcessEntry[]> {
    let seen = this.look();
    for (let looks = 1; looks < LOOKS && seen.living.length === 0 && seen.isLoading; looks += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      seen = this.look();
    }
    return seen.living;
  }

  private look(): { readonly living: readonly ProcessEntry[]; readonly isLoading: boolean } {
    const entries = this.table.list();
    if (!entries) return { living: this.group(), isLoading: false };
    let isLoading = false;
    const isRoot = (entry: ProcessEntry): boolean => {
      if (entry.startedAt < this.startedAt) return false;
      if (entry.pid === this.adopted?.pid && entry.startedAt === this.adopted.startedAt) return true;
      if (entry.group === this.rootPid) return true;
      const environment = this.table.environmentOf(entry.pid);
      if (environment?.length === 0) isLoading = true;
      return environment?.includes(this.mark) ?? false;
    };
    return { living: processTree(entries, isRoot), isLoading };
  }

  private group(): readonly ProcessEntry[] {
    const isAlive = this.table.signal(-this.rootPid, 0);
    return isAlive ? [{ pid: -this.rootPid, parent: 0, group: this.rootPid, startedAt: 0, residentBytes: 0 }] : [];
  }
}
