import type { Clock } from '../kernel/index.js';
import type { ProcessTable } from './process-table.js';
import { processTree } from './process-tree.js';
import type { TreeLimits } from './sandbox.port.js';

const LOOK_EVERY_MS = 1000;

interface Watched {
  readonly rootPid: number;
  readonly limits: TreeLimits;
  readonly onBreach: (reason: string) => void;
}

/**
 * Watches what process trees take together, by looking at the process table once a second while there is one to watch.
 *
 * Limits of the kernel hold for one process at a time, and the one on the number of processes not at all where the
 * service is root (kernel/fork.c, `copy_process`: root of the machine is exempt). This is what ends a fork bomb there.
 */
export class TreeWatch {
  private readonly watched = new Set<Watched>();
  private over = new AbortController();

  constructor(
    private readonly table: ProcessTable,
    private readonly clock: Clock,
  ) {}

  /**
   * Watches the descendants of a process until the returned function is called.
   *
   * @param onBreach told once, with the reason, when they take more than they may
   */
  watch(rootPid: number, limits: TreeLimits, onBreach: (reason: string) => void): () => void {
    const entry: Watched = { rootPid, limits, onBreach };
    this.watched.add(entry);
    if (this.watched.size === 1) void this.look();
    return () => this.forget(entry);
  }

  private async look(): Promise<void> {
    this.over = new AbortController();
    const { signal } = this.over;
    for (;;) {
      await this.clock.sleep(LOOK_EVERY_MS, signal);
      if (signal.aborted) return;
      const entries = this.table.list() ?? [];
      for (const watched of this.watched) {
        const tree = processTree(entries, ({ pid }) => pid === watched.rootPid);
        const memory = tree.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
        const reason = breachOf(watched.limits, tree.length, memory);
        if (reason === null) continue;
        this.forget(watched);
        watched.onBreach(reason);
      }
    }
  }

  private forget(entry: Watched): void {
    if (this.watched.delete(entry) && this.watched.size === 0) this.over.abort();
  }
}

function breachOf(limits: TreeLimits, processes: number, memoryBytes: number): string | null {
  if (processes > limits.processes)
    return `It ran ${processes} processes at once, more than the ${limits.processes} allowed`;
  if (memoryBytes <= limits.memoryBytes) return null;
  return `Its processes took ${megabytes(memoryBytes)} MB of memory together, more than the ${megabytes(limits.memoryBytes)} MB allowed`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576);
}
