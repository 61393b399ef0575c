/** Token counts that a model call reported, as how full the window is by it; null where it told nothing. */
export type Occupancy = number | null;

export interface SeenToolCall {
  readonly id: string;
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** How Claude Code says that a turn is over. */
export interface ClaudeResult {
  readonly type: 'result';
  /** `success`, or what failed: `error_during_execution`. A failure of the API is a `success` that `isError`. */
  readonly subtype: string;
  readonly isError: boolean;
  /** The status of the API that ended the turn. */
  readonly status: number | null;
  /** Why the turn ended in Claude Code's own words: `completed`, `hook_stopped`, `prompt_too_long`. */
  readonly terminalReason: string | null;
  readonly stopReason: string | null;
  /** What it says about it; the last words of the agent where nothing failed. */
  readonly text: string;
}

/** What Claude Code says, as far as it is used here. */
export type ClaudeMessage =
  | { readonly type: 'call-started'; readonly occupancy: Occupancy }
  | { readonly type: 'call-counted'; readonly occupancy: Occupancy }
  | { readonly type: 'call-ended' }
  | { readonly type: 'answer'; readonly texts: readonly string[]; readonly calls: readonly SeenToolCall[] }
  /** Claude Code speaks for itself, in the place of the model: it failed. */
  | { readonly type: 'trouble'; readonly text: string }
  | { readonly type: 'tool-results'; readonly results: readonly { readonly id: string; readonly isError: boolean }[] }
  | { readonly type: 'retry'; readonly status: number | null; readonly kind: string; readonly waitMs: number }
  | { readonly type: 'compacted'; readonly tokensAfter: number | null }
  | { readonly type: 'not-compacted'; readonly detail: string }
  | ClaudeResult
  | { readonly type: 'other' };

type Fields = Readonly<Record<string, unknown>>;

const OTHER: ClaudeMessage = { type: 'other' };

/** Reads a message of the SDK. What is not known, or belongs to a helper agent's own conversation, is *other*. */
export function readClaudeMessage(message: unknown): ClaudeMessage {
  if (!isFields(message)) return OTHER;
  if (message['type'] === 'result') return readResult(message);
  if (typeof message['parent_tool_use_id'] === 'string') return OTHER;
  switch (message['type']) {
    case 'stream_event':
      return readStreamEvent(fieldsOf(message['event']));
    case 'assistant':
      return readAnswer(message);
    case 'user':
      return readToolResults(blocksOf(fieldsOf(message['message'])));
    case 'system':
      return readNotice(message);
    default:
      return OTHER;
  }
}

/** The two numbers used of a context report, each null where it is none. */
export function readContextReport(report: unknown): { usedTokens: number | null; windowTokens: number | null } {
  const fields = fieldsOf(report);
  return { usedTokens: positive(fields['totalTokens']), windowTokens: positive(fields['rawMaxTokens']) };
}

function readStreamEvent(event: Fields): ClaudeMessage {
  switch (event['type']) {
    case 'message_start':
      return { type: 'call-started', occupancy: occupancyOf(fieldsOf(event['message'])['usage']) };
    case 'message_delta':
      return { type: 'call-counted', occupancy: occupancyOf(event['usage']) };
    case 'message_stop':
      return { type: 'call-ended' };
    default:
      return OTHER;
  }
}

function readAnswer(message: Fields): ClaudeMessage {
  const answer = fieldsOf(message['message']);
  const blocks = blocksOf(answer);
  const texts = blocks.flatMap((block) => (block['type'] === 'text' ? [String(block['text'])] : []));
  if (answer['model'] === '<synthetic>') return { type: 'trouble', text: texts.join('\n') };
  const calls = blocks.flatMap((block) =>
    block['type'] === 'tool_use'
      ? [{ id: String(block['id']), tool: String(block['name']), input: fieldsOf(block['input']) }]
      : [],
  );
  return { type: 'answer', texts, calls };
}

function readToolResults(blocks: readonly Fields[]): ClaudeMessage {
  const results = blocks.flatMap((block) =>
    block['type'] === 'tool_result' ? [{ id: String(block['tool_use_id']), isError: block['is_error'] === true }] : [],
  );
  return results.length === 0 ? OTHER : { type: 'tool-results', results };
}

function readNotice(message: Fields): ClaudeMessage {
  switch (message['subtype']) {
    case 'api_retry':
      return {
        type: 'retry',
        status: positive(message['error_status']),
        kind: textOf(message['error']) ?? 'unknown',
        waitMs: positive(message['retry_delay_ms']) ?? 0,
      };
    case 'compact_boundary':
      return { type: 'compacted', tokensAfter: positive(fieldsOf(message['compact_metadata'])['post_tokens']) };
    case 'status':
      return message['compact_result'] === 'failed'
        ? { type: 'not-compacted', detail: textOf(message['compact_error']) ?? 'Claude Code does not say why' }
        : OTHER;
    default:
      return OTHER;
  }
}

function readResult(message: Fields): ClaudeResult {
  const errors = Array.isArray(message['errors']) ? message['errors'].filter((error) => typeof error === 'string') : [];
  return {
    type: 'result',
    subtype: textOf(message['subtype']) ?? 'unknown',
    isError: message['is_error'] === true,
    status: positive(message['api_error_status']),
    terminalReason: textOf(message['terminal_reason']),
    stopReason: textOf(message['stop_reason']),
    text: textOf(message['result']) ?? errors.join('\n'),
  };
}

function occupancyOf(usage: unknown): Occupancy {
  const counts = fieldsOf(usage);
  // A gateway that does not count says zero: a call always reads something.
  return positive(
    ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens']
      .map((key) => positive(counts[key]) ?? 0)
      .reduce((sum, tokens) => sum + tokens, 0),
  );
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function blocksOf(message: Fields): Fields[] {
  return Array.isArray(message['content']) ? message['content'].filter(isFields) : [];
}
