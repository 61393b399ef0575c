import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Clock } from '../kernel/index.js';
import { FAREWELL } from './watch-heartbeats.js';

const PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('./dead-mans-program.js', import.meta.url)),
];
const BEAT = '.';
const BEATS_PER_SILENCE = 6;

export interface DeadMansSwitchOptions {
  /** Whose processes are killed: see `CommandRunnerModuleOptions.ownerId`. */
  readonly ownerId: string;
  /** How long this process may give no sign of life, in milliseconds. */
  readonly silenceMs: number;
  readonly clock: Clock;
  /** @internal */
  readonly program?: readonly string[];
}

/**
 * Sees to it that nothing this process started outlives it: a second, small process hears its heart beat, and kills all
 * of it when the beat stays away. For coordinators that share their work with others, where one that is paused must not
 * have an agent at work on what another has taken over.
 */
export class DeadMansSwitch implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(DeadMansSwitch.name);
  private readonly over = new AbortController();
  private child: ChildProcess | null = null;

  constructor(private readonly options: DeadMansSwitchOptions) {}

  onModuleInit(): void {
    this.start();
    void this.beat();
  }

  /** By now others have ended what they started. */
  onApplicationShutdown(): void {
    this.over.abort();
    this.child?.stdin?.end(FAREWELL);
  }

  private start(): void {
    const { program = PROGRAM, ownerId, silenceMs } = this.options;
    const [command = '', ...first] = program;
    // In a group of its own: whoever interrupts the coordinator at a terminal does not mean this one.
    const child = spawn(command, [...first, ownerId, String(silenceMs)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
      env: {},
    });
    this.child = child;
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (count: Buffer) =>
      this.logger.error('Processes killed because this one gave no sign of life', { count: Number(count) }),
    );
    child.on('error', () => undefined);
    child.on('close', () => this.startAgain());
    child.stdin.write(BEAT);
    child.unref();
  }

  private startAgain(): void {
    if (this.over.signal.aborted) return;
    this.logger.error('The process that watches over this one has ended, and is started again');
    this.child = null;
    void this.options.clock.sleep(this.beatMs, this.over.signal).then(() => {
      if (!this.over.signal.aborted) this.start();
    });
  }

  private async beat(): Promise<void> {
    for (;;) {
      await this.options.clock.sleep(this.beatMs, this.over.signal);
      if (this.over.signal.aborted) return;
      this.child?.stdin?.write(BEAT);
    }
  }

  private get beatMs(): number {
    return this.options.silenceMs / BEATS_PER_SILENCE;
  }
}
