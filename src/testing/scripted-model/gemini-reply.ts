import type { ModelConversation } from './model-conversation.js';
import type { FailureReply, MessageReply, ReplyBlock, ReplyStop } from './model-reply.js';
import { countsOf, inPieces, tooLongIn } from './reply-parts.js';

type Wire = Readonly<Record<string, unknown>>;

const REASONS: Readonly<Record<ReplyStop, string>> = {
  end_turn: 'STOP',
  tool_use: 'STOP',
  pause_turn: 'STOP',
  max_tokens: 'MAX_TOKENS',
  model_context_window_exceeded: 'MAX_TOKENS',
  refusal: 'SAFETY',
};

/** Names of google.rpc.Code by status. */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  504: 'DEADLINE_EXCEEDED',
};

function wirePart(block: ReplyBlock): Wire {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'thinking':
      return { text: block.thinking, thought: true };
    case 'tool_use':
      return { functionCall: { name: block.name, args: block.input } };
  }
}

function piecesOf(block: ReplyBlock): Wire[] {
  const part = wirePart(block);
  // A call comes whole.
  if (typeof part['text'] !== 'string') return [part];
  return inPieces(part['text']).map((text) => ({ ...part, text }));
}

function usageOf(reply: MessageReply, conversation: ModelConversation): Wire {
  const counts = countsOf(reply, conversation);
  if (counts === null) return {};
  // What was read from the cache is part of the prompt here.
  const prompt = counts.input + counts.cacheRead + counts.cacheWrite;
  const usageMetadata = {
    promptTokenCount: prompt,
    candidatesTokenCount: counts.output,
    totalTokenCount: prompt + counts.output,
    ...(counts.cacheRead === 0 ? {} : { cachedContentTokenCount: counts.cacheRead }),
  };
  return { usageMetadata };
}

function generated(conversation: ModelConversation, id: string, parts: readonly Wire[], rest: Wire): Wire {
  return {
    candidates: [{ content: { parts, role: 'model' }, index: 0, ...rest }],
    modelVersion: conversation.model,
    responseId: `response_${id}`,
  };
}

/** The answer as one JSON object, for a request that does not stream. @param id unique among the server's answers */
export function generationOf(reply: MessageReply, conversation: ModelConversation, id: string): Wire {
  const finish = { finishReason: REASONS[reply.stop] };
  return { ...generated(conversation, id, reply.content.map(wirePart), finish), ...usageOf(reply, conversation) };
}

/** The answer as the chunks of a stream: the counts of the prompt with the first, all of them with the last. */
export function generationChunksOf(reply: MessageReply, conversation: ModelConversation, id: string): Wire[] {
  const usage = usageOf(reply, conversation);
  const end = generated(conversation, id, [{ text: '' }], { finishReason: REASONS[reply.stop] });
  return [
    { ...generated(conversation, id, [{ text: '' }], {}), ...usage },
    ...reply.content.flatMap(piecesOf).map((part) => generated(conversation, id, [part], {})),
    { ...end, ...usage },
  ];
}

/** The error of a failure, as google.rpc.Status has it. */
export function geminiErrorOf(failure: FailureReply): { readonly error: Wire & { readonly code: number } } {
  // The API knows no 529.
  const code = failure.status === 529 ? 503 : failure.status;
  const tooLong = tooLongIn(failure);
  const message =
    tooLong === null
      ? failure.message
      : `The input token count (${tooLong.tokens}) exceeds the maximum number of tokens allowed (${tooLong.maximum}).`;
  const { retryAfterSeconds } = failure;
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds ?? 0}s` };
  const details = retryAfterSeconds === undefined ? {} : { details: [retry] };
  return { error: { code, message, status: CODES[code] ?? 'UNAVAILABLE', ...details } };
}
