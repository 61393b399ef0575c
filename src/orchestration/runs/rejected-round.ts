import type { Verdict } from '../../quality-gates/index.js';
import { failuresOf, fingerprintOf, NOTHING_DONE } from './fingerprint.js';
import type { JobProgress, RejectedRound } from '../ports/run-store.port.js';
import type { CapturedWork } from '../ports/workspaces.port.js';

/** What a round left that was rejected, and why. */
export interface Rejection {
  /** In one sentence. */
  readonly why: string;
  /** Null where its end was no claim of being done: it stands for no state of the work. */
  readonly fingerprint: string | null;
  readonly commit: string | null;
  readonly changed: string;
  readonly failed: readonly string[];
}

/** The most rounds that are remembered, and of one the most failures, the longest text. */
const MOST_ROUNDS = 60;
const MOST_FAILURES = 12;
const LONGEST = 300;

/** The gates rejected the work. */
export function rejectedByGates(work: CapturedWork, verdict: Verdict): Rejection {
  const failures = failuresOf(verdict);
  return {
    why: verdict.summary,
    fingerprint: fingerprintOf({ tree: work.tree, diff: work.diffStat, failures }),
    commit: work.commit,
    changed: work.diffStat.trimEnd().split('\n').at(-1)?.trim() ?? '',
    failed: failures,
  };
}

/** No commit can be made of the tree. */
export function rejectedTree(why: string): Rejection {
  return { ...UNJUDGED, why, fingerprint: fingerprintOf({ tree: null, diff: '', failures: [why] }) };
}

/** It said that it is done, and had changed nothing. */
export const REJECTED_IDLENESS: Rejection = {
  why: 'nothing was changed',
  fingerprint: NOTHING_DONE,
  commit: null,
  changed: '',
  failed: [],
};

/** It did not say that it is done. */
export function cutShort(why: string): Rejection {
  return { ...UNJUDGED, why };
}

const UNJUDGED: Omit<Rejection, 'why'> = { fingerprint: null, commit: null, changed: '', failed: [] };

/** What is remembered of the rounds after one more was rejected. */
export function withRejection(
  { fingerprints, rounds }: Pick<JobProgress, 'fingerprints' | 'rounds'>,
  { why, fingerprint, commit, changed, failed }: Rejection,
  at: number,
): Pick<JobProgress, 'fingerprints' | 'rounds'> {
  const round: RejectedRound = {
    commit,
    why: why.slice(0, LONGEST),
    failed: failed.slice(0, MOST_FAILURES).map((name) => name.slice(0, LONGEST)),
    changed: changed.slice(0, LONGEST),
    at,
  };
  return {
    fingerprints: fingerprint === null ? fingerprints : [...fingerprints, fingerprint].slice(-MOST_ROUNDS),
    rounds: [...rounds, round].slice(-MOST_ROUNDS),
  };
}
