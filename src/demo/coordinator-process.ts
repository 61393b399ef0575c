import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

import type { LogLine } from './narrate.js';

/** What a coordinator process of the demonstration is started with, and who hears of it. */
export interface CoordinatorOptions {
  /** The built program. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: LogLine) => void;
  /** The process ended without having been asked to. */
  readonly onDeath: (how: string) => void;
}

/** The service as a process of its own: the very program that runs in production. */
export class CoordinatorProcess {
  private isWanted = true;

  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
  ) {}

  /** Starts it. Whoever wants to know that it is ready hears `Service is ready` in its log. */
  static start({ program, environment, onLine, onDeath }: CoordinatorOptions): CoordinatorProcess {
    const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<void>((resolve) => {
      child.on('close', (code, signal) => {
        if (started.isWanted) onDeath(signal === null ? `exit code ${code}` : signal);
        resolve();
      });
    });
    const started = new CoordinatorProcess(child, ended);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (text) => onLine(readLine(text)));
    }
    return started;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Asks it to stop, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.isWanted = false;
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

function readLine(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { level: 'error', message: text };
  }
}
