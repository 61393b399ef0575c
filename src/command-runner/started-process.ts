import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as otherWork } from 'node:timers/promises';
import type { Clock } from '../kernel/index.js';
import type { CommandTree } from './command-tree.js';
import { endProcesses } from './end-processes.js';
import { endingOf, killedReason } from './ending-of.js';
import type { ProcessExit } from './process-launcher.port.js';
import type { ProcessTable } from './process-table.js';
import { oldestLine } from './process-tree.js';
import { reasonMissing } from './reason-not-started.js';
import { NAMESPACE_DESCRIPTOR, WARDEN_DESCRIPTOR, type ConfinedStart } from './sandbox.port.js';
import type { TreeWatch } from './tree-watch.js';
import { WardenReport, readNamespacePid, type WardenStart } from './warden-report.js';

/** What a program started may outlive it this long, to end by itself, before it counts as left behind. */
const SETTLE_MS = 100;
/** How long output is awaited after the last process is gone: somebody else may hold the other end. */
const DRAIN_MS = 250;
/** Turns of the event loop without a byte after which there is nothing more in the pipes. */
const IDLE_TURNS = 3;
/** Whoever goes on writing for so many turns is not waited for. */
const MOST_TURNS = 1_000;
/** A namespace whose first process was killed is gone within a few of these. */
const NAMESPACE_POLL_MS = 2;
const COMPLAINT_CHARACTERS = 2000;

/** What a started process is seen with. */
export interface ProcessSurroundings {
  readonly clock: Clock;
  readonly table: ProcessTable;
  readonly graceMs: number;
  readonly watch: TreeWatch;
}

/** A process that was started for a program, and all that came of it. */
export class StartedProcess {
  /** Resolves when the program has ended, with what it left behind still there. */
  readonly exited: Promise<ProcessExit>;
  /** Why the program could not be started; null as soon as it runs. */
  readonly failure: Promise<string | null>;
  private readonly closed: Promise<void>;
  private isClosed = false;
  private readonly report: WardenReport | null;
  private readonly namespace: Promise<{ readonly pid: number; readonly startedAt: number } | null>;
  private complaint = '';
  private breach: string | null = null;
  private ending: Promise<void> | null = null;

  constructor(
    readonly child: ChildProcess,
    program: string,
    readonly pid: number,
    private readonly tree: CommandTree,
    private readonly confined: ConfinedStart | null,
    private readonly around: ProcessSurroundings,
  ) {
    this.closed = new Promise((resolve) =>
      child.once('close', () => {
        this.isClosed = true;
        resolve();
      }),
    );
    const exit = new Promise<ProcessExit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    if (confined?.hasNamespace) {
      this.report = new WardenReport(channelOf(child, WARDEN_DESCRIPTOR), () => around.clock.sleep(SETTLE_MS));
      this.namespace = readNamespacePid(channelOf(child, NAMESPACE_DESCRIPTOR)).then((first) => this.adopt(first));
      this.failure = this.report.start.then((start) => this.failureOf(start, program));
      this.hearComplaint();
    } else {
      this.report = null;
      this.namespace = Promise.resolve(null);
      this.failure = Promise.resolve(null);
    }
    const stopWatching = this.watch(confined);
    this.exited = exit.then((ended) => {
      stopWatching();
      return this.endedAs(ended);
    });
  }

  /**
   * Ends the program and everything it started. Resolves when all of it is gone and its output is read or closed. May
   * be called again.
   */
  end(): Promise<void> {
    this.ending ??= this.endTree().then(() => this.drain());
    return this.ending;
  }

  /** Ends what a program that has exited left behind, and tells how many processes that were. */
  async settle(): Promise<number> {
    if (this.report) {
      const leftBehind = await this.report.leftBehind;
      await this.end();
      return leftBehind;
    }
    let leftBehind = (await this.tree.settled()).length;
    if (leftBehind > 0) {
      await this.around.clock.sleep(SETTLE_MS);
      leftBehind = this.tree.living().length;
    }
    if (leftBehind > 0) await this.end();
    else await this.drain();
    return leftBehind;
  }

