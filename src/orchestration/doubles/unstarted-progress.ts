import type { JobProgress } from '../ports/run-store.port.js';

/** The progress of a job that never ran: nothing known, nothing counted. */
export function unstartedProgress(jobId: string): JobProgress {
  return {
    jobId,
    baseCommit: null,
    baseBranch: null,
    branch: null,
    headCommit: null,
    publishedCommit: null,
    session: null,
    rejections: 0,
    compactions: 0,
    handOvers: 0,
    spend: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
    peakTokens: null,
    usedTokens: null,
    usableTokens: null,
    verdict: null,
    pullRequest: null,
    startsWithoutProgress: 0,
    gatedCommit: null,
    turns: 0,
    workedMs: 0,
    fingerprints: [],
    rounds: [],
    draft: null,
    stop: null,
    review: null,
    reviewRounds: 0,
    place: null,
    maxRejections: null,
  };
}

/**
 * What a fresh start forgets. What was spent stays spent, and the branch is still there. A workspace that is still there
 * keeps its base; one that is made anew begins at the newest.
 */
export const FRESH_ROUNDS: Pick<
  JobProgress,
  | 'baseCommit'
  | 'session'
  | 'rejections'
  | 'compactions'
  | 'handOvers'
  | 'usedTokens'
  | 'usableTokens'
  | 'verdict'
  | 'startsWithoutProgress'
  | 'gatedCommit'
  | 'turns'
  | 'workedMs'
  | 'fingerprints'
  | 'stop'
  | 'reviewRounds'
> = {
  baseCommit: null,
  session: null,
  rejections: 0,
  compactions: 0,
  handOvers: 0,
  usedTokens: null,
  usableTokens: null,
  verdict: null,
  startsWithoutProgress: 0,
  gatedCommit: null,
  turns: 0,
  workedMs: 0,
  fingerprints: [],
  stop: null,
  reviewRounds: 0,
};

/** What a round for reviews forgets: the counters, and the verdict on the commit that is not good enough. */
export const REVIEW_ROUND: Pick<
  JobProgress,
  | 'rejections'
  | 'compactions'
  | 'handOvers'
  | 'verdict'
  | 'startsWithoutProgress'
  | 'turns'
  | 'workedMs'
  | 'fingerprints'
  | 'stop'
> = {
  rejections: 0,
  compactions: 0,
  handOvers: 0,
  verdict: null,
  startsWithoutProgress: 0,
  turns: 0,
  workedMs: 0,
  fingerprints: [],
  stop: null,
};
