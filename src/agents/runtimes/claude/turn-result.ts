import type { ForwardedFailure } from '../../../egress/index.js';
import type { TurnResult, TurnStop } from '../../agents.types.js';
import type { ClaudeResult } from './claude-message.js';

/** Why we ended a turn ourselves. */
export type OwnStop = 'interrupted' | 'max_turns' | 'rate_limit';

/** What is known of a turn once Claude Code says that it is over. */
export interface TurnFacts {
  readonly result: Omit<ClaudeResult, 'type'>;
  /** The agent's last words. */
  readonly text: string;
  /** What we asked for; null where we asked for nothing. */
  readonly ownStop: OwnStop | null;
  /** What kind of failure Claude Code spoke of, in its own words: `authentication_failed`. */
  readonly troubleKind: string | null;
  /** The last failure that passed the gate and was not made good; its words are without secrets. */
  readonly failure: ForwardedFailure | null;
  /** How long Claude Code last waited to try again, in milliseconds; null where it did not. */
  readonly waitedMs: number | null;
}

const LONGEST_DETAIL = 300;
/** Words of the API and of servers that speak its protocol. There is no code for it. */
const TOO_LONG = /prompt is too long|context[ _](length|window|size|limit)|maximum context|exceed\w* .*\bcontext\b/i;
const SPENT = /credit balance|insufficient[ _](quota|funds|balance)|spend(ing)?[ _]limit/i;

const STOP_OF_REASON: Readonly<Record<string, TurnStop>> = {
  blocking_limit: 'context_exhausted',
  prompt_too_long: 'context_exhausted',
  // Full again right after each compaction.
  rapid_refill_breaker: 'context_exhausted',
  max_turns: 'max_turns',
  budget_exhausted: 'spend_limit',
};
/** How a turn ends in which nothing failed. */
const FINISHED = ['completed', 'hook_stopped', null];

const STOP_OF_KIND: Readonly<Record<string, TurnStop>> = {
  authentication_failed: 'auth',
  oauth_org_not_allowed: 'auth',
  account_on_hold: 'auth',
  verification_required: 'auth',
  cloud_credential_error: 'auth',
  billing_error: 'spend_limit',
  rate_limit: 'rate_limit',
  overloaded: 'rate_limit',
};

const WITH_DETAIL: readonly TurnStop[] = ['auth', 'rate_limit', 'spend_limit', 'error'];

/** Decides how a turn ended. A failure of the API comes as a success that is an error: only `isError` tells. */
export function turnResultOf(facts: TurnFacts): TurnResult {
  const stop = stopOf(facts);
  return {
    stop,
    text: facts.text,
    detail: WITH_DETAIL.includes(stop) ? detailOf(facts) : null,
    retryAfterMs: stop === 'rate_limit' ? (facts.failure?.retryAfterMs ?? facts.waitedMs) : null,
  };
}

function stopOf(facts: TurnFacts): TurnStop {
  const { result, ownStop } = facts;
  const { terminalReason, stopReason } = result;
  const hasFinished = !result.isError && terminalReason === 'completed';
  if (ownStop !== null && !hasFinished) return ownStop;
  const known = STOP_OF_REASON[terminalReason ?? ''];
  if (known !== undefined) return known;
  // Claude Code asks once more after a refusal; a second one comes as an error.
  if (stopReason === 'refusal') return 'refusal';
  if (stopReason === 'model_context_window_exceeded') return 'context_exhausted';
  if (result.isError || result.subtype !== 'success') return stopOfError(facts);
  return FINISHED.includes(terminalReason) ? 'end_turn' : 'error';
}

function stopOfError({ result, troubleKind, failure }: TurnFacts): TurnStop {
  const status = result.status ?? failure?.status ?? null;
  const said = `${result.text}\n${failure?.detail ?? ''}`;
  if (status === 402 || SPENT.test(said)) return 'spend_limit';
  if (status === 413 || TOO_LONG.test(said)) return 'context_exhausted';
  const known = STOP_OF_KIND[troubleKind ?? ''];
  if (known !== undefined) return known;
  if (status === 401 || status === 403) return 'auth';
  if (status === 429 || status === 503 || status === 529) return 'rate_limit';
  if (result.subtype === 'error_max_turns') return 'max_turns';
  return result.subtype === 'error_max_budget_usd' ? 'spend_limit' : 'error';
}

function detailOf({ result, failure }: TurnFacts): string {
  if (failure !== null) {
    const words = failure.detail === '' ? '' : `: ${failure.detail}`;
    return clip(`The model's API failed with ${failure.status}${words}`);
  }
  const words = result.text === '' ? `its reason is ${result.terminalReason ?? 'not known'}` : result.text;
  return clip(`Claude Code ended the turn: ${words}`);
}

function clip(text: string): string {
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
}
