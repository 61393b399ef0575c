import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from '@jest/globals';
import { modelFailureOf } from './model-failure.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function answered(status: number, message = 'said', headers: Record<string, string> = {}) {
  const body = { type: 'error', error: { type: 'some_error', message } };
  return Anthropic.APIError.generate(status, body, undefined, new Headers(headers));
}

const kindOf = (thrown: unknown) => modelFailureOf(thrown, NOW, null).kind;
const insideStream = (type: string | null, message = '') =>
  new Anthropic.APIError(undefined, { error: { type, message } }, undefined, undefined, type as never);

describe('modelFailureOf', () => {
  it.each([
    [400, 'invalid'],
    [401, 'auth'],
    [402, 'spend_limit'],
    [403, 'auth'],
    [404, 'invalid'],
    [408, 'network'],
    [409, 'network'],
    [413, 'context'],
    [422, 'invalid'],
    [429, 'overloaded'],
    [500, 'network'],
    [502, 'network'],
    [503, 'overloaded'],
    [529, 'overloaded'],
  ])('takes %i for %s', (status, kind) => {
    expect(kindOf(answered(status))).toBe(kind);
  });

  it.each([
    ['authentication_error', 'auth'],
    ['permission_error', 'auth'],
    ['billing_error', 'spend_limit'],
    ['rate_limit_error', 'overloaded'],
    ['overloaded_error', 'overloaded'],
    ['invalid_request_error', 'invalid'],
    ['api_error', 'network'],
    [null, 'network'],
  ])('takes %s inside a stream for %s', (type, kind) => {
    expect(kindOf(insideStream(type))).toBe(kind);
  });

  it.each([
    'prompt is too long: 205000 tokens > 200000 maximum',
    "This model's maximum context length is 8192 tokens",
    'the request exceeds the available context size',
    'context_length_exceeded',
  ])('takes %p for a full window, unless the status says something else', (message) => {
    expect(kindOf(answered(400, message))).toBe('context');
    expect(kindOf(insideStream('invalid_request_error', message))).toBe('context');
    expect(kindOf(answered(429, message))).toBe('overloaded');
  });

  it.each([
    [429, 'Your organization has reached its enforced_spend_limit_reached', 'spend_limit'],
    [429, 'You have reached your specified API spend limit', 'spend_limit'],
    [400, 'Your credit balance is too low to access the API', 'spend_limit'],
    [422, 'insufficient_quota', 'spend_limit'],
    [401, 'Your credit balance is too low to access the API', 'auth'],
    [500, 'Your credit balance is too low to access the API', 'network'],
  ])('takes a %i that says %p for %s', (status, message, kind) => {
    expect(kindOf(answered(status, message))).toBe(kind);
  });

  it('takes a limit that says how long to wait for one of the rate', () => {
    const failure = modelFailureOf(answered(429, 'spend limit', { 'retry-after': '30' }), NOW, null);

    expect(failure).toMatchObject({ kind: 'overloaded', retryAfterMs: 30_000 });
  });

  it('takes a limit without a word for one of the rate', () => {
    expect(kindOf(Anthropic.APIError.generate(429, undefined, 'html', new Headers()))).toBe('overloaded');
  });

  it('reads the kind of a limit from the body where the sentence does not say it', () => {
    const body = {
      type: 'error',
      error: { type: 'rate_limit_error', message: 'no', code: 'enforced_spend_limit_reached' },
    };

    expect(kindOf(Anthropic.APIError.generate(429, body, undefined, new Headers()))).toBe('spend_limit');
  });

  it('names what the API said, without the key', () => {
    const failure = modelFailureOf(answered(400, 'key-1 is bad, key-1!'), NOW, 'key-1');

    expect(failure.detail).toBe("The model's API failed with 400 some_error: [key] is bad, [key]!");
    expect(modelFailureOf(answered(400, 'words'), NOW, '').detail).toContain('words');
  });

  it('names the status alone where there is no more', () => {
    const failure = modelFailureOf(Anthropic.APIError.generate(502, undefined, 'html', new Headers()), NOW, null);

    expect(failure.detail).toBe("The model's API failed with 502");
  });

  it('takes what did not come from the API for a network failure, and names its code alone', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED to http://user:secret@host'), { code: 'ECONNREFUSED' });

    const failure = modelFailureOf(new Anthropic.APIConnectionError({ cause }), NOW, null);

    expect(failure).toEqual({
      kind: 'network',
      detail: "The model's answer did not arrive or was cut off (ECONNREFUSED)",
      retryAfterMs: null,
    });
    expect(kindOf(new Anthropic.APIUserAbortError())).toBe('network');
    expect(kindOf(new SyntaxError('Unexpected end of JSON'))).toBe('network');
  });

  it.each([
    ['7', 7_000],
    ['0.5', 500],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['-3', 0],
    ['soon', null],
    ['', null],
  ])('reads retry-after %p as %p milliseconds', (value, ms) => {
    expect(modelFailureOf(answered(429, 'said', { 'retry-after': value }), NOW, null).retryAfterMs).toBe(ms);
  });
});
