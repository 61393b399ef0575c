import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Clock, Randomness } from '../kernel/index.js';
import type { CommandRunnerModuleOptions } from './command-runner.options.js';
import type { LaunchRequest, LaunchedProcess, ProcessLauncher } from './process-launcher.port.js';
import { ProcessStarter } from './process-starter.js';
import type { ProcessTable } from './process-table.js';

/** Starts programs as processes of this machine, by the same rules as `ProcessCommandRunner`, and hands out their streams. */
export class LocalProcessLauncher implements ProcessLauncher, OnApplicationShutdown {
  private readonly starter: ProcessStarter;
  private readonly launched = new Set<LaunchedProcess>();
  private isShutDown = false;

  /** @throws {InvalidCommandRunnerOptionsError} if an option is out of range */
  constructor(options: CommandRunnerModuleOptions = {}, clock?: Clock, randomness?: Randomness, table?: ProcessTable) {
    this.starter = new ProcessStarter(options, clock, randomness, table);
  }

  launch(request: LaunchRequest): LaunchedProcess {
    if (this.isShutDown) return notStarted(Promise.resolve('The coordinator is shutting down'));
    const started = this.starter.start({ ...request, hasInput: true });
    if (!('child' in started)) return notStarted(started.failure);
    const { pid, exited, failure } = started;
    // With an input, all three are pipes.
    const { stdin, stdout, stderr } = started.child as ChildProcessWithoutNullStreams;
    stdin.on('error', () => undefined);
    const launched: LaunchedProcess = {
      pid,
      stdin,
      stdout,
      // Somebody else may listen to it before the caller does, and would make it flow.
      stderr: request.confinement === undefined ? stderr : stderr.pipe(new PassThrough()),
      exited,
      failure,
      end: async () => {
        await started.end();
        this.launched.delete(launched);
      },
    };
    this.launched.add(launched);
    return launched;
  }

  /** Ends what was launched and waits until it is gone. */
  async onApplicationShutdown(): Promise<void> {
    this.isShutDown = true;
    await Promise.all([...this.launched].map((launched) => launched.end()));
  }
}

function notStarted(failure: Promise<string>): LaunchedProcess {
  const exited = failure.then(() => ({ code: null, signal: null }));
  const end = (): Promise<void> => Promise.resolve();
  return { pid: null, stdin: nowhere(), stdout: nothing(), stderr: nothing(), exited, failure, end };
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function nothing(): Readable {
  return Readable.from([]);
}
