import Anthropic from '@anthropic-ai/sdk';
import type { Clock, Randomness } from '../../../kernel/index.js';
import type { AgentProfile } from '../../agent-profile.js';
import type { Spend } from '../../agents.types.js';
import { AnswerAssembly, type ModelAnswer } from './answer-assembly.js';
import type { EmbeddedRuntimeOptions } from './embedded.options.js';
import type { History } from './history.types.js';
import { modelFailureOf, type ModelFailure } from './model-failure.js';
import { TokenCounts } from './token-counts.js';
import type { ToolDefinition } from './tools/tool.types.js';

export interface ModelRequest {
  readonly system: string;
  readonly history: History;
  readonly tools: readonly ToolDefinition[];
}

export type CallOutcome =
  | { readonly kind: 'answered'; readonly answer: ModelAnswer }
  | { readonly kind: 'failed'; readonly failure: ModelFailure }
  /** A signal was aborted. */
  | { readonly kind: 'aborted' };

export interface CallListener {
  readonly onSpend: (spend: Spend) => void;
  /** Told the occupancy as soon as the model tells it; null at the end of a call in which it told none. */
  readonly onOccupancy: (usedTokens: number | null) => void;
  /** Told at most once a second that the answer goes on. */
  readonly onActivity: () => void;
  readonly onRetry: (detail: string, waitMs: number) => void;
}

/** How often a sign of life is worth telling. */
const ACTIVITY_MS = 1_000;

const CACHED = { cache_control: { type: 'ephemeral' } } as const;

/**
 * Calls one profile's model and decides what is tried again: a busy model as long as it asks to wait, a lost or cut
 * answer with growing pauses. What does not help to repeat is reported at once.
 */
export class ModelCaller {
  private readonly client: Anthropic;

  constructor(
    private readonly profile: AgentProfile,
    private readonly options: EmbeddedRuntimeOptions,
    private readonly clock: Clock,
    private readonly randomness: Randomness,
  ) {
    this.client = clientFor(profile);
  }

