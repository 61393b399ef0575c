import type { ModelConversation } from './model-conversation.js';
import type { MessageReply, ReplyBlock } from './model-reply.js';
import { countsOf, inPieces } from './reply-parts.js';

/** One server-sent event. */
export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

type WireUsage = Readonly<Record<string, number>>;

function usageOf(reply: MessageReply, conversation: ModelConversation): WireUsage | null {
  const counts = countsOf(reply, conversation);
  if (counts === null) return null;
  return {
    input_tokens: counts.input,
    cache_read_input_tokens: counts.cacheRead,
    cache_creation_input_tokens: counts.cacheWrite,
    output_tokens: counts.output,
  };
}

function wireBlock(block: ReplyBlock, id: string, index: number): Record<string, unknown> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text };
    case 'thinking':
      return { type: 'thinking', thinking: block.thinking, signature: `signature_${id}_${index}` };
    case 'tool_use':
      return { type: 'tool_use', id: `toolu_${id}_${index}`, name: block.name, input: block.input };
  }
}

/** The answer as one JSON object, for a request that does not stream. @param id unique among the server's answers */
export function messageOf(reply: MessageReply, conversation: ModelConversation, id: string): Record<string, unknown> {
  const usage = usageOf(reply, conversation);
  return {
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model: conversation.model,
    content: reply.content.map((block, index) => wireBlock(block, id, index)),
    stop_reason: reply.stop,
    stop_sequence: null,
    ...(usage === null ? {} : { usage }),
  };
}

function blockEvents(block: ReplyBlock, index: number, id: string): StreamEvent[] {
  const wire = wireBlock(block, id, index);
  const delta = (fields: Record<string, unknown>): StreamEvent => ({
    type: 'content_block_delta',
    index,
    delta: fields,
  });
  const start = (empty: Record<string, unknown>): StreamEvent => ({
    type: 'content_block_start',
    index,
    content_block: { ...wire, ...empty },
  });
  const stop = { type: 'content_block_stop', index };
  switch (block.type) {
    case 'text':
      return [start({ text: '' }), ...inPieces(block.text).map((text) => delta({ type: 'text_delta', text })), stop];
    case 'thinking':
      return [
        start({ thinking: '', signature: '' }),
        ...inPieces(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
        delta({ type: 'signature_delta', signature: wire['signature'] }),
        stop,
      ];
    case 'tool_use':
      return [
        start({ input: {} }),
        ...inPieces(JSON.stringify(block.input)).map((piece) =>
          delta({ type: 'input_json_delta', partial_json: piece }),
        ),
        stop,
      ];
  }
}

/** The answer as the events of a stream: usage of the input first, usage of the output with the end. */
export function streamEventsOf(reply: MessageReply, conversation: ModelConversation, id: string): StreamEvent[] {
  const { usage, ...message } = messageOf(reply, conversation, id);
  const counts = usage as WireUsage | undefined;
  // The API counts one output token at the start, whatever comes.
  const atStart = counts === undefined ? {} : { usage: { ...counts, output_tokens: 1 } };
  return [
    { type: 'message_start', message: { ...message, ...atStart, content: [], stop_reason: null } },
    { type: 'ping' },
    ...reply.content.flatMap((block, index) => blockEvents(block, index, id)),
    {
      type: 'message_delta',
      delta: { stop_reason: reply.stop, stop_sequence: null },
      ...(counts === undefined ? {} : { usage: { output_tokens: counts['output_tokens'] } }),
    },
    { type: 'message_stop' },
  ];
}
