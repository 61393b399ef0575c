import type { ChildProcess } from 'node:child_process';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock, Randomness } from '../kernel/index.js';
import { BoundedOutput } from './bounded-output.js';
import type { CommandRunnerModuleOptions } from './command-runner.options.js';
import type { Command, CommandEnding, CommandResult, CommandRunner } from './command-runner.port.js';
import type { ProcessExit } from './process-launcher.port.js';
import { ProcessStarter } from './process-starter.js';
import type { ProcessTable } from './process-table.js';

const DEFAULT_KEEP_BYTES = 262_144;
/** Timers of Node fire at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

type Ended = ProcessExit | 'timed_out' | 'aborted';

/**
 * Runs programs as processes of this machine, each in a process group of its own, and ends everything they started.
 *
 * Without a sandbox it knows whom to end from `CommandTree`, whose docstring says what it can not see. Standard output
 * and error are sockets, as with any program Node starts: a script that opens `/dev/stdout` by name fails on Linux.
 */
export class ProcessCommandRunner implements CommandRunner, OnApplicationShutdown {
  private readonly starter: ProcessStarter;
  private readonly running = new Map<AbortController, Promise<CommandResult>>();
  private isShutDown = false;

  /** @throws {InvalidCommandRunnerOptionsError} if an option is out of range */
  constructor(options: CommandRunnerModuleOptions = {}, clock?: Clock, randomness?: Randomness, table?: ProcessTable) {
    this.starter = new ProcessStarter(options, clock, randomness, table);
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
    const { clock } = this.starter;
    const startedAt = clock.monotonic();
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
      durationMs: clock.monotonic() - startedAt,
      ...rest,
    });

    if (over.signal.aborted) return result('aborted', 'Aborted before it was started');

    const started = this.starter.start({ ...command, hasInput: command.stdin !== undefined });
    if (!('child' in started)) return result('not_started', await started.failure);
    collect(started.child, output);
    feed(started.child, command.stdin);

    const timeoutMs = Math.min(command.timeoutMs, LONGEST_TIMER_MS);
    const ended = await Promise.race<Ended>([
      started.exited,
      clock.sleep(timeoutMs, over.signal).then(() => (over.signal.aborted ? 'aborted' : 'timed_out')),
    ]);
    over.abort();
    if (ended === 'aborted' || ended === 'timed_out') {
      await started.end();
      return result(ended, ended === 'aborted' ? 'Aborted' : `Ran longer than ${command.timeoutMs} ms`);
    }
    const leftBehind = await started.settle();
    const failure = await started.failure;
    const { code: exitCode, signal, reason = null } = ended;
    if (reason !== null || signal) return result('killed', reason, { leftBehind });
    return failure === null ? result('exited', null, { exitCode, leftBehind }) : result('not_started', failure);
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
