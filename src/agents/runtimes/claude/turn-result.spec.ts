import { describe, expect, it } from '@jest/globals';
import { turnResultOf, type TurnFacts } from './turn-result.js';

const RESULT: TurnFacts['result'] = {
  subtype: 'success',
  isError: false,
  status: null,
  terminalReason: 'completed',
  stopReason: 'end_turn',
  text: 'Done.',
};

function facts(given: Partial<Omit<TurnFacts, 'result'>> & { result?: Partial<TurnFacts['result']> } = {}): TurnFacts {
  const { result, ...rest } = given;
  return {
    text: 'Done.',
    ownStop: null,
    troubleKind: null,
    failure: null,
    waitedMs: null,
    ...rest,
    result: { ...RESULT, ...result },
  };
}

const failed = (result: Partial<TurnFacts['result']>, troubleKind: string | null = null) =>
  facts({
    troubleKind,
    result: { isError: true, terminalReason: 'api_error', stopReason: 'stop_sequence', ...result },
  });

describe('turnResultOf', () => {
  it('ends a turn in which nothing failed', () => {
    expect(turnResultOf(facts())).toEqual({ stop: 'end_turn', text: 'Done.', detail: null, retryAfterMs: null });
  });

  it.each([
    ['auth', failed({ status: 401, text: 'Failed to authenticate.' }, 'authentication_failed')],
    ['auth', failed({ status: 403 })],
    ['auth', failed({ status: null }, 'account_on_hold')],
    ['rate_limit', failed({ status: 429 }, 'rate_limit')],
    ['rate_limit', failed({ status: 529 }, 'overloaded')],
    ['rate_limit', failed({ status: 503 })],
    ['spend_limit', failed({ status: 400, text: 'Credit balance is too low' }, 'billing_error')],
    ['spend_limit', failed({ status: 402, text: 'API Error: 402' }, 'unknown')],
    ['spend_limit', failed({ status: 429, text: 'Your spending limit is reached' }, 'rate_limit')],
    ['spend_limit', failed({ subtype: 'error_max_budget_usd' })],
    ['spend_limit', failed({ terminalReason: 'budget_exhausted' })],
    ['context_exhausted', failed({ status: 400, terminalReason: 'prompt_too_long' }, 'invalid_request')],
    ['context_exhausted', failed({ terminalReason: 'blocking_limit' })],
    ['context_exhausted', failed({ terminalReason: 'rapid_refill_breaker' })],
    ['context_exhausted', failed({ status: 413 })],
    ['context_exhausted', failed({ status: 400, text: "This model's maximum context length is 8192 tokens" })],
    ['context_exhausted', facts({ result: { stopReason: 'model_context_window_exceeded' } })],
    ['refusal', facts({ result: { stopReason: 'refusal' } })],
    ['refusal', failed({ stopReason: 'refusal' }, 'invalid_request')],
    ['max_turns', failed({ subtype: 'error_max_turns' })],
    ['max_turns', facts({ result: { terminalReason: 'max_turns' } })],
    ['error', failed({ status: 500, text: 'API Error: 500' }, 'server_error')],
    ['error', failed({ subtype: 'error_during_execution', isError: false, terminalReason: null })],
    ['error', facts({ result: { terminalReason: 'image_error' } })],
    ['end_turn', facts({ result: { terminalReason: null } })],
    ['end_turn', facts({ result: { terminalReason: 'hook_stopped' } })],
  ] as const)('is %s for what Claude Code says, number %#', (stop, given) => {
    expect(turnResultOf(given).stop).toBe(stop);
  });

  it('is what we asked for, unless the agent ended by itself before', () => {
    const stopped = { terminalReason: 'hook_stopped' };
    const aborted = { subtype: 'error_during_execution', isError: true, terminalReason: 'aborted_tools' };

    expect(turnResultOf(facts({ ownStop: 'interrupted', result: stopped })).stop).toBe('interrupted');
    expect(turnResultOf(facts({ ownStop: 'max_turns', result: stopped })).stop).toBe('max_turns');
    expect(turnResultOf(facts({ ownStop: 'interrupted', result: aborted }))).toMatchObject({
      stop: 'interrupted',
      detail: null,
    });
    expect(turnResultOf(facts({ ownStop: 'interrupted' })).stop).toBe('end_turn');
  });

  it('says what the model said, from the gate before all else', () => {
    const failure = { status: 429, detail: 'rate_limit_error: slow down', retryAfterMs: 7_000 };
    const given = { ...failed({ status: 429, text: 'API Error: Request rejected (429)' }, 'rate_limit'), waitedMs: 9 };

    expect(turnResultOf({ ...given, failure })).toMatchObject({
      detail: "The model's API failed with 429: rate_limit_error: slow down",
      retryAfterMs: 7_000,
    });
    expect(turnResultOf({ ...given, failure: { ...failure, detail: '', retryAfterMs: null } })).toMatchObject({
      detail: "The model's API failed with 429",
      retryAfterMs: 9,
    });
    expect(turnResultOf(given)).toMatchObject({
      detail: 'Claude Code ended the turn: API Error: Request rejected (429)',
      retryAfterMs: 9,
    });
  });

  it('takes the status of the gate where Claude Code tells none', () => {
    const failure = { status: 401, detail: '', retryAfterMs: null };

    expect(turnResultOf({ ...failed({}), failure }).stop).toBe('auth');
  });

  it('says at least the reason, and never too much', () => {
    expect(turnResultOf(failed({ text: '', terminalReason: 'image_error' })).detail).toContain('image_error');
    expect(turnResultOf(failed({ text: '', terminalReason: null })).detail).toContain('not known');
    expect(turnResultOf(failed({ text: 'x'.repeat(999) })).detail).toHaveLength(301);
  });
});
