import Anthropic from '@anthropic-ai/sdk';
import type { TurnStop } from '../../agents.types.js';
import { errorCodeOf } from '../error-code.js';

export const FAILURE_KINDS = ['auth', 'spend_limit', 'context', 'overloaded', 'network', 'invalid'] as const;
/**
 * Why a model call failed. *auth*: the key was refused. *spend_limit*: the account may spend no more, and trying again
 * does not help. *context*: the prompt does not fit the window. *overloaded*: the model is busy or the limit reached,
 * try later. *network*: the answer did not arrive, try again. *invalid*: the request was refused, and would be again.
 */
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface ModelFailure {
  readonly kind: FailureKind;
  /** In a sentence, without secrets. */
  readonly detail: string;
  /** How long the model asked to wait. */
  readonly retryAfterMs: number | null;
}

const KIND_OF_TYPE: Readonly<Record<string, FailureKind>> = {
  authentication_error: 'auth',
  billing_error: 'spend_limit',
  permission_error: 'auth',
  rate_limit_error: 'overloaded',
  overloaded_error: 'overloaded',
  invalid_request_error: 'invalid',
};

/**
 * That an account may spend no more, in the words of the API: as a 429 with `enforced_spend_limit_reached`, as a 400 of
 * an empty balance, or of other servers that speak its protocol.
 */
const SPENT = /spend(ing)?[ _]limit|credit balance is too low|insufficient[ _](quota|balance|credits?)|billing_error/i;
/** The API's own words, and those of servers that speak its protocol. There is no code for it. */
const TOO_LONG = /prompt is too long|context[ _](length|window|size)|maximum context|exceed\w* .*\bcontext\b/i;
const LONGEST_MESSAGE = 300;

/** How a call that failed in this way ends a turn, once it is not tried again. */
export const STOP_OF_FAILURE: Readonly<Record<FailureKind, TurnStop>> = {
  auth: 'auth',
  spend_limit: 'spend_limit',
  context: 'context_exhausted',
  overloaded: 'rate_limit',
  network: 'error',
  invalid: 'error',
};

/**
 * Decides what kind of failure the SDK threw.
 *
 * @param now milliseconds since 1970, for a `retry-after` that is a date
 * @param apiKey kept out of the sentence, where an answer quotes it
 */
export function modelFailureOf(thrown: unknown, now: number, apiKey: string | null): ModelFailure {
  if (!isAnswerOfTheApi(thrown)) {
    const code = errorCodeOf(thrown);
    const why = code === null ? '' : ` (${code})`;
    return { kind: 'network', detail: `The model's answer did not arrive or was cut off${why}`, retryAfterMs: null };
  }
  const { status, type } = thrown;
  const said = withoutKey(thrown.apiMessage ?? '', apiKey);
  const words = said === '' ? '' : `: ${said}`;
  const retryAfterMs = retryAfterOf(thrown.headers, now);
  const kind = kindOf(status, type, said);
  return {
    kind: kind !== 'auth' && mayNotSpend(thrown, retryAfterMs) ? 'spend_limit' : kind,
    detail: `The model's API failed with ${[status, type].filter(Boolean).join(' ')}${words}`,
    retryAfterMs,
  };
}

/** A limit of the rate is told by the same status as one of the spend, but comes with the time to wait. */
function mayNotSpend({ status, type, error }: InstanceType<typeof Anthropic.APIError>, retryAfterMs: number | null) {
  if (status === 402) return true;
  const mayBe = status === 429 ? retryAfterMs === null : status === undefined || status < 500;
  return mayBe && (type === 'billing_error' || SPENT.test(JSON.stringify(error) ?? ''));
}

function isAnswerOfTheApi(thrown: unknown): thrown is InstanceType<typeof Anthropic.APIError> {
  return (
    thrown instanceof Anthropic.APIError &&
    !(thrown instanceof Anthropic.APIConnectionError) &&
    !(thrown instanceof Anthropic.APIUserAbortError)
  );
}

function kindOf(status: number | undefined, type: string | null, said: string): FailureKind {
  if (status === 413) return 'context';
  // A failure inside a stream has no status of its own, only a type.
  const kind = status === undefined ? (KIND_OF_TYPE[type ?? ''] ?? 'network') : kindOfStatus(status);
  return (kind === 'invalid' || kind === 'network') && TOO_LONG.test(said) ? 'context' : kind;
}

function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429 || status === 503 || status === 529) return 'overloaded';
  if (status === 408 || status === 409 || status >= 500) return 'network';
  return 'invalid';
}

function withoutKey(text: string, apiKey: string | null): string {
  const cleaned = apiKey === null || apiKey === '' ? text : text.replaceAll(apiKey, '[key]');
  return cleaned.length > LONGEST_MESSAGE ? `${cleaned.slice(0, LONGEST_MESSAGE)}…` : cleaned;
}

function retryAfterOf(headers: Headers | undefined, now: number): number | null {
  const value = headers?.get('retry-after');
  if (value === undefined || value === null || value === '') return null;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return Number.isFinite(ms) ? Math.max(0, Math.round(ms)) : null;
}