  /** @param signals `call` ends the call itself, `waiting` only the wait before it is tried again */
  async call(
    request: ModelRequest,
    listener: CallListener,
    signals: { readonly call: AbortSignal; readonly waiting: AbortSignal },
  ): Promise<CallOutcome> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.callOnce(request, listener, signals.call);
      if (outcome.kind !== 'failed') return outcome;
      const waitMs = this.waitBefore(attempt + 1, outcome.failure);
      if (waitMs === null) return outcome;
      if (!signals.waiting.aborted) {
        listener.onRetry(outcome.failure.detail, waitMs);
        await this.clock.sleep(waitMs, signals.waiting);
      }
      if (signals.waiting.aborted) return { kind: 'aborted' };
    }
  }

  /** What the request would fill of the window; null where the model's server cannot tell. */
  async countTokens(request: ModelRequest, signal: AbortSignal): Promise<number | null> {
    const { model, system, messages, tools } = this.parametersOf(request);
    try {
      const counted = await this.client.messages.countTokens({ model, system, messages, tools }, { signal });
      const count: unknown = counted.input_tokens;
      return typeof count === 'number' && count > 0 ? count : null;
    } catch {
      return null;
    }
  }

  /** Milliseconds to wait before this attempt; null when there is to be none. */
  private waitBefore(attempt: number, { kind, retryAfterMs }: ModelFailure): number | null {
    const { attempts, longestWaitMs } = this.options;
    if ((kind !== 'overloaded' && kind !== 'network') || attempt > attempts) return null;
    // Longer than that is for the coordinator to wait: a session that sleeps holds a place among those that may run.
    if (retryAfterMs !== null && retryAfterMs > longestWaitMs) return null;
    const backoffMs = 1000 * 2 ** (attempt - 2);
    const leastMs = retryAfterMs ?? backoffMs / 2;
    return Math.round(Math.min(longestWaitMs, leastMs + (this.randomness.fraction() * backoffMs) / 2));
  }

  private async callOnce(request: ModelRequest, listener: CallListener, signal: AbortSignal): Promise<CallOutcome> {
    try {
      const answer = await this.stream(request, listener, signal);
      if (answer !== null) return { kind: 'answered', answer };
      if (signal.aborted) return { kind: 'aborted' };
      return { kind: 'failed', failure: this.failureOf(new Error('cut off')) };
    } catch (error) {
      if (signal.aborted) return { kind: 'aborted' };
      return { kind: 'failed', failure: this.failureOf(error) };
    }
  }

  private failureOf(error: unknown): ModelFailure {
    return modelFailureOf(error, this.clock.now(), this.profile.apiKey);
  }

  private async stream(
    request: ModelRequest,
    listener: CallListener,
    signal: AbortSignal,
  ): Promise<ModelAnswer | null> {
    const counts = new TokenCounts();
    const assembly = new AnswerAssembly();
    const ending = new AbortController();
    let events = 0;
    let told: number | null = null;
    let activeAt = -Infinity;
    void this.endWhenIdle(ending, () => events);
    try {
      const stream = await this.client.messages.create(
        { ...this.parametersOf(request), stream: true },
        { signal: AbortSignal.any([signal, ending.signal]) },
      );
      for await (const event of stream) {
        events += 1;
        assembly.take(event);
        const now = this.clock.monotonic();
        if (now - activeAt >= ACTIVITY_MS) {
          activeAt = now;
          listener.onActivity();
        }
        const spend = counts.take(usageIn(event));
        if (Object.values(spend).some((tokens) => tokens > 0)) listener.onSpend(spend);
        if (counts.occupancy === told) continue;
        told = counts.occupancy;
        listener.onOccupancy(told);
      }
      if (told === null) listener.onOccupancy(null);
      return assembly.answer;
    } finally {
      ending.abort();
    }
  }

  /** Ends a call in which nothing happens, between one and two times `modelIdleMs` after its last event. */
  private async endWhenIdle(ending: AbortController, events: () => number): Promise<void> {
    for (let seen = -1; seen !== events() && !ending.signal.aborted;) {
      seen = events();
      await this.clock.sleep(this.options.modelIdleMs, ending.signal);
    }
    ending.abort();
  }

  private parametersOf({ system, history, tools }: ModelRequest) {
    return {
      model: this.profile.model,
      max_tokens: this.profile.maxOutputTokens,
      system: [{ type: 'text' as const, text: system, ...CACHED }],
      messages: cachedMessages(history),
      tools: tools.map(({ name, description, inputSchema }) => ({
        name,
        description,
        input_schema: { ...inputSchema },
      })),
    };
  }
}

/** The history as the API takes it, to be cached up to its last block. */
function cachedMessages(history: History): Anthropic.MessageParam[] {
  const messages = history.map(({ role, content }) => ({ role, content: content.map((block) => ({ ...block })) }));
  const last = messages.at(-1)?.content.at(-1);
  // Only the user's blocks: thinking cannot be marked.
  if (last !== undefined && (last.type === 'text' || last.type === 'tool_result')) Object.assign(last, CACHED);
  return messages;
}

/** The usage an event carries: of the input at the message's start, totals so far later on. */
function usageIn(event: Anthropic.RawMessageStreamEvent): unknown {
  if (event.type === 'message_start') return (event.message as Anthropic.Message | undefined)?.usage;
  return event.type === 'message_delta' ? event.usage : undefined;
}

function clientFor({ apiKey, baseUrl }: AgentProfile): Anthropic {
  return new Anthropic({
    // Without any key the SDK would look for credentials of its own and send them to this address.
    apiKey: apiKey ?? 'none',
    ...(apiKey === null ? { defaultHeaders: { 'x-api-key': null, authorization: null } } : {}),
    ...(baseUrl === null ? {} : { baseURL: baseUrl }),
    maxRetries: 0,
    logLevel: 'off',
    // The key would follow a redirect to another host.
    fetchOptions: { redirect: 'error' },
  });
}
