import { describe, expect, it } from '@jest/globals';
import type { ModelRoute } from './egress.types.js';
import { headersFromModel, headersToModel, presentsToken, retryAfterMs } from './model-headers.js';

const route = (protocol: ModelRoute['protocol'], apiKey: string | null = 'real'): ModelRoute => ({
  protocol,
  baseUrl: 'https://model.test',
  apiKey,
  model: 'm',
});

describe('headersToModel', () => {
  it('takes along what the protocols say of a request, and nothing else', () => {
    const given = {
      accept: 'text/event-stream',
      'anthropic-beta': 'a,b',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
      'x-stainless-os': 'Linux',
      // Stays behind.
      authorization: 'Bearer gate-1',
      'x-api-key': 'gate-1',
      'x-goog-api-key': 'gate-1',
      'api-key': 'gate-1',
      cookie: 'c=1',
      host: 'evil.test',
      connection: 'x-stainless-os',
      'content-length': '9999',
      'transfer-encoding': 'chunked',
      'accept-encoding': 'gzip',
      'openai-organization': 'org',
      'x-forwarded-host': 'evil.test',
      'x-litellm-api-base': 'evil',
      'proxy-authorization': 'Basic x',
      expect: '100-continue',
    };

    expect(headersToModel(given, route('anthropic'), 5)).toEqual({
      accept: 'text/event-stream',
      'anthropic-beta': 'a,b',
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
      'x-stainless-os': 'Linux',
      'accept-encoding': 'identity',
      'content-length': 5,
      'x-api-key': 'real',
    });
  });

  it('puts the key where the protocol has it, and none where there is none', () => {
    const plain = { 'accept-encoding': 'identity', 'content-length': 0 };

    expect(headersToModel({}, route('openai'), 0)).toEqual({ ...plain, authorization: 'Bearer real' });
    expect(headersToModel({}, route('google'), 0)).toEqual({ ...plain, 'x-goog-api-key': 'real' });
    expect(headersToModel({ authorization: 'Bearer gate-1' }, route('openai', null), 0)).toEqual(plain);
  });
});

describe('headersFromModel', () => {
  it('shows the agent what it acts on', () => {
    const shown = {
      'content-type': 'text/event-stream',
      'retry-after': '7',
      'request-id': 'r',
      'anthropic-ratelimit-tokens-remaining': '5',
      'x-ratelimit-limit-tokens': '9',
    };

    const hidden = { 'set-cookie': ['a=1'], 'anthropic-organization-id': 'o', location: '/', connection: 'close' };
    expect(headersFromModel({ ...shown, ...hidden })).toEqual(shown);
  });
});

describe('presentsToken', () => {
  it.each([
    [{ 'x-api-key': 'gate-1' }, '/', true],
    [{ authorization: 'Bearer gate-1' }, '/', true],
    [{ authorization: 'bearer  gate-1' }, '/', true],
    [{ 'x-goog-api-key': 'gate-1' }, '/', true],
    [{}, '/x?alt=sse&key=gate-1', true],
    [{ 'x-api-key': 'other', authorization: 'Bearer gate-1' }, '/', true],
    [{}, '/', false],
    [{ 'x-api-key': '' }, '/', false],
    [{ 'x-api-key': 'gate-12' }, '/', false],
    [{ authorization: 'gate-1' }, '/', false],
    [{ authorization: 'Basic gate-1' }, '/', false],
    [{ 'x-api-key': 'undefined' }, '/?key=null', false],
  ])('%j %s: %p', (headers, target, expected) => {
    expect(presentsToken(headers, target, 'gate-1')).toBe(expected);
  });
});

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '12' }, 12_000],
    [{ 'retry-after-ms': '1500', 'retry-after': '12' }, 1_500],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT' }, 5_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }, 0],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j', (headers, expected) => {
    expect(retryAfterMs(headers, 5_000)).toBe(expected);
  });
});
