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
    failure: null,
    ...rest,
    result: { ...RESULT, ...result },
  };
}

const failed = (result: Partial<TurnFacts['result']>, failure: TurnFacts['failure'] = null) =>
  facts({
    failure,
    result: { isError: true, terminalReason: 'api_error', stopReason: 'stop_sequence', ...result },
  });

const failure = (status: number, detail = '', retryAfterMs: number | null = null) => ({ status, detail, retryAfterMs });

describe('turnResultOf', () => {
  it('ends a turn in which nothing failed', () => {
    expect(turnResultOf(facts())).toEqual({ stop: 'end_turn', text: 'Done.', detail: null, retryAfterMs: null });
  });

  it.each([
    ['auth', failed({ status: 401, text: 'Failed to authenticate.' }, failure(401))],
    ['auth', failed({}, failure(403))],
    ['rate_limit', failed({ status: 429 }, failure(429))],
    ['rate_limit', failed({ status: 529 }, failure(529))],
    ['rate_limit', failed({ status: 503 }, failure(503))],
    ['spend_limit', failed({ status: 400 }, failure(400, 'Your credit balance is too low'))],
    ['spend_limit', failed({ text: 'API Error: 402' }, failure(402))],
    ['spend_limit', failed({ status: 429 }, failure(429, 'Your spending limit is reached'))],
    // Nothing that the gate saw: what is said of a key or an account concerns others, and is not believed.
    ['error', failed({ status: 401, text: 'Failed to authenticate.' })],
    ['error', failed({ status: 402, text: 'Credit balance is too low' })],
    ['error', failed({ status: 429, text: 'Your spending limit is reached' })],
    ['error', facts({ ownStop: 'rate_limit', result: { isError: true, terminalReason: 'aborted_streaming' } })],
    ['error', failed({ subtype: 'error_max_budget_usd' })],
    ['error', failed({ terminalReason: 'budget_exhausted' })],
    ['context_exhausted', failed({ status: 400, terminalReason: 'prompt_too_long' })],
    ['context_exhausted', failed({ terminalReason: 'blocking_limit' })],
    ['context_exhausted', failed({ terminalReason: 'rapid_refill_breaker' })],
    ['context_exhausted', failed({ status: 413 })],
    ['context_exhausted', failed({}, failure(413))],
    ['context_exhausted', failed({}, failure(400, 'prompt is too long: 9 tokens > 8 maximum'))],
    ['context_exhausted', failed({ status: 400, text: "This model's maximum context length is 8192 tokens" })],
    ['context_exhausted', facts({ result: { stopReason: 'model_context_window_exceeded' } })],
    ['refusal', facts({ result: { stopReason: 'refusal' } })],
    ['refusal', failed({ stopReason: 'refusal' })],
    ['max_turns', failed({ subtype: 'error_max_turns' })],
    ['max_turns', facts({ result: { terminalReason: 'max_turns' } })],
    ['error', failed({ status: 500, text: 'API Error: 500' }, failure(500))],
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
    const result = { status: 429, text: 'API Error: Request rejected (429)' };

    expect(turnResultOf(failed(result, failure(429, 'rate_limit_error: slow down', 7_000)))).toMatchObject({
      detail: "The model's API failed with 429: rate_limit_error: slow down",
      retryAfterMs: 7_000,
    });
    expect(turnResultOf(failed(result, failure(429)))).toMatchObject({
      detail: "The model's API failed with 429",
      retryAfterMs: null,
    });
    expect(turnResultOf(failed(result))).toMatchObject({
      detail: 'Claude Code ended the turn: API Error: Request rejected (429)',
    });
  });

  it.each([
    [502, true],
    [504, true],
    [500, true],
    [408, true],
    [503, undefined],
    [400, undefined],
  ])('knows from %i whether the model was reached', (status, isUnreachable) => {
    expect(turnResultOf(failed({ text: 'API Error' }, failure(status))).isUnreachable).toBe(isUnreachable);
  });

  it('says at least the reason, and never too much', () => {
    expect(turnResultOf(failed({ text: '', terminalReason: 'image_error' })).detail).toContain('image_error');
    expect(turnResultOf(failed({ text: '', terminalReason: null })).detail).toContain('not known');
    expect(turnResultOf(failed({ text: 'x'.repeat(999) })).detail).toHaveLength(301);
  });
});
