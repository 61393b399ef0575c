import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ModelRoute } from './egress.types.js';
import { decideModelCall } from './model-paths.js';

const route = (protocol: ModelRoute['protocol'], baseUrl: string, model = 'm-1'): ModelRoute => ({
  protocol,
  baseUrl,
  apiKey: null,
  model,
});
const ANTHROPIC = route('anthropic', 'https://api.anthropic.com');
const OPENAI = route('openai', 'https://api.openai.com/v1');
const GOOGLE = route('google', 'https://generativelanguage.googleapis.com');
const PREFIX = 'https://generativelanguage.googleapis.com/v1beta/models';

describe('decideModelCall', () => {
  it.each([
    [ANTHROPIC, '/v1/messages', 'messages', 'https://api.anthropic.com/v1/messages'],
    [ANTHROPIC, '/v1/messages?', 'messages', 'https://api.anthropic.com/v1/messages'],
    [ANTHROPIC, '/v1/messages?beta=true', 'messages', 'https://api.anthropic.com/v1/messages?beta=true'],
    [ANTHROPIC, '/v1/messages/count_tokens', 'count', 'https://api.anthropic.com/v1/messages/count_tokens'],
    [route('anthropic', 'http://glm:8000/api/x/'), '/v1/messages', 'messages', 'http://glm:8000/api/x/v1/messages'],
    [OPENAI, '/v1/responses', 'responses', 'https://api.openai.com/v1/responses'],
    [OPENAI, '/responses', 'responses', 'https://api.openai.com/v1/responses'],
    [OPENAI, '/v1/chat/completions', 'chat', 'https://api.openai.com/v1/chat/completions'],
    [route('openai', 'http://vllm:8000'), '/v1/responses', 'responses', 'http://vllm:8000/v1/responses'],
    [route('openai', 'http://gate/api/v3/'), '/v1/responses', 'responses', 'http://gate/api/v3/responses'],
    [GOOGLE, '/v1beta/models/m-1:generateContent', 'generate', `${PREFIX}/m-1:generateContent`],
    [GOOGLE, '/v1beta/models/m-1:generateContent?key=token', 'generate', `${PREFIX}/m-1:generateContent`],
    [
      GOOGLE,
      '/v1beta/models/m-1:streamGenerateContent?key=token&alt=sse',
      'generate',
      `${PREFIX}/m-1:streamGenerateContent?alt=sse`,
    ],
    [GOOGLE, '/v1beta/models/m-1:countTokens', 'count', `${PREFIX}/m-1:countTokens`],
    [{ ...GOOGLE, model: 'a/b' }, '/v1beta/models/a%2Fb:countTokens', 'count', `${PREFIX}/a%2Fb:countTokens`],
    [{ ...GOOGLE, model: 'a/b' }, '/v1beta/models/a/b:countTokens', 'count', `${PREFIX}/a%2Fb:countTokens`],
  ])('sends %j %s on', (of, target, operation, url) => {
    expect(decideModelCall(of, 'POST', target)).toEqual({ kind: 'call', operation, url });
  });

  it.each(['GET', 'HEAD'])('takes %s / for a question whether somebody listens', (method) => {
    expect(decideModelCall(ANTHROPIC, method, '/')).toEqual({ kind: 'probe' });
    expect(decideModelCall(ANTHROPIC, method, '/?x')).toMatchObject({ kind: 'refused' });
  });

  it.each([
    [ANTHROPIC, 'GET', '/v1/messages'],
    [ANTHROPIC, 'POST', '/'],
    [ANTHROPIC, 'POST', '/v1/messages/'],
    [ANTHROPIC, 'POST', '//v1/messages'],
    [ANTHROPIC, 'POST', '/v1/messages/../files'],
    [ANTHROPIC, 'POST', '/v1/messages%2fbatches'],
    [ANTHROPIC, 'POST', '/v1/messages/batches'],
    [ANTHROPIC, 'POST', '/v1/files'],
    [ANTHROPIC, 'POST', '/v1/messages?beta=true&beta=true'],
    [ANTHROPIC, 'POST', '/v1/messages?beta=false'],
    [ANTHROPIC, 'POST', '/v1/messages?beta=true?x'],
    [ANTHROPIC, 'POST', '/v1/messages?key=k'],
    [ANTHROPIC, 'POST', '/messages'],
    [ANTHROPIC, 'POST', '/V1/messages'],
    [ANTHROPIC, 'GET', '/v1/models'],
    [OPENAI, 'POST', '/v1/messages'],
    [OPENAI, 'POST', '/v1/responses/r1/cancel'],
    [OPENAI, 'POST', '/v1/responses?x=1'],
    [GOOGLE, 'POST', '/v1beta/models/m-2:generateContent'],
    [GOOGLE, 'POST', '/v1beta/models/m-1:batchGenerateContent'],
    [GOOGLE, 'POST', '/v1beta/models/m-1:generateContent?alt=sse'],
    [GOOGLE, 'POST', '/v1beta/models/m-1:streamGenerateContent?alt=proto'],
    [GOOGLE, 'POST', '/v1/models/m-1:generateContent'],
    [GOOGLE, 'POST', '/upload/v1beta/files'],
  ])('refuses %j %s %s', (of, method, target) => {
    expect(decideModelCall(of, method, target)).toMatchObject({
      kind: 'refused',
      sentence: expect.stringMatching(/^This sandbox may only POST to \/v1/) as unknown,
    });
  });

  it('sends nothing of any request to another address than the known ones', () => {
    const targets = fc.oneof(
      fc.webPath().map((path) => path || '/'),
      fc.string(),
      fc
        .constantFrom('/v1/messages', '/v1/responses', '/v1beta/models/m-1:generateContent')
        .chain((path) =>
          fc
            .tuple(fc.constant(path), fc.constantFrom('', '/', '?', '?beta=true', '?key='), fc.string())
            .map((p) => p.join('')),
        ),
    );
    const known =
      /^https:\/\/(?:api\.anthropic\.com\/v1\/messages(?:\/count_tokens)?(?:\?beta=true)?|api\.openai\.com\/v1\/(?:responses|chat\/completions)|generativelanguage\.googleapis\.com\/v1beta\/models\/m-1:\w+(?:\?alt=sse)?)$/;
    fc.assert(
      fc.property(fc.constantFrom(ANTHROPIC, OPENAI, GOOGLE), targets, (of, target) => {
        const decision = decideModelCall(of, 'POST', target);

        expect(decision.kind === 'call' ? decision.url : 'https://api.openai.com/v1/responses').toMatch(known);
      }),
      { numRuns: 1000 },
    );
  });
});
