import { createHash } from 'node:crypto';

import type { Verdict } from '../../quality-gates/index.js';

/** What a rejected round left behind. */
export interface RoundTrace {
  /** The object of the tree, the same for the same files; null where no commit could be made of it. */
  readonly tree: string | null;
  /** What was changed against the base commit. */
  readonly diff: string;
  /** What failed, in any order; see `failuresOf`. */
  readonly failures: readonly string[];
}

/**
 * What a round left, as a short text: the same for two rounds that left the same files with the same failures, and for no
 * others. How a failure was worded does not count, for wording holds times and addresses.
 */
export function fingerprintOf({ tree, diff, failures }: RoundTrace): string {
  const known = [...new Set(failures)].sort();
  return createHash('sha256')
    .update(JSON.stringify([tree, diff, known]))
    .digest('hex')
    .slice(0, 32);
}

/** What of a verdict failed and decides, by gate, and by test where tests are known by name. */
export function failuresOf({ results }: Pick<Verdict, 'results'>): readonly string[] {
  return results
    .filter(({ passed, isAdvisory }) => !passed && isAdvisory !== true)
    .flatMap(({ gate, failures = [] }) =>
      failures.length === 0 ? [gate] : failures.map(({ name }) => `${gate}: ${name}`),
    );
}

/** The fingerprint of a claim of being done with nothing changed. */
export const NOTHING_DONE = fingerprintOf({ tree: null, diff: '', failures: ['nothing was changed'] });
