import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import {
  AgentSpawnError,
  UnknownSessionError,
  type AgentEvent,
  type AgentRuntime,
  type AgentSession,
  type CompactionResult,
  type ContextUsage,
  type SessionSpec,
  type TurnResult,
} from '../../src/agents/index.js';
import { endLeftovers } from '../../src/command-runner/index.js';
import { compileSource } from './compiled-source.js';

const OWNER = `scenario-host-${process.pid}`;

/** Runs one session of the embedded runtime, as told line by line. */
const HOST = `
import { createInterface } from 'node:readline';
import { ProcessCommandRunner } from './src/command-runner/index.js';
import { EmbeddedRuntime } from './src/agents/runtimes/embedded/embedded.runtime.js';
const runtime = new EmbeddedRuntime(new ProcessCommandRunner({ ownerId: '${OWNER}' }));
const tell = (message) => process.stdout.write(JSON.stringify(message) + '\\n');
let session;
const state = () => ({ usage: session.contextUsage() });
const calls = {
  open: async (spec) => {
    session = await runtime.open({ ...spec, onEvent: (event) => tell({ event, ...(session ? state() : {}) }) });
    return { ref: session.ref, capabilities: session.capabilities };
  },
  prompt: (text) => session.prompt(text),
  interrupt: () => session.interrupt(),
  compact: (keep) => session.compact(keep),
  close: () => session?.close(),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, call, argument } = JSON.parse(line);
  Promise.resolve()
    .then(() => calls[call](argument))
    .then((value) => tell({ id, value, ...(session ? state() : {}) }))
    .catch((error) => tell({ id, code: error.code ?? 'none', message: error.message }));
}
`;

interface Told {
  readonly id?: number;
  readonly value?: unknown;
  readonly code?: string;
  readonly message?: string;
  readonly event?: AgentEvent;
  readonly usage?: ContextUsage;
}

/** The embedded runtime with each session in a process of its own, so that it can be killed as a coordinator can. */
export class HostedRuntime implements AgentRuntime, AsyncDisposable {
  readonly kind = 'embedded';
  private readonly folder = mkdtempSync(join(tmpdir(), 'hosted-'));
  private readonly hosts = new Map<AgentSession, Host>();

  constructor() {
    compileSource(this.folder, ['kernel', 'command-runner', 'agents', 'egress']);
  }

  async open({ onEvent, ...spec }: SessionSpec): Promise<AgentSession> {
    const host = new Host(this.folder, onEvent);
    const opened = await host.call('open', spec).catch(async (error: unknown) => {
      await host.kill();
      throw error;
    });
    const session = new HostedSession(host, opened as Pick<AgentSession, 'ref' | 'capabilities'>);
    this.hosts.set(session, host);
    return session;
  }

  /** Kills the process of a session, as a crash would, and nothing else. */
  async kill(session: AgentSession): Promise<void> {
    await this.hosts.get(session)?.kill();
  }

  /** Ends what killed processes left, as the service does when it starts. */
  async recover(): Promise<void> {
    await endLeftovers(OWNER);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host.kill()));
    await this.recover();
    rmSync(this.folder, { recursive: true });
  }
}

class Host {
  usage: ContextUsage = { usedTokens: null, windowTokens: null, usableTokens: null };
  private readonly child: ChildProcess;
  private readonly open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly ended: Promise<unknown>;
  private calls = 0;

  constructor(folder: string, onEvent: (event: AgentEvent) => void) {
    this.child = spawn(process.execPath, ['--input-type=module', '--eval', HOST], {
      cwd: folder,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: String(process.env['PATH']) },
    });
    this.child.stdin?.on('error', () => undefined);
    this.ended = once(this.child, 'close').then(() => {
      for (const { reject } of this.open.values()) reject(new Error('The host is gone'));
      this.open.clear();
    });
    if (this.child.stdout === null) throw new Error('The host has no output');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const told = JSON.parse(line) as Told;
      this.usage = told.usage ?? this.usage;
      if (told.event !== undefined) onEvent(told.event);
      if (told.id !== undefined) this.settle(told.id, told);
    });
  }

  call(call: string, argument?: unknown): Promise<unknown> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return Promise.reject(new Error('Gone'));
    this.calls += 1;
    const id = this.calls;
    this.child.stdin?.write(`${JSON.stringify({ id, call, argument })}\n`);
    return new Promise((resolve, reject) => this.open.set(id, { resolve, reject }));
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  private settle(id: number, { code, message = '', value }: Told): void {
    const call = this.open.get(id);
    this.open.delete(id);
    if (code === 'AGENTS_SESSION_UNKNOWN') call?.reject(new UnknownSessionError(message));
    else if (code !== undefined) call?.reject(new AgentSpawnError(message));
    else call?.resolve(value);
  }
}

class HostedSession implements AgentSession {
  readonly ref;
  readonly capabilities;

  constructor(
    private readonly host: Host,
    { ref, capabilities }: Pick<AgentSession, 'ref' | 'capabilities'>,
  ) {
    this.ref = ref;
    this.capabilities = capabilities;
  }

  async prompt(text: string): Promise<TurnResult> {
    const crashed: TurnResult = { stop: 'crashed', text: '', detail: 'The host is gone', retryAfterMs: null };
    return (await this.host.call('prompt', text).catch(() => crashed)) as TurnResult;
  }

  interrupt(): void {
    this.host.call('interrupt').catch(() => undefined);
  }

  async compact(keep: string): Promise<CompactionResult> {
    return (await this.host.call('compact', keep)) as CompactionResult;
  }

  contextUsage(): ContextUsage {
    return this.host.usage;
  }

  async close(): Promise<void> {
    await this.host.call('close').catch(() => undefined);
  }
}
