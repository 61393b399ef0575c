import { isHistoryRefused } from './is-history-refused.js';
import type { ForwardedFailure } from '../../../egress/index.js';
import type { TurnResult, TurnStop } from '../../agents.types.js';
import { isUnreachable } from '../is-unreachable.js';

/** A call of the model that was refused. */
export interface ModelRefusal extends ForwardedFailure {
  /** By the coordinator's own way out, and not by the model's side. */
  readonly isOwn: boolean;
}

/** How a prompt ended: the agent answered with a reason, or with an error, or it is gone. */
export type PromptOutcome =
  | { readonly kind: 'answered'; readonly stopReason: string | null }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'gone'; readonly why: string };

export interface TurnFacts {
  readonly outcome: PromptOutcome;
  readonly text: string;
  /** We asked it to end. */
  readonly isInterrupted: boolean;
  /** The last thing the model did in this turn was to refuse; null where it answered after it. */
  readonly refusal: ModelRefusal | null;
  /** Whether the model answered at all in this turn. */
  readonly hasAnswered: boolean;
  /** Whether the window was nearly full. */
  readonly isNearlyFull: boolean;
}

/** Words of models and agents for a window that is full. There is no code for it. */
const TOO_LONG =
  /prompt is too long|input token count|context[ _](length|window|size|limit)|maximum context|exceed\w* .*\bcontext\b/i;
/** Google refuses a key with 400. */
const KEY_REFUSED = /^API key (not valid|expired)/;
const SPENT = /credit balance|insufficient[ _](quota|funds|balance)|spend(ing)?[ _]limit|billing/i;

/**
 * Decides how a turn ended. What the model refused is known from the way out, whatever the agent makes of it: an agent
 * may be told to lie, and a refused key, a spent account or a busy model concern every other session that uses them.
 */
export function turnResultOf(facts: TurnFacts): TurnResult {
  const { outcome, text, isInterrupted, refusal } = facts;
  if (outcome.kind === 'gone') return result('crashed', text, outcome.why);
  if (isInterrupted && (outcome.kind === 'refused' || outcome.stopReason !== 'end_turn')) {
    return result('interrupted', text, null);
  }
  const refused = refusal === null ? null : stopOfRefusal(refusal);
  if (
    refused !== null &&
    refusal !== null &&
    (refused !== 'error' || outcome.kind === 'refused' || !facts.hasAnswered)
  ) {
    return {
      ...result(refused, text, sentenceOf(refusal)),
      retryAfterMs: waitOf(refused, refusal),
      ...(refused === 'error' && !refusal.isOwn && isUnreachable(refusal) ? { isUnreachable: true } : {}),
    };
  }
  if (outcome.kind === 'refused')
    return result(stopOfError(outcome.message), text, `The agent failed: ${outcome.message}`);
  return stopOfReason(outcome.stopReason, text, facts.isNearlyFull);
}

function stopOfReason(given: string | null, text: string, isNearlyFull: boolean): TurnResult {
  const stopReason = given ?? 'none';
  switch (stopReason) {
    case 'end_turn':
      return result('end_turn', text, null);
    case 'max_turn_requests':
      return result('max_turns', text, null);
    case 'refusal':
      return result('refusal', text, null);
    case 'max_tokens':
      // One reason for two things: an answer that is too long, and a window that is full.
      if (isNearlyFull) return result('context_exhausted', text, null);
      return result('error', text, 'The answer reached the limit of its length');
    case 'cancelled':
      return result('error', text, 'The agent ended its turn without being asked');
    default:
      return result('error', text, `The agent ended its turn for a reason that is not known: ${stopReason}`);
  }
}

/** What a refusal of the model means for a turn. */
export function stopOfRefusal({ status, detail, isOwn }: ModelRefusal): TurnStop {
  if (isOwn) return 'error';
  if (SPENT.test(detail) || status === 402) return 'spend_limit';
  if (status === 401 || status === 403 || (status === 400 && KEY_REFUSED.test(detail))) return 'auth';
  if (status === 413 || (status < 500 && (TOO_LONG.test(detail) || isHistoryRefused(detail))))
    return 'context_exhausted';
  if (status === 429 || status === 503 || status === 529) return 'rate_limit';
  return 'error';
}

/** Its own window is the one thing that an agent is believed: it concerns nobody else. */
function stopOfError(message: string): TurnStop {
  return TOO_LONG.test(message) ? 'context_exhausted' : 'error';
}

function waitOf(stop: TurnStop, { retryAfterMs }: ModelRefusal): number | null {
  return stop === 'rate_limit' ? retryAfterMs : null;
}

function sentenceOf({ status, detail, isOwn }: ModelRefusal): string {
  if (isOwn) return `The model was not reached: ${detail}`;
  return `The model's API failed with ${status}${detail === '' ? '' : `: ${detail}`}`;
}

export function result(stop: TurnStop, text: string, detail: string | null): TurnResult {
  return { stop, text, detail, retryAfterMs: null };
}
