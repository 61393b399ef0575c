import { spawn, type ChildProcess } from 'node:child_process';
import { statSync } from 'node:fs';
import type { OnApplicationShutdown } from '@nestjs/common';
import { SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { BoundedOutput } from './bounded-output.js';
import { resolveCommandRunnerOptions, type CommandRunnerModuleOptions } from './command-runner.options.js';
import type { Command, CommandEnding, CommandResult, CommandRunner } from './command-runner.port.js';
import { CommandTree } from './command-tree.js';
import { endProcesses } from './end-processes.js';
import { COMMAND_MARK, OWNER_MARK } from './marks.js';
import { ProcProcessTable, type ProcessTable } from './process-table.js';

const DEFAULT_KEEP_BYTES = 262_144;
/** What a command started may outlive it this long, to end by itself, before it counts as left behind. */
const SETTLE_MS = 100;
/** How long output is awaited after the last process is gone: somebody else may hold the other end. */
const DRAIN_MS = 250;
/** Timers of Node fire at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Ended = Exit | 'timed_out' | 'aborted';

/**
 * Runs programs as processes of this machine, each in a process group of its own, and ends everything they started.
 *
 * It knows whom to end from `CommandTree`, whose docstring says what it can not see. Standard output and error are
 * sockets, as with any program Node starts: a script that opens `/dev/stdout` by name fails on Linux.
 */
export class ProcessCommandRunner implements CommandRunner, OnApplicationShutdown {
  private readonly ownerId: string | null;
  private readonly graceMs: number;
  private readonly running = new Map<AbortController, Promise<CommandResult>>();
  private isShutDown = false;

  /** @throws {InvalidCommandRunnerOptionsError} if an option is out of range */
  constructor(
    options: CommandRunnerModuleOptions = {},
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
    private readonly table: ProcessTable = new ProcProcessTable(),
  ) {
    ({ ownerId: this.ownerId, graceMs: this.graceMs } = resolveCommandRunnerOptions(options));
  }

  async run(command: Command): Promise<CommandResult> {
    const over = new AbortController();
    const abort = (): void => over.abort();
    if (this.isShutDown || command.signal?.aborted) abort();
    command.signal?.addEventListener('abort', abort, { once: true });
    const run = this.runToTheEnd(command, over);
    this.running.set(over, run);
    try {
      return await run;
    } finally {
      this.running.delete(over);
      command.signal?.removeEventListener('abort', abort);
    }
  }

  /** Aborts what still runs and waits until it is gone, so that no process outlives this one's orderly end. */
  async onApplicationShutdown(): Promise<void> {
    this.isShutDown = true;
    for (const over of this.running.keys()) over.abort();
    await Promise.allSettled(this.running.values());
  }

  private async runToTheEnd(command: Command, over: AbortController): Promise<CommandResult> {
    const startedAt = this.clock.monotonic();
    const keepBytes = command.keepOutputBytes ?? DEFAULT_KEEP_BYTES;
    const output = { stdout: new BoundedOutput(keepBytes), stderr: new BoundedOutput(keepBytes) };
    const result = (
      ending: CommandEnding,
      reason: string | null,
      rest: Partial<CommandResult> = {},
    ): CommandResult => ({
      ending,
      reason,
      exitCode: null,
      leftBehind: 0,
      stdout: output.stdout.captured(),
      stderr: output.stderr.captured(),
      durationMs: this.clock.monotonic() - startedAt,
      ...rest,
    });

    if (over.signal.aborted) return result('aborted', 'Aborted before it was started');

    // The process id keeps apart two coordinators whose randomness repeats, as in tests.
    const mark = `${process.pid}-${this.randomness.uuid()}`;
    const started = this.start(command, mark);
    if (typeof started === 'string') return result('not_started', started);
    const { child, exit, closed } = started;
    if (child.pid === undefined) return result('not_started', await started.failure);
    const tree = new CommandTree(child.pid, `${COMMAND_MARK}=${mark}`, this.table);
    collect(child, output);
    feed(child, command.stdin);

    const timeoutMs = Math.min(command.timeoutMs, LONGEST_TIMER_MS);
    const ended = await Promise.race<Ended>([
      exit,
      this.clock.sleep(timeoutMs, over.signal).then(() => (over.signal.aborted ? 'aborted' : 'timed_out')),
    ]);
    over.abort();
    const leftBehind = typeof ended === 'string' ? null : await this.countLeftBehind(tree);
    if (leftBehind !== 0) await endProcesses(() => tree.living(), this.table, this.clock, this.graceMs);
    await this.drain(child, closed);

    if (ended === 'aborted') return result('aborted', 'Aborted');
    if (ended === 'timed_out') return result('timed_out', `Ran longer than ${command.timeoutMs} ms`);
    if (ended.signal)
      return result('killed', `Killed by ${ended.signal}, which the coordinator did not send`, {
        leftBehind: leftBehind ?? 0,
      });
    return result('exited', null, { exitCode: ended.code, leftBehind: leftBehind ?? 0 });
  }

  /** The child, or one sentence on why there is none. */
  private start(command: Command, mark: string) {
    const [program, ...args] = command.argv;
    const why = (error: unknown): string => reasonNotStarted(program, command.cwd, error);
    try {
      const child = spawn(program, args, {
        cwd: command.cwd,
        env: { ...command.env, [COMMAND_MARK]: mark, ...(this.ownerId === null ? {} : { [OWNER_MARK]: this.ownerId }) },
        stdio: [command.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        detached: true,
        shell: false,
      });
      return {
        child,
        failure: new Promise<string>((resolve) => child.once('error', (error) => resolve(why(error)))),
        exit: new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal }))),
        closed: new Promise<void>((resolve) => child.once('close', () => resolve())),
      };
    } catch (error) {
      return why(error);
    }
  }

  private async countLeftBehind(tree: CommandTree): Promise<number> {
    if ((await tree.settled()).length === 0) return 0;
    await this.clock.sleep(SETTLE_MS);
    return tree.living().length;
  }

  private async drain(child: ChildProcess, closed: Promise<void>): Promise<void> {
    const drained = new AbortController();
    await Promise.race([closed, this.clock.sleep(DRAIN_MS, drained.signal)]);
    drained.abort();
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.stdin?.destroy();
    await closed;
  }
}

function collect(child: ChildProcess, output: Record<'stdout' | 'stderr', BoundedOutput>): void {
  child.stdout?.on('data', (chunk: Buffer) => output.stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.stderr.add(chunk));
}

function feed(child: ChildProcess, stdin: string | Uint8Array | undefined): void {
  // A program that ends without reading its input breaks the pipe. That is its business, and no fault of ours.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(stdin);
}

/** A missing directory and a missing program are one error code to the system, and two different mistakes. */
function reasonNotStarted(program: string, cwd: string, error: unknown): string {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) return `The directory ${cwd} does not exist`;
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : 'unknown';
  if (code === 'ENOENT') return `The program ${program} is not installed or not in PATH`;
  if (code === 'EACCES') return `The program ${program} may not be run by this user`;
  // The system's own sentence can quote the environment, where secrets are.
  return `The program ${program} could not be started (${String(code)})`;
}
