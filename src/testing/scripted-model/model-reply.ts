/** Token counts of one answer. What is left out is estimated from the text; cache counts are then zero. */
export interface ReplyUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cacheReadTokens?: number;
  readonly cacheWriteTokens?: number;
}

export type ReplyBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly thinking: string }
  | { readonly type: 'tool_use'; readonly name: string; readonly input: Readonly<Record<string, unknown>> };

export type ReplyStop =
  'end_turn' | 'tool_use' | 'max_tokens' | 'refusal' | 'pause_turn' | 'model_context_window_exceeded';

/** What every answer may say beside its content. */
export interface ReplyOptions {
  /** Null leaves the usage out of the answer, as some gateways do. */
  readonly usage?: ReplyUsage | null;
  /** Ends the connection before the answer is complete. */
  readonly isCut?: boolean;
  /** A stream goes on after `message_start`, with its usage, only when this resolves. */
  readonly pausedUntil?: Promise<unknown>;
}

export interface MessageReply extends ReplyOptions {
  readonly kind: 'message';
  readonly content: readonly ReplyBlock[];
  readonly stop: ReplyStop;
}

export interface FailureReply {
  readonly kind: 'failure';
  readonly status: number;
  /** The API's own name of the error: `rate_limit_error`. */
  readonly type: string;
  readonly message: string;
  /** Sent as `retry-after`, in seconds. */
  readonly retryAfterSeconds?: number;
  /** Answers a stream with 200 and reports the failure inside it, as the API does when it is overloaded half way. */
  readonly isInsideStream?: boolean;
}

/** What the scripted model answers. Made by the functions of this file. */
export type ModelReply = MessageReply | FailureReply;

const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** The model says something and is done. */
export function say(text: string, options: ReplyOptions = {}): MessageReply {
  return { kind: 'message', content: [{ type: 'text', text }], stop: 'end_turn', ...options };
}

/** The model calls one tool. @param options with `text`, it says that first */
export function callTool(
  name: string,
  input: Readonly<Record<string, unknown>>,
  options: ReplyOptions & { readonly text?: string } = {},
): MessageReply {
  return callTools([{ name, input }], options);
}

/** The model calls several tools in one answer. */
export function callTools(
  calls: readonly { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[],
  { text, ...options }: ReplyOptions & { readonly text?: string } = {},
): MessageReply {
  const spoken: readonly ReplyBlock[] = text === undefined ? [] : [{ type: 'text', text }];
  const content = [...spoken, ...calls.map((call) => ({ type: 'tool_use', ...call }) as const)];
  return { kind: 'message', content, stop: 'tool_use', ...options };
}

/** The model answers with JSON, as it does when the request has an `output_config`. */
export function answerJson(value: unknown, options: ReplyOptions = {}): MessageReply {
  return say(JSON.stringify(value), options);
}

/** The model declines. */
export function refuse(text = '', options: ReplyOptions = {}): MessageReply {
  return { ...say(text, options), content: text === '' ? [] : [{ type: 'text', text }], stop: 'refusal' };
}

/** The answer stops at the limit of output tokens. */
export function runOutOfTokens(text: string, options: ReplyOptions = {}): MessageReply {
  return { ...say(text, options), stop: 'max_tokens' };
}

/** The API refuses the request. The type follows from the status unless given. */
export function failWith(status: number, options: Partial<Omit<FailureReply, 'kind' | 'status'>> = {}): FailureReply {
  const type = options.type ?? ERROR_TYPES[status] ?? 'api_error';
  return { kind: 'failure', status, message: `Scripted ${type}`, ...options, type };
}

/** The API refuses a prompt that is longer than the window. The sentence is the API's own. */
export function promptTooLong(tokens: number, maximum: number): FailureReply {
  return failWith(400, { message: `prompt is too long: ${tokens} tokens > ${maximum} maximum` });
}
