import type { ForwardedFailure, ForwardedUse } from '../../../egress/index.js';
import type { Clock } from '../../../kernel/index.js';
import type { AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import type { CompactionResult, ContextUsage, SessionRef, TurnResult, TurnStop } from '../../agents.types.js';
import type { ClaudeConnection } from './claude-connection.js';
import type { ClaudeMessage, ClaudeResult } from './claude-message.js';
import type { ClaudeRuntimeOptions } from './claude.options.js';
import { ClaudeTurn } from './claude-turn.js';
import { CompactionWatch } from './compaction-watch.js';
import { OpenCalls } from './open-calls.js';
import { SessionUsage } from './session-usage.js';

/** How often a sign of life is worth telling. */
const ACTIVITY_MS = 1_000;

/** What a call to Claude Code ended with: its result, or why it is gone. */
type Ended = { readonly result: ClaudeResult } | { readonly gone: string };

/**
 * One live conversation with Claude Code. Prompts go into the same process until it is closed or dies.
 *
 * What is spent is told from the gate alone, which sees every call, those that Claude Code makes for itself and those
 * that were cut off included: no total of Claude Code's is added, so that nothing counts twice.
 */
export class ClaudeSession implements AgentSession {
  readonly ref: SessionRef;
  readonly capabilities = { resume: true, compact: true, usage: 'live' } as const;
  private readonly usage: SessionUsage;
  private readonly calls: OpenCalls;
  private connection: ClaudeConnection | null = null;
  private turn: ClaudeTurn | null = null;
  private compaction: CompactionWatch | null = null;
  private settle: (ended: Ended) => void = () => undefined;
  private interrupting: Promise<void> = Promise.resolve();
  private gone: string | null = null;
  private isClosed = false;
  private activeAt = -Infinity;

  constructor(
    id: string,
    private readonly spec: SessionSpec,
    private readonly options: ClaudeRuntimeOptions,
    private readonly clock: Clock,
  ) {
    this.ref = { runtime: 'claude', id };
    this.usage = new SessionUsage(spec.profile, spec.onEvent);
    this.calls = new OpenCalls(spec.workspace, spec.onEvent, clock);
  }

  /** Begins to listen to a Claude Code that has started, and learns what it knows of its window. */
  async attach(connection: ClaudeConnection, isResumed: boolean): Promise<void> {
    this.connection = connection;
    connection.onMessage = (message) => this.take(message);
    void connection.ended.then((why) => {
      this.gone = why;
      this.settle({ gone: why });
    });
    const { usedTokens, windowTokens } = await connection.contextReport();
    this.usage.learnWindow(windowTokens);
    // Before its first call a new session is estimated, which is no report of the model's.
    if (isResumed) this.usage.replace(usedTokens);
  }

  /** Whether the hooks are to end the turn. */
  readonly mustStop = (): boolean => this.turn !== null && this.turn.ownStop !== null;

  /** Told by the gate of each answer. */
  readonly onUse = (use: ForwardedUse): void => {
    if (this.turn !== null) this.turn.failure = null;
    this.spec.onEvent({ type: 'spend', spend: { ...use } });
  };

  /** Told by the gate of each failure of the model's side. */
  readonly onModelFailure = (failure: ForwardedFailure): void => {
    if (this.turn !== null) this.turn.failure = failure;
  };

  async prompt(text: string): Promise<TurnResult> {
    if (this.isClosed) return turnResult('interrupted');
    if (this.turn !== null) return turnResult('error', 'The session is busy with another call');
    // A slash at its beginning would make it a command of Claude Code's.
    const { turn, ended } = await this.call(text.startsWith('/') ? `\n${text}` : text);
    if ('result' in ended) return turn.end(ended.result);
    return this.isClosed ? turnResult('interrupted') : turnResult('crashed', ended.gone);
  }

  interrupt(): void {
    if (this.turn === null) return;
    this.turn.ownStop = 'interrupted';
    // Otherwise the hooks end it at the next tool boundary, and the answer that is being paid for is not thrown away.
    if (this.calls.hasCommand || this.turn.isWaiting || this.compaction !== null) this.cutOff();
  }

  async compact(keep: string): Promise<CompactionResult> {
    if (this.isClosed) return notCompacted('The session is closed');
    if (this.turn !== null) return notCompacted('The session is busy with another call');
    const watch = new CompactionWatch();
    this.compaction = watch;
    const { turn, ended } = await this.call(`/compact ${keep}`.trim());
    this.compaction = null;
    if ('gone' in ended) return notCompacted(this.isClosed ? 'The session is closed' : ended.gone);
    if (!watch.succeeded) return notCompacted(turn.ownStop === null ? watch.whyNot(ended.result) : 'Interrupted');
    const { usedTokens } = (await this.connection?.contextReport()) ?? { usedTokens: null };
    this.usage.replace(usedTokens ?? watch.tokensAfter);
    return { succeeded: true, usedTokensAfter: this.contextUsage().usedTokens, detail: null };
  }

  contextUsage(): ContextUsage {
    return this.usage.now;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.connection?.end();
  }

  /** Makes the one call there may be at a time. */
  private async call(text: string): Promise<{ readonly turn: ClaudeTurn; readonly ended: Ended }> {
    const turn = new ClaudeTurn(this.options.stepLimit, this.options.longestWaitMs);
    this.turn = turn;
    const ended = await new Promise<Ended>((resolve) => {
      this.settle = resolve;
      if (this.gone === null) this.connection?.send(text);
      else resolve({ gone: `${this.gone}. Resume the session.` });
    });
    this.calls.endAll();
    this.turn = null;
    // An interruption that comes too late must not reach the next turn.
    await this.interrupting;
    return { turn, ended };
  }

  private cutOff(): void {
    this.interrupting = this.connection?.interrupt() ?? Promise.resolve();
  }

  private take(message: ClaudeMessage): void {
    this.showLife(message);
    if (message.type === 'result') this.settle({ result: message });
    if (this.compaction !== null) return this.compaction.take(message);
    this.usage.take(message);
    this.turn?.take(message);
    const { onEvent } = this.spec;
    if (message.type === 'answer') {
      for (const text of message.texts) onEvent({ type: 'text', text });
      for (const call of message.calls) this.calls.begin(call);
    }
    if (message.type === 'tool-results') for (const { id, isError } of message.results) this.calls.end(id, isError);
    if (message.type === 'retry') {
      const what = message.status === null ? message.kind : String(message.status);
      onEvent({ type: 'model-retry', detail: `The model's API failed with ${what}`, waitMs: message.waitMs });
      if (this.mustStop()) this.cutOff();
    }
  }

  private showLife(message: ClaudeMessage): void {
    const now = this.clock.monotonic();
    if (message.type !== 'other' || now - this.activeAt < ACTIVITY_MS) return;
    this.activeAt = now;
    this.spec.onEvent({ type: 'activity' });
  }
}

function turnResult(stop: TurnStop, detail: string | null = null): TurnResult {
  return { stop, text: '', detail, retryAfterMs: null };
}

function notCompacted(detail: string): CompactionResult {
  return { succeeded: false, usedTokensAfter: null, detail };
}
