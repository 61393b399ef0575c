/**
 * What came of a look or a step. *good*: as it should be. *changed*: now it is. *planned*: it would have been changed,
 * but for the dry run. *bad*: something is to be done. *unknown*: it could not be looked at.
 */
export type Outcome = 'good' | 'changed' | 'planned' | 'bad' | 'unknown';

/** One line for whoever sets the coordinator up. */
export interface Finding {
  readonly outcome: Outcome;
  /** What was found, in one sentence without its full stop. */
  readonly what: string;
  /** What to do about it; null where nothing is to be done. */
  readonly remedy: string | null;
}

/** Told of every finding, as soon as it is known. */
export type Report = (finding: Finding) => void;

export function good(what: string): Finding {
  return { outcome: 'good', what, remedy: null };
}

export function bad(what: string, remedy: string): Finding {
  return { outcome: 'bad', what, remedy };
}

export function unknown(what: string, remedy: string | null = null): Finding {
  return { outcome: 'unknown', what, remedy };
}

/** A step that was taken, or in a dry run would have been. */
export function step(isDryRun: boolean, done: string, wouldBeDone: string): Finding {
  return isDryRun
    ? { outcome: 'planned', what: wouldBeDone, remedy: null }
    : { outcome: 'changed', what: done, remedy: null };
}

const SIGNS: Readonly<Record<Outcome, string>> = { good: '✓', changed: '+', planned: '~', bad: '✗', unknown: '·' };

/** The finding as one line of a terminal. */
export function findingLine({ outcome, what, remedy }: Finding): string {
  const text = remedy === null ? what : `${what}. ${remedy}`;
  return `${SIGNS[outcome]} ${text.replace(/\s*\n\s*/g, ' ').trim()}`;
}
