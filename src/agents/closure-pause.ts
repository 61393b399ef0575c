import type { ClosureCause } from './agents.events.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** By how much of itself a pause is varied by chance. */
const JITTER = 0.1;
const FIRST_BACKOFF_MS = 15 * SECOND_MS;
const LONGEST_BACKOFF_MS = 30 * MINUTE_MS;
/** A person must mend it: asking more often than this helps nobody. */
const AUTH_PAUSE_MS = 15 * MINUTE_MS;
/** Limits are raised by people, or end with the hour, the day or the month. */
const SPEND_PAUSE_MS = HOUR_MS;
/** What is asked for beyond this is a mistake somewhere. */
const LONGEST_ASKED_MS = 24 * HOUR_MS;

/**
 * How long nothing is given to a profile, in milliseconds. A pause that was asked for is kept in full and lengthened by
 * up to a tenth by chance; one of our own varies by a tenth either way. The longer of the two counts.
 *
 * @param askedMs how long the model asked to wait; null when it did not
 * @param earlier how often it was tried in vain since it last answered
 * @param fraction chance, from 0 to 1
 */
export function closurePauseMs(cause: ClosureCause, askedMs: number | null, earlier: number, fraction: number): number {
  const own = ownPauseMs(cause, earlier) * (1 - JITTER + 2 * JITTER * fraction);
  const asked = Math.min(LONGEST_ASKED_MS, askedMs ?? 0) * (1 + JITTER * fraction);
  // A model that keeps on asking for a second would else use up the patience of every job within minutes.
  return Math.round(Math.max(own, asked));
}

function ownPauseMs(cause: ClosureCause, earlier: number): number {
  switch (cause) {
    case 'auth':
      return AUTH_PAUSE_MS;
    case 'spend_limit':
      return SPEND_PAUSE_MS;
    case 'rate_limit':
    case 'network':
      return Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** earlier);
  }
}