  private async endTree(): Promise<void> {
    const { table, clock, graceMs } = this.around;
    const hasExited = this.child.exitCode !== null || this.child.signalCode !== null;
    // What has exited leaves nothing outside of its namespace.
    if (!hasExited || (await this.namespace) === null) {
      await endProcesses(
        () => this.tree.living(),
        table,
        clock,
        graceMs,
        (living) => oldestLine(living, this.pid, this.confined?.ownProcesses ?? 0),
      );
    }
    // The kernel ends everything in a namespace before it lets its first process go: pid_namespaces(7).
    const first = await this.namespace;
    while (first && table.isAlive(first.pid, first.startedAt)) {
      table.signal(first.pid, 'SIGKILL');
      await clock.sleep(NAMESPACE_POLL_MS);
    }
  }

  private async drain(): Promise<void> {
    const drained = new AbortController();
    await Promise.race([this.closed, this.around.clock.sleep(DRAIN_MS, drained.signal)]);
    drained.abort();
    await this.readWhatIsThere();
    for (const stream of this.child.stdio) stream?.destroy();
    await this.closed;
  }

  /**
   * Reads what lies in the pipes. A process that was paused, or had no time, wakes with its timers: without this it would
   * take what it has not read for what was never written.
   */
  private async readWhatIsThere(): Promise<void> {
    let idleTurns = 0;
    for (let turn = 0; turn < MOST_TURNS && idleTurns < IDLE_TURNS && !this.isClosed; turn += 1) {
      const before = this.bytesRead;
      await otherWork();
      idleTurns = this.bytesRead === before ? idleTurns + 1 : 0;
    }
  }

  private get bytesRead(): number {
    return [this.child.stdout, this.child.stderr].reduce(
      (sum, stream) => sum + ((stream as Socket | null)?.bytesRead ?? 0),
      0,
    );
  }

  private watch(confined: ConfinedStart | null): () => void {
    if (!confined?.limits) return () => undefined;
    return this.around.watch.watch(this.pid, confined.limits, (reason) => {
      this.breach = reason;
      // At once, and by the kernel: what has become too much is not asked.
      this.around.table.signal(this.pid, 'SIGKILL');
    });
  }

  private adopt(pid: number | null): { readonly pid: number; readonly startedAt: number } | null {
    const startedAt = pid === null ? null : this.around.table.startOf(pid);
    if (pid === null || startedAt === null) return null;
    this.tree.adopt(pid, startedAt);
    return { pid, startedAt };
  }

  private endedAs(ended: ProcessExit): ProcessExit {
    if (this.breach !== null) return { ...ended, reason: `Killed: ${this.breach}` };
    if (this.confined?.hasNamespace) return endingOf(ended);
    return ended.signal === null ? ended : { ...ended, reason: killedReason(ended.signal) };
  }

  private async failureOf(start: WardenStart | null, program: string): Promise<string | null> {
    if (start === 'started') return null;
    if (start !== null) return reasonMissing(program, start);
    await this.closed;
    const lines = this.complaint.trim().split('\n');
    return `The sandbox could not be set up: ${lines.at(-1) || 'it ended without a word'}`;
  }

  /** Keeps what is said until the program runs: that is the sandbox. */
  private hearComplaint(): void {
    const hear = (chunk: Buffer): void => {
      this.complaint = `${this.complaint}${chunk.toString('utf8')}`.slice(-COMPLAINT_CHARACTERS);
    };
    this.child.stderr?.on('data', hear);
    void this.failure.then(() => this.child.stderr?.off('data', hear));
  }
}

function channelOf(child: ChildProcess, descriptor: number): Duplex {
  // Node types what it makes for a pipe beyond the third as either direction; it is a socket.
  return child.stdio[descriptor] as Duplex;
}
