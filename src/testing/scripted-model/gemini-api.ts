import { generationChunksOf, generationOf, geminiErrorOf } from './gemini-reply.js';
import { findGeminiFault, geminiTargetOf, readGeminiRequest, type GeminiTarget } from './gemini-request.js';
import type { ModelApi } from './model-api.types.js';
import { failWith } from './model-reply.js';
import { dataFrame } from './reply-parts.js';

/** Google's Gemini API, as Gemini CLI calls it. Streams are server-sent events: `alt=sse`. */
export const geminiApi: ModelApi = {
  operationOf: (path) => {
    const target = geminiTargetOf(path);
    if (target === null) return null;
    return target.action === 'countTokens' ? 'count' : 'answer';
  },
  keyOf: ({ headers, query }) => {
    const given = headers['x-goog-api-key'] ?? query.get('key');
    return typeof given === 'string' ? given : undefined;
  },
  // The API answers 400 to this, and not 401.
  wrongKey: failWith(400, { message: 'API key not valid. Please pass a valid API key.' }),
  findFault: ({ path, query, body }) => {
    if (geminiTargetOf(path)?.action === 'streamGenerateContent' && query.get('alt') !== 'sse') {
      return 'The scripted model streams server-sent events alone: ask for them with alt=sse.';
    }
    return findGeminiFault(body);
  },
  read: ({ path, body }) => readGeminiRequest(body as Record<string, unknown>, geminiTargetOf(path) as GeminiTarget),
  bodyOf: generationOf,
  framesOf: (reply, conversation, id) => generationChunksOf(reply, conversation, id).map(dataFrame),
  failureOf: (failure) => {
    const body = geminiErrorOf(failure);
    return { status: body.error.code, headers: {}, body };
  },
  failureFramesOf: (failure) => [dataFrame(geminiErrorOf(failure))],
  countBodyOf: (tokens) => ({ totalTokens: tokens }),
};
