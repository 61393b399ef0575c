import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

import { within } from './within.js';

/** One line of the service's log; what is no JSON is the message of a line without a level. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The built service. `npm test` builds it; MOSAIC_TEST_PROGRAM names another one. */
export const PROGRAM = resolve(process.env['MOSAIC_TEST_PROGRAM'] ?? 'dist/main.js');

const TAIL = 40;

/** The service as a process of its own, watched through its log alone. */
export class ServiceProcess implements AsyncDisposable {
  readonly lines: LogLine[] = [];
  /** Everything it wrote, as it wrote it. */
  text = '';
  private readonly waiting = new Set<() => void>();
  private ending: Ending | null = null;

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (text) => this.take(text));
    }
    child.on('close', (code, signal) => {
      this.ending = { code, signal };
      this.wake();
    });
  }

  /** @param command what to run it with, for tests that limit what it may do */
  static start(environment: Readonly<Record<string, string>>, command = [process.execPath, PROGRAM]): ServiceProcess {
    if (!existsSync(PROGRAM)) throw new Error(`There is no ${PROGRAM}: run npm run build`);
    const [program = '', ...argv] = command;
    const path = process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin';
    return new ServiceProcess(
      spawn(program, argv, { env: { PATH: path, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  }

  get pid(): number {
    return Number(this.child.pid);
  }

  /** The end of its log, for messages. */
  get tail(): string {
    return this.text.split('\n').slice(-TAIL).join('\n');
  }

  /** Where it listens, once it is ready. */
  async address(): Promise<string> {
    return String((await this.line('Service is ready'))['address']);
  }

  /** The first line with this message and these fields, or the nth: one that was written, or that will be. */
  async line(message: string, fields: Readonly<Record<string, unknown>> = {}, nth = 1): Promise<LogLine> {
    const what = `"${message}" ${JSON.stringify(fields)}, number ${nth}`;
    return within(this.nthLine(message, fields, nth), what, () => this.tail);
  }

  /** Every line so far with this message and these fields. */
  linesOf(message: string, fields: Readonly<Record<string, unknown>> = {}): readonly LogLine[] {
    return this.lines.filter(
      (line) => line.message === message && Object.entries(fields).every(([name, value]) => line[name] === value),
    );
  }

  /** How it ends, once it does. */
  ended(): Promise<Ending> {
    return within(this.end(), 'The end of the service', () => this.tail);
  }

  /** Asks it to stop, and resolves when it is gone. */
  stop(): Promise<Ending> {
    this.child.kill('SIGTERM');
    return this.ended();
  }

  /** Ends it as a power cut does, and resolves when it is gone. */
  kill(): Promise<Ending> {
    this.child.kill('SIGKILL');
    return this.ended();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.ending === null) await this.kill();
  }

  private async nthLine(message: string, fields: Readonly<Record<string, unknown>>, nth: number): Promise<LogLine> {
    for (;;) {
      const found = this.linesOf(message, fields)[nth - 1];
      if (found) return found;
      if (this.ending) throw new Error(`The service ended before it wrote "${message}"\n${this.tail}`);
      await this.change();
    }
  }

  private async end(): Promise<Ending> {
    while (this.ending === null) await this.change();
    return this.ending;
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private take(text: string): void {
    this.text += `${text}\n`;
    this.lines.push(readLine(text));
    this.wake();
  }

  private wake(): void {
    for (const resume of this.waiting) resume();
    this.waiting.clear();
  }
}

function readLine(text: string): LogLine {
  return text.startsWith('{') ? (JSON.parse(text) as LogLine) : { level: '', message: text };
}
