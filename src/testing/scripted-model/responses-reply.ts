import type { ModelConversation } from './model-conversation.js';
import type { FailureReply, MessageReply, ReplyBlock } from './model-reply.js';
import { countsOf, inPieces, tooLongIn } from './reply-parts.js';
import type { StreamEvent } from './reply-message.js';

type Wire = Readonly<Record<string, unknown>>;

/** The errors whose codes clients act on; the rest has a type alone. */
const CODES: Readonly<Record<number, string>> = { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' };
const OWN_TYPES = /^(insufficient_quota|server_error|requests|tokens|[a-z]+_exceeded)$/;

function wireItem(block: ReplyBlock, reply: MessageReply, id: string): Wire {
  switch (block.type) {
    case 'text': {
      const said =
        reply.stop === 'refusal'
          ? { type: 'refusal', refusal: block.text }
          : { type: 'output_text', text: block.text, annotations: [], logprobs: [] };
      return { id: `msg_${id}`, type: 'message', status: 'completed', role: 'assistant', content: [said] };
    }
    case 'thinking': {
      const summary = [{ type: 'summary_text', text: block.thinking }];
      return { id: `rs_${id}`, type: 'reasoning', summary, encrypted_content: `signature_${id}` };
    }
    case 'tool_use': {
      const { name, input } = block;
      const call = { call_id: `call_${id}`, name, arguments: JSON.stringify(input) };
      return { id: `fc_${id}`, type: 'function_call', status: 'completed', ...call };
    }
  }
}

function usageOf(reply: MessageReply, conversation: ModelConversation): Wire | null {
  const counts = countsOf(reply, conversation);
  if (counts === null) return null;
  // What was read from the cache is part of the input here.
  const input = counts.input + counts.cacheRead + counts.cacheWrite;
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: counts.cacheRead },
    output_tokens: counts.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + counts.output,
  };
}

/** The answer as one JSON object, for a request that does not stream. @param id unique among the server's answers */
export function responseOf(reply: MessageReply, conversation: ModelConversation, id: string): Wire {
  const isWhole = !['max_tokens', 'model_context_window_exceeded'].includes(reply.stop);
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: 0,
    status: isWhole ? 'completed' : 'incomplete',
    error: null,
    incomplete_details: isWhole ? null : { reason: 'max_output_tokens' },
    model: conversation.model,
    output: reply.content.map((block, index) => wireItem(block, reply, `${id}_${index}`)),
    parallel_tool_calls: true,
    usage: usageOf(reply, conversation),
  };
}

function itemEvents(block: ReplyBlock, item: Wire, index: number): StreamEvent[] {
  const at = { item_id: item['id'], output_index: index };
  const added = (empty: Wire): StreamEvent => ({
    type: 'response.output_item.added',
    output_index: index,
    item: { ...item, ...empty },
  });
  const done = { type: 'response.output_item.done', output_index: index, item };
  switch (block.type) {
    case 'text': {
      const [part] = item['content'] as readonly [Wire];
      const kind = String(part['type']);
      const key = kind === 'refusal' ? 'refusal' : 'text';
      const within = { ...at, content_index: 0 };
      return [
        added({ status: 'in_progress', content: [] }),
        { type: 'response.content_part.added', ...within, part: { ...part, [key]: '' } },
        ...inPieces(block.text).map((delta) => ({ type: `response.${kind}.delta`, ...within, delta })),
        { type: `response.${kind}.done`, ...within, [key]: block.text },
        { type: 'response.content_part.done', ...within, part },
        done,
      ];
    }
    case 'thinking': {
      const within = { ...at, summary_index: 0 };
      const part = { type: 'summary_text', text: block.thinking };
      const deltas = inPieces(block.thinking);
      return [
        added({ summary: [] }),
        { type: 'response.reasoning_summary_part.added', ...within, part: { ...part, text: '' } },
        ...deltas.map((delta) => ({ type: 'response.reasoning_summary_text.delta', ...within, delta })),
        { type: 'response.reasoning_summary_text.done', ...within, text: block.thinking },
        { type: 'response.reasoning_summary_part.done', ...within, part },
        done,
      ];
    }
    case 'tool_use': {
      const text = String(item['arguments']);
      return [
        added({ status: 'in_progress', arguments: '' }),
        ...inPieces(text).map((delta) => ({ type: 'response.function_call_arguments.delta', ...at, delta })),
        { type: 'response.function_call_arguments.done', ...at, arguments: text },
        done,
      ];
    }
  }
}

function numbered(events: readonly StreamEvent[]): StreamEvent[] {
  return events.map((event, index) => ({ ...event, sequence_number: index }));
}

/** The answer as the events of a stream: whole items as they are done, the usage with the end. */
export function responseEventsOf(reply: MessageReply, conversation: ModelConversation, id: string): StreamEvent[] {
  const response = responseOf(reply, conversation, id);
  const begun = { ...response, status: 'in_progress', incomplete_details: null, output: [], usage: null };
  const items = response['output'] as readonly Wire[];
  return numbered([
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...reply.content.flatMap((block, index) => itemEvents(block, items[index] ?? {}, index)),
    { type: `response.${String(response['status'])}`, response },
  ]);
}

/** The error of a failure: its type, its code and its words as this API has them. */
export function responsesErrorOf(failure: FailureReply): { type: string; code: string | null; message: string } {
  const { status, type, message } = failure;
  if (tooLongIn(failure) !== null) {
    const sentence = 'Your input exceeds the context window of this model. Please adjust your input and try again.';
    return { type: 'invalid_request_error', code: 'context_length_exceeded', message: sentence };
  }
  if (OWN_TYPES.test(type)) return { type, code: type, message };
  if (statusOf(failure) === 503) return { type: 'server_error', code: 'server_is_overloaded', message };
  if (status >= 500) return { type: 'server_error', code: 'server_error', message };
  return { type: status === 429 ? 'requests' : 'invalid_request_error', code: CODES[status] ?? null, message };
}

/** The API knows no 529. */
export function statusOf({ status }: FailureReply): number {
  return status === 529 ? 503 : status;
}

/** A stream that begins and fails. */
export function failedEventsOf(failure: FailureReply, conversation: ModelConversation, id: string): StreamEvent[] {
  const nothing: MessageReply = { kind: 'message', content: [], stop: 'end_turn' };
  const [created] = responseEventsOf(nothing, conversation, id);
  const { code, message } = responsesErrorOf(failure);
  const error = { code: code ?? 'invalid_prompt', message };
  const response = { ...responseOf(nothing, conversation, id), status: 'failed', error, usage: null };
  return numbered([...(created === undefined ? [] : [created]), { type: 'response.failed', response }]);
}
