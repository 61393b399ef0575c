import type { CodedError } from '../kernel/index.js';
import { GiteaAnswerError, GiteaRequestError, GiteaUnreachableError } from './gitea.errors.js';

const FIRST_DELAY_MS = 500;
/** How long a call waits at most between two attempts. */
export const LONGEST_DELAY_MS = 30_000;
/** Answers that say nothing of the request itself: time-outs, too many requests, and failures inside or in front of Gitea. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Whether the same request may fare better later. For a write it also means that nobody knows whether it took
 * effect: look before it is repeated.
 */
export function isPassingFailure(error: unknown): error is CodedError {
  if (error instanceof GiteaRequestError) return PASSING.has(error.status);
  return error instanceof GiteaUnreachableError || error instanceof GiteaAnswerError;
}

/**
 * How long to wait after the failed attempt number `attempt`, from 1, in milliseconds: what Gitea asked for and up to a
 * tenth more, else twice as long each time with half of it left to chance. Null when Gitea asked for more than a call
 * should wait.
 */
export function retryDelayMs(attempt: number, error: unknown, fraction: number): number | null {
  const asked = error instanceof GiteaRequestError ? error.retryAfterMs : null;
  if (asked !== null) return asked > LONGEST_DELAY_MS ? null : Math.round(asked * (1 + fraction / 10));
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return delay * (0.5 + fraction / 2);
}

/** What a Retry-After header asks for, in milliseconds; null when it asks for nothing readable. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
