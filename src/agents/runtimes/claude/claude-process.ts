import { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { LaunchedProcess } from '../../../command-runner/index.js';
import type { ClaudeSpawned } from './claude-sdk.types.js';
import { LineLimit } from './line-limit.js';

const STDERR_BYTES = 4_096;
/** The longest message of Claude Code. A file that it shows is at most a few megabytes. */
export const MESSAGE_BYTES = 67_108_864;

/** A launched program in the form that the SDK speaks to. Whatever signal the SDK sends, the whole tree is ended. */
export class ClaudeProcess extends EventEmitter implements ClaudeSpawned {
  readonly stdin: Writable;
  readonly stdout: Readable;
  killed = false;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;
  private stderr = '';
  private hasSaidTooMuch = false;

  constructor(private readonly launched: LaunchedProcess) {
    super();
    this.stdin = launched.stdin;
    this.stdout = launched.stdout.pipe(
      new LineLimit(MESSAGE_BYTES, () => {
        this.hasSaidTooMuch = true;
        this.kill();
      }),
    );
    // An error that nobody listens to would end the coordinator.
    this.on('error', () => undefined);
    launched.stderr.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString('utf8')).slice(-STDERR_BYTES);
    });
    launched.stderr.on('error', () => undefined);
    void this.follow();
  }

  kill(): boolean {
    this.killed = true;
    void this.launched.end();
    return true;
  }

  /** Ends the program and everything it started. Resolves when they are gone. */
  end(): Promise<void> {
    return this.launched.end();
  }

  /** How it ended, in a sentence, with the last that it wrote to its standard error. */
  howItEnded(): string {
    if (this.hasSaidTooMuch) return `Claude Code sent a message of more than ${MESSAGE_BYTES} bytes, and was ended`;
    const how = this.signalCode === null ? `exit code ${this.exitCode ?? 'unknown'}` : `signal ${this.signalCode}`;
    const words = this.stderr.replaceAll(/\s+/g, ' ').trim().slice(-300);
    return `Claude Code ended with ${how}${words === '' ? '' : `; it said: ${words}`}`;
  }

  private async follow(): Promise<void> {
    const failure = await this.launched.failure;
    if (failure !== null) {
      this.emit('error', new Error(failure));
      return;
    }
    const { code, signal } = await this.launched.exited;
    this.exitCode = code;
    this.signalCode = signal;
    this.emit('exit', code, signal);
  }
}
