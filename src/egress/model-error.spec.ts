import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { failureDetail, failureInEvent, modelErrorBody } from './model-error.js';

describe('modelErrorBody', () => {
  it.each([
    ['anthropic', 403, { type: 'error', error: { type: 'permission_error', message: 'No' } }],
    ['anthropic', 502, { type: 'error', error: { type: 'api_error', message: 'No' } }],
    ['openai', 401, { error: { message: 'No', type: 'authentication_error', param: null, code: null } }],
    ['openai', 502, { error: { message: 'No', type: 'server_error', param: null, code: null } }],
    ['google', 403, { error: { code: 403, message: 'No', status: 'PERMISSION_DENIED' } }],
    ['google', 502, { error: { code: 502, message: 'No', status: 'UNAVAILABLE' } }],
  ] as const)('speaks as %s with %i', (protocol, status, body) => {
    expect(JSON.parse(modelErrorBody(protocol, status, 'No'))).toEqual(body);
  });
});

describe('failureDetail', () => {
  it.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'Overloaded'],
    ['{"error":{"message":"Rate limit","code":"x"}}', 'Rate limit'],
    ['[{"error":{"code":429,"message":"Quota"}}]', 'Quota'],
    ['{"error":"plain"}', 'plain'],
    ['{"message":"bare"}', 'bare'],
    ['{"error":{"message":{}}}', '{"error":{"message":{}}}'],
    ['[]', '[]'],
    ['<html>\n\tBad\u0007 Gateway</html>', '<html> Bad  Gateway</html>'],
    ['', ''],
  ])('finds in %s what was said', (body, said) => {
    expect(failureDetail(body, null)).toBe(said);
  });

  it('cuts it short and takes the key out', () => {
    expect(failureDetail(`{"error":{"message":"Incorrect key sk-1234: sk-1234"}}`, 'sk-1234')).toBe(
      'Incorrect key [key]: [key]',
    );
    expect(failureDetail('x'.repeat(400), 'k')).toBe(`${'x'.repeat(300)}…`);
  });
});

describe('failureInEvent', () => {
  it.each([
    [
      { type: 'error', error: { type: 'overloaded_error', message: 'Busy sk-1' } },
      { status: 529, detail: 'Busy [key]' },
    ],
    [
      { type: 'error', code: 'rate_limit_exceeded', message: 'Slow' },
      { status: 429, detail: 'Slow' },
    ],
    [
      { type: 'error', error: { type: 'new_error', message: 'Odd' } },
      { status: 500, detail: 'Odd' },
    ],
    [
      { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'Slow' } } },
      { status: 429, detail: 'Slow' },
    ],
    [
      { type: 'response.failed', response: { error: { code: 'context_length_exceeded', message: 'No' } } },
      { status: 400, detail: 'No' },
    ],
    [
      { type: 'response.failed', response: { error: { code: 'server_is_overloaded', message: 'No' } } },
      { status: 503, detail: 'No' },
    ],
    [
      { type: 'response.failed', response: { error: { code: 'insufficient_quota', message: 'No' } } },
      { status: 402, detail: 'No' },
    ],
    [
      { type: 'response.failed', response: { error: { code: 'invalid_prompt', message: 'No' } } },
      { status: 400, detail: 'No' },
    ],
    [{ error: { code: 503, message: 'Away', status: 'UNAVAILABLE' } }, { status: 503, detail: 'Away' }],
  ])('reads %j', (event, failure) => {
    expect(failureInEvent(event, 'sk-1')).toEqual(failure);
  });

  it.each([null, 'error', [], { type: 'message' }, { type: 'response.completed', response: { error: null } }])(
    'finds none in %j',
    (event) => {
      expect(failureInEvent(event, null)).toBeNull();
    },
  );

  it('takes any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        const failure = failureInEvent(event, 'k');

        expect(failure === null || Number.isFinite(failure.status)).toBe(true);
      }),
    );
  });
});
