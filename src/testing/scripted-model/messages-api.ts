import { findRequestFault } from './find-request-fault.js';
import type { ApiRequest, ModelApi, WireFailure } from './model-api.types.js';
import { readConversation } from './model-conversation.js';
import { failWith, type FailureReply, type MessageReply } from './model-reply.js';
import { messageOf, streamEventsOf, type StreamEvent } from './reply-message.js';

const MESSAGES = '/v1/messages';
const COUNT_TOKENS = '/v1/messages/count_tokens';
const NOTHING: MessageReply = { kind: 'message', content: [], stop: 'end_turn' };

/** Anthropic's Messages API. */
export const messagesApi: ModelApi = {
  operationOf: (path) => (path === MESSAGES ? 'answer' : path === COUNT_TOKENS ? 'count' : null),
  keyOf: ({ headers }) => {
    const given = headers['x-api-key'] ?? headers.authorization?.replace(/^Bearer /, '');
    return typeof given === 'string' ? given : undefined;
  },
  wrongKey: failWith(401, { message: 'invalid x-api-key' }),
  findFault: ({ headers, body }: ApiRequest) =>
    headers['anthropic-version'] === undefined ? 'anthropic-version: header is required' : findRequestFault(body),
  read: ({ body }) => readConversation(body as Record<string, unknown>),
  bodyOf: messageOf,
  framesOf: (reply, conversation, id) => streamEventsOf(reply, conversation, id).map(frameOf),
  failureOf: (failure): WireFailure => ({
    status: failure.status,
    headers: failure.retryAfterSeconds === undefined ? {} : { 'retry-after': `${failure.retryAfterSeconds}` },
    body: { type: 'error', ...errorOf(failure) },
  }),
  failureFramesOf: (failure, conversation, id) =>
    [...streamEventsOf(NOTHING, conversation, id).slice(0, 1), { type: 'error', ...errorOf(failure) }].map(frameOf),
  countBodyOf: (tokens) => ({ input_tokens: tokens }),
};

function errorOf({ type, message }: FailureReply): { error: { type: string; message: string } } {
  return { error: { type, message } };
}

function frameOf(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
