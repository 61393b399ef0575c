import type { ModelApi } from './model-api.types.js';
import { failWith } from './model-reply.js';
import type { StreamEvent } from './reply-message.js';
import { failedEventsOf, responseEventsOf, responseOf, responsesErrorOf, statusOf } from './responses-reply.js';
import { findResponsesFault, readResponsesRequest } from './responses-request.js';

const RESPONSES = '/v1/responses';

/** OpenAI's Responses API, as Codex calls it. Nothing is stored: each request holds its whole conversation. */
export const responsesApi: ModelApi = {
  operationOf: (path) => (path === RESPONSES ? 'answer' : path === `${RESPONSES}/input_tokens` ? 'count' : null),
  keyOf: ({ headers }) => headers.authorization?.replace(/^Bearer /, ''),
  wrongKey: failWith(401, { message: 'Incorrect API key provided.' }),
  findFault: ({ body }) => findResponsesFault(body),
  read: ({ body }) => readResponsesRequest(body as Record<string, unknown>),
  bodyOf: responseOf,
  framesOf: (reply, conversation, id) => responseEventsOf(reply, conversation, id).map(frameOf),
  failureOf: (failure) => ({
    status: statusOf(failure),
    headers: failure.retryAfterSeconds === undefined ? {} : { 'retry-after': `${failure.retryAfterSeconds}` },
    body: { error: { ...responsesErrorOf(failure), param: null } },
  }),
  failureFramesOf: (failure, conversation, id) => failedEventsOf(failure, conversation, id).map(frameOf),
  countBodyOf: (tokens) => ({ object: 'response.input_tokens', input_tokens: tokens }),
};

function frameOf(event: StreamEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
