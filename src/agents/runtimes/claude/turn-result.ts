import type { ForwardedFailure } from '../../../egress/index.js';
import type { TurnResult, TurnStop } from '../../agents.types.js';
import { isUnreachable } from '../is-unreachable.js';
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
  /** The last failure that passed the gate and was not made good; its words are without secrets. */
  readonly failure: ForwardedFailure | null;
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
};
/** How a turn ends in which nothing failed. */
const FINISHED = ['completed', 'hook_stopped', null];

const WITH_DETAIL: readonly TurnStop[] = ['auth', 'rate_limit', 'spend_limit', 'error'];

/**
 * Decides how a turn ended. A failure of the API comes as a success that is an error: only `isError` tells.
 *
 * A refused key, a spent account and a busy model concern every session that uses them. They are known from the gate
 * alone: what Claude Code says could be the work of an agent that got hold of its output.
 */
export function turnResultOf(facts: TurnFacts): TurnResult {
  const stop = stopOf(facts);
  const { failure } = facts;
  return {
    stop,
    text: facts.text,
    detail: WITH_DETAIL.includes(stop) ? detailOf(facts) : null,
    retryAfterMs: stop === 'rate_limit' ? (failure?.retryAfterMs ?? null) : null,
    ...(stop === 'error' && failure !== null && isUnreachable(failure) ? { isUnreachable: true } : {}),
  };
}

function stopOf(facts: TurnFacts): TurnStop {
  const { result, ownStop, failure } = facts;
  const { terminalReason, stopReason } = result;
  const hasFinished = !result.isError && terminalReason === 'completed';
  if (ownStop !== null && !hasFinished) return ownStop === 'rate_limit' && failure === null ? 'error' : ownStop;
  const known = STOP_OF_REASON[terminalReason ?? ''];
  if (known !== undefined) return known;
  // Claude Code asks once more after a refusal; a second one comes as an error.
  if (stopReason === 'refusal') return 'refusal';
  if (stopReason === 'model_context_window_exceeded') return 'context_exhausted';
  if (result.isError || result.subtype !== 'success') return stopOfError(facts);
  return FINISHED.includes(terminalReason) ? 'end_turn' : 'error';
}

function stopOfError({ result, failure }: TurnFacts): TurnStop {
  if (failure !== null) {
    const { status, detail } = failure;
    if (status === 402 || SPENT.test(detail)) return 'spend_limit';
    if (status === 401 || status === 403) return 'auth';
    if (status === 429 || status === 503 || status === 529) return 'rate_limit';
  }
  const status = result.status ?? failure?.status ?? null;
  if (status === 413 || TOO_LONG.test(`${result.text}\n${failure?.detail ?? ''}`)) return 'context_exhausted';
  return result.subtype === 'error_max_turns' ? 'max_turns' : 'error';
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
