import { EventEmitter } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';

import type { LaunchRequest, LaunchedProcess, ProcessExit, ProcessLauncher } from '../../src/command-runner/index.js';
import type { Egress, EgressGate, EgressGateSpec } from '../../src/egress/index.js';

type Fields = Readonly<Record<string, unknown>>;
type Hook = (input: unknown) => Promise<Fields>;

/** The options of a query, as far as they are played with. */
export interface FakeQueryOptions extends Fields {
  readonly env: Readonly<Record<string, string>>;
  readonly hooks: Readonly<Record<string, readonly { readonly hooks: readonly Hook[] }[]>>;
  readonly spawnClaudeCodeProcess: (request: Fields) => EventEmitter & {
    readonly stdout: Readable;
    readonly exitCode: number | null;
    readonly killed: boolean;
    kill(signal: string): boolean;
  };
}

/** What a fake Claude Code does when it is prompted: `say` puts a message on its output. */
export type FakeTurn = (query: FakeQuery, prompt: string) => void | Promise<void>;

/** A live session of the fake SDK. */
export class FakeQuery implements AsyncIterable<unknown> {
  interruptions = 0;
  /** What was started for it. */
  spawned: ReturnType<FakeQueryOptions['spawnClaudeCodeProcess']> | null = null;
  /** Rejects with what ended the output. */
  readonly failed: Promise<never>;
  private reject: (error: Error | null) => void = () => undefined;
  isClosed = false;
  /** What `getContextUsage` answers; an error is thrown. */
  report: unknown = { totalTokens: 5_000, rawMaxTokens: 1_000_000 };
  private readonly said: unknown[] = [];
  private failure: Error | null = null;
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(
    readonly options: FakeQueryOptions,
    prompts: AsyncIterable<{ message: { content: string } }>,
    private readonly script: FakeScript,
  ) {
    this.failed = new Promise<never>((_, reject) => (this.reject = reject));
    this.failed.catch(() => undefined);
    void this.work(prompts);
  }

  say(...messages: unknown[]): void {
    this.said.push(...messages);
    this.wake();
  }

  /** Ends the output, with an error as the SDK throws it. */
  fail(error: Error | null = null): void {
    this.failure = error;
    this.isOver = true;
    this.reject(error);
    this.wake();
  }

  async initializationResult(): Promise<unknown> {
    await this.script.onStart?.(this);
    return {};
  }

  async interrupt(): Promise<unknown> {
    this.interruptions += 1;
    await this.script.onInterrupt?.(this);
    return {};
  }

  getContextUsage(): Promise<unknown> {
    return this.report instanceof Error ? Promise.reject(this.report) : Promise.resolve(this.report);
  }

  close(): void {
    this.isClosed = true;
    this.fail();
  }

  /** Resolves when what was said has been heard. */
  async settled(): Promise<void> {
    while (this.said.length > 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** What the hooks say to an event. */
  async hook(event: string, input: unknown): Promise<Fields> {
    const answers = await Promise.all(
      (this.options.hooks[event] ?? []).flatMap(({ hooks }) => hooks.map((h) => h(input))),
    );
    return Object.assign({}, ...answers) as Fields;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for (;;) {
      while (this.said.length > 0) yield this.said.shift();
      if (this.isOver && this.failure !== null) throw this.failure;
      if (this.isOver) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private async work(prompts: AsyncIterable<{ message: { content: string } }>): Promise<void> {
    for await (const { message } of prompts) {
      this.script.prompts.push(message.content);
      await this.script.turn?.(this, message.content);
    }
  }
}

/** How a fake SDK behaves, and what it was asked. */
export interface FakeScript {
  readonly prompts: string[];
  readonly queries: FakeQuery[];
  turn?: FakeTurn;
  onStart?: (query: FakeQuery) => unknown;
  onInterrupt?: (query: FakeQuery) => unknown;
}

/** A double of the Claude Agent SDK. Starts its program as the SDK does, and says what the script lets it say. */
export function fakeSdk(script: FakeScript, spawn: Fields | null = {}) {
  return {
    query: ({
      prompt,
      options,
    }: {
      prompt: AsyncIterable<{ message: { content: string } }>;
      options: FakeQueryOptions;
    }) => {
      const query = new FakeQuery(options, prompt, script);
      script.queries.push(query);
      if (spawn !== null) {
        const env = { ...options.env, CLAUDE_AGENT_SDK_VERSION: '0.3.330', CLAUDE_UNSET: undefined };
        query.spawned = options.spawnClaudeCodeProcess({ command: process.execPath, args: ['--sdk'], env, ...spawn });
        query.spawned.on('error', (error: Error) => query.fail(error));
        query.spawned.on('exit', (code, signal) => query.fail(new Error(`exited with ${code ?? signal}`)));
      }
      return query;
    },
  };
}

/** Launches nothing, and says that it did. */
export class FakeLauncher implements ProcessLauncher {
  readonly requests: LaunchRequest[] = [];
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  ends = 0;
  private exit: (exit: ProcessExit) => void = () => undefined;

  constructor(private readonly failure: string | null = null) {}

  launch(request: LaunchRequest): LaunchedProcess {
    this.requests.push(request);
    const exited = new Promise<ProcessExit>((resolve) => (this.exit = resolve));
    if (this.failure !== null) this.die(null, null);
    return {
      pid: this.failure === null ? 1 : null,
      stdin: new PassThrough(),
      stdout: this.stdout,
      stderr: this.stderr,
      exited,
      failure: Promise.resolve(this.failure),
      end: () => {
        this.ends += 1;
        this.die(null, 'SIGKILL');
        return Promise.resolve();
      },
    };
  }

  /** The program ends. */
  die(code: number | null, signal: NodeJS.Signals | null): void {
    this.exit({ code, signal });
  }
}

/** A way out that leads nowhere. */
export class FakeEgress implements Egress {
  readonly specs: EgressGateSpec[] = [];
  closed = 0;

  constructor(private readonly failure: Error | null = null) {}

  open(spec: EgressGateSpec): Promise<EgressGate> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.specs.push(spec);
    const close = () => {
      this.closed += 1;
      return Promise.resolve();
    };
    return Promise.resolve({ socket: '/run/gate.sock', token: 'token-of-the-gate', close });
  }
}
