import { messageOf } from '../../../kernel/index.js';
import { usableWindow } from '../../agent-profile.js';
import type { AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import type { CompactionResult, ContextUsage, SessionRef, TurnResult, TurnStop } from '../../agents.types.js';
import type { ModelAnswer } from './answer-assembly.js';
import type { EmbeddedRuntimeOptions } from './embedded.options.js';
import { openCalls, resultOf, toolCallsIn, withAnswer, withOpenCallsAnswered, withUserBlocks } from './history.js';
import type { History, HistoryBlock, ToolCall, ToolResult } from './history.types.js';
import type { CallListener, CallOutcome, ModelCaller, ModelRequest } from './model-caller.js';
import { STOP_OF_FAILURE, type ModelFailure } from './model-failure.js';
import { BROKEN_CALL, CONTINUE_ANSWER, CUT_CALL, SUMMARY_REQUEST, summarizedStart, systemPrompt } from './prompts.js';
import { saveSession, type SavedSession } from './saved-session.js';
import { TOOL_DEFINITIONS, type Toolbox } from './tools/toolbox.js';

/** Answers in a row that may reach the limit of their length. */
const CUT_ANSWERS = 3;

/** What a session works with. */
export interface SessionParts {
  readonly id: string;
  readonly spec: SessionSpec;
  readonly options: EmbeddedRuntimeOptions;
  readonly model: ModelCaller;
  readonly toolbox: Toolbox;
}

/**
 * One conversation: asks the model, runs the tools it calls, and asks again until it calls none.
 *
 * The history is saved before each call and after each tool, so that a session whose process was killed goes on from
 * its last finished step. An interrupted turn ends after the answer it waits for: a model call that is paid for is
 * not thrown away. File tools of that answer are run; a command that runs is ended, and none is begun.
 */
export class EmbeddedSession implements AgentSession {
  readonly ref: SessionRef;
  readonly capabilities = { resume: true, compact: true, usage: 'live' } as const;
  private readonly closing = new AbortController();
  private interrupting = new AbortController();
  private running: Promise<unknown> | null = null;
  private history: History;
  private usedTokens: number | null;

  constructor(
    private readonly parts: SessionParts,
    saved: SavedSession,
  ) {
    this.ref = { runtime: 'embedded', id: parts.id };
    this.history = saved.history;
    this.usedTokens = saved.usedTokens;
  }

  prompt(text: string): Promise<TurnResult> {
    if (this.closing.signal.aborted) return Promise.resolve(turnResult('interrupted', ''));
    if (this.running !== null) return Promise.resolve(turnResult('error', '', 'The session is busy with another call'));
    return this.alone(() => this.turn(text)).catch((error: unknown) =>
      turnResult('error', '', `The session failed: ${messageOf(error)}`),
    );
  }

  interrupt(): void {
    this.interrupting.abort();
  }

  compact(keep: string): Promise<CompactionResult> {
    if (this.closing.signal.aborted) return Promise.resolve(notCompacted('The session is closed'));
    if (this.running !== null) return Promise.resolve(notCompacted('The session is busy with another call'));
    if (this.history.length === 0) return Promise.resolve(notCompacted('There is no history to shorten'));
    return this.alone(() => this.shorten(keep)).catch((error: unknown) =>
      notCompacted(`The session failed: ${messageOf(error)}`),
    );
  }

  contextUsage(): ContextUsage {
    const { profile } = this.parts.spec;
    return { usedTokens: this.usedTokens, windowTokens: profile.windowTokens, usableTokens: usableWindow(profile) };
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.interrupt();
    await this.running?.catch(() => undefined);
  }

  /** Runs the one call there may be at a time. What interrupted the last one is over. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    this.interrupting = new AbortController();
    const run = work();
    this.running = run;
    try {
      return await run;
    } finally {
      this.running = null;
    }
  }

  private async turn(text: string): Promise<TurnResult> {
    await this.keep(withUserBlocks(withOpenCallsAnswered(this.history), [{ type: 'text', text }]));
    let lastWords = '';
    let cutAnswers = 0;
    for (let step = 0; step < this.parts.options.stepLimit; step += 1) {
      if (this.interrupting.signal.aborted) return turnResult('interrupted', lastWords);
      const outcome = await this.callModel(this.request(), this.listener());
      if (outcome.kind === 'aborted') return turnResult('interrupted', lastWords);
      if (outcome.kind === 'failed') return failedTurn(outcome.failure, lastWords);

      const { answer } = outcome;
      await this.keep(withAnswer(this.history, answer.content));
      lastWords = this.speak(answer.content) ?? lastWords;
      const stop = stopOf(answer);
      if (stop !== null) return turnResult(stop, lastWords);
      cutAnswers = isCut(answer) ? cutAnswers + 1 : 0;
      if (cutAnswers >= CUT_ANSWERS) {
        await this.keep(withOpenCallsAnswered(this.history));
        return turnResult('error', lastWords, `${CUT_ANSWERS} answers in a row reached the limit of their length`);
      }
      await this.carryOn(answer);
    }
    return turnResult('max_turns', lastWords);
  }

  /** Runs what the answer asks for, or asks for the rest of it. */
  private async carryOn(answer: ModelAnswer): Promise<void> {
    const calls = openCalls(this.history);
    for (const call of calls) {
      const result = await this.resultOf(call, answer);
      await this.keep(withUserBlocks(this.history, [result]));
    }
    if (calls.length === 0) await this.keep(withUserBlocks(this.history, [{ type: 'text', text: CONTINUE_ANSWER }]));
  }

  private async resultOf(call: ToolCall, answer: ModelAnswer): Promise<ToolResult> {
    if (isCut(answer)) return resultOf(call.id, CUT_CALL, true);
    if (answer.brokenCalls.has(call.id)) return resultOf(call.id, BROKEN_CALL, true);
    return this.parts.toolbox.run(call, this.interrupting.signal);
  }

  /** Tells the texts of an answer, and returns the last one. */
  private speak(content: readonly HistoryBlock[]): string | undefined {
    const texts = content.filter((block) => block.type === 'text').map((block) => block.text);
    for (const text of texts) this.parts.spec.onEvent({ type: 'text', text });
    return texts.at(-1);
  }

  private async shorten(keep: string): Promise<CompactionResult> {
    const whole = withOpenCallsAnswered(this.history);
    const request = this.request(withUserBlocks(whole, [{ type: 'text', text: SUMMARY_REQUEST }]));
    // The summary's own call reads the full window: its occupancy says nothing of what comes after.
    const outcome = await this.callModel(request, { ...this.listener(), onOccupancy: () => undefined });
    if (outcome.kind === 'aborted') return notCompacted('Interrupted');
    if (outcome.kind === 'failed') return notCompacted(outcome.failure.detail);
    const summary = outcome.answer.content
      .filter((block) => block.type === 'text')
      .map((block) => block.text)
      .join('\n');
    if (isCut(outcome.answer)) return notCompacted('The summary reached the limit of its length');
    if (summary.trim() === '') return notCompacted('The model wrote no summary');

    const start: History = [{ role: 'user', content: [{ type: 'text', text: summarizedStart(summary, keep) }] }];
    const usedTokensAfter = await this.parts.model.countTokens(this.request(start), this.closing.signal);
    this.usedTokens = usedTokensAfter;
    await this.keep(start);
    this.parts.spec.onEvent({ type: 'usage', usage: this.contextUsage() });
    return { succeeded: true, usedTokensAfter, detail: null };
  }

  private request(history: History = this.history): ModelRequest {
    return { system: systemPrompt(this.parts.spec.instructions), history, tools: TOOL_DEFINITIONS };
  }

  /** An interruption ends the waiting between two tries, but no call that runs. */
  private callModel(request: ModelRequest, listener: CallListener): Promise<CallOutcome> {
    return this.parts.model.call(request, listener, { call: this.closing.signal, waiting: this.interrupting.signal });
  }

  private listener(): CallListener {
    const { onEvent } = this.parts.spec;
    return {
      onSpend: (spend) => onEvent({ type: 'spend', spend }),
      onOccupancy: (usedTokens) => {
        this.usedTokens = usedTokens;
        onEvent({ type: 'usage', usage: this.contextUsage() });
      },
      onActivity: () => onEvent({ type: 'activity' }),
      onRetry: (detail, waitMs) => onEvent({ type: 'model-retry', detail, waitMs }),
    };
  }

  private async keep(history: History): Promise<void> {
    this.history = history;
    const { spec, id } = this.parts;
    await saveSession(spec.home, id, { history, usedTokens: this.usedTokens });
  }
}

function isCut({ stop }: ModelAnswer): boolean {
  return stop === 'max_tokens';
}

/** How an answer ends the turn; null when there is more to do. */
function stopOf(answer: ModelAnswer): TurnStop | null {
  if (answer.stop === 'refusal') return 'refusal';
  if (answer.stop === 'model_context_window_exceeded') return 'context_exhausted';
  if (answer.stop === 'max_tokens' || answer.stop === 'pause_turn') return null;
  return toolCallsIn(answer.content).length === 0 ? 'end_turn' : null;
}

function turnResult(stop: TurnStop, text: string, detail: string | null = null): TurnResult {
  return { stop, text, detail, retryAfterMs: null };
}

function failedTurn({ kind, detail, retryAfterMs }: ModelFailure, text: string): TurnResult {
  const stop = STOP_OF_FAILURE[kind];
  return {
    stop,
    text,
    detail,
    retryAfterMs: stop === 'rate_limit' || stop === 'spend_limit' ? retryAfterMs : null,
    ...(kind === 'network' ? { isUnreachable: true } : {}),
  };
}

function notCompacted(detail: string): CompactionResult {
  return { succeeded: false, usedTokensAfter: null, detail };
}
