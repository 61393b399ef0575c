import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  AgentRegistry,
  UnknownSessionError,
  type AgentCapabilities,
  type AgentEvent,
  type AgentRuntime,
  type AgentSession,
  type CompactionResult,
  type ContextUsage,
  type SessionRef,
  type SessionSpec,
  type TurnResult,
  type TurnStop,
} from '../../src/agents/index.js';
import { PROFILE } from './start-orchestration.js';

/** What a puppet can do in a turn, and what it learns. */
export interface Stage {
  readonly session: string;
  readonly prompt: string;
  readonly emit: (event: AgentEvent) => void;
  readonly write: (path: string, content: string) => Promise<void>;
  /** Resolves when the turn is asked to end. */
  readonly interrupted: Promise<void>;
  /** Resolves when the session is closed. */
  readonly closed: Promise<void>;
}

/** One turn of a puppet. */
export type PuppetTurn = (stage: Stage) => Promise<TurnResult>;

export interface PuppetStrings {
  readonly turns: readonly PuppetTurn[];
  readonly capabilities?: Partial<AgentCapabilities>;
  /** What each compaction does, in order; those after the last bring the window down to nearly nothing. */
  readonly compactions?: readonly (() => Promise<CompactionResult>)[];
  /** Sessions are not there any more when they are to be resumed. */
  readonly isForgetful?: boolean;
}

/** How a turn ends. */
export function ends(stop: TurnStop, detail: string | null = null): TurnResult {
  return { stop, text: '', detail, retryAfterMs: null };
}

/** A turn that leaves work and ends. */
export const works: PuppetTurn = async ({ write }) => {
  await write('work.txt', 'done');
  return ends('end_turn');
};

export function usage(usedTokens: number | null, usableTokens: number | null = 100_000): AgentEvent {
  return { type: 'usage', usage: { usedTokens, windowTokens: 200_000, usableTokens } };
}

/** Plays turns as functions, over all sessions, and keeps what it was asked. After the last it works. */
export class PuppetRuntime implements AgentRuntime {
  readonly kind = 'puppet';
  /** Every session that was opened: its id, and whether it was resumed. */
  readonly opened: { readonly id: string; readonly isResumed: boolean }[] = [];
  readonly prompts: string[] = [];
  readonly closed: string[] = [];
  readonly kept: string[] = [];
  readonly specifications: SessionSpec[] = [];

  constructor(readonly strings: PuppetStrings) {}

  get registry(): AgentRegistry {
    return new AgentRegistry([this], [{ ...PROFILE, runtime: this.kind }]);
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const { resume } = spec;
    if (resume !== undefined && this.strings.isForgetful) throw new UnknownSessionError('It is gone');
    const id = resume?.id ?? `session-${this.opened.length + 1}`;
    this.opened.push({ id, isResumed: resume !== undefined });
    this.specifications.push(spec);
    return new PuppetSession(this, id, spec);
  }
}

class PuppetSession implements AgentSession {
  readonly ref: SessionRef;
  readonly capabilities: AgentCapabilities;
  private readonly closing = signalled();
  private interrupting = signalled();
  private usage: ContextUsage = { usedTokens: null, windowTokens: null, usableTokens: null };

  constructor(
    private readonly runtime: PuppetRuntime,
    id: string,
    private readonly spec: SessionSpec,
  ) {
    this.ref = { runtime: 'puppet', id };
    this.capabilities = { resume: true, compact: true, usage: 'live', ...runtime.strings.capabilities };
  }

  prompt(text: string): Promise<TurnResult> {
    const turn = this.runtime.strings.turns[this.runtime.prompts.length] ?? works;
    this.runtime.prompts.push(text);
    this.interrupting = signalled();
    return turn({
      session: this.ref.id,
      prompt: text,
      emit: (event) => this.emit(event),
      write: (path, content) => writeFile(join(this.spec.workspace, path), content),
      interrupted: this.interrupting.promise,
      closed: this.closing.promise,
    });
  }

  interrupt(): void {
    this.interrupting.resolve();
  }

  compact(keep: string): Promise<CompactionResult> {
    const { compactions = [] } = this.runtime.strings;
    const compaction = compactions[this.runtime.kept.length];
    this.runtime.kept.push(keep);
    return compaction?.() ?? Promise.resolve({ succeeded: true, usedTokensAfter: 1_000, detail: null });
  }

  contextUsage(): ContextUsage {
    return this.usage;
  }

  async close(): Promise<void> {
    this.runtime.closed.push(this.ref.id);
    this.interrupt();
    this.closing.resolve();
  }

  private emit(event: AgentEvent): void {
    if (event.type === 'usage') this.usage = event.usage;
    this.spec.onEvent(event);
  }
}

function signalled(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
