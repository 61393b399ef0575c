import type { Selectable } from 'kysely';
import type { JobProgress } from '../orchestration/index.js';
import { readJson } from './json-column.js';
import type { JobProgressTable } from './schema.js';

type ProgressField = Exclude<keyof JobProgress, 'jobId'>;
type ProgressColumns = Partial<Omit<Selectable<JobProgressTable>, 'job_id'>>;

/** The columns that hold JSON. */
type JsonColumn =
  'session' | 'spend' | 'verdict' | 'pull_request' | 'fingerprints' | 'rounds' | 'draft' | 'stop' | 'review';

/** The column of each field. */
const COLUMNS: Readonly<Record<ProgressField, keyof ProgressColumns>> = {
  baseCommit: 'base_commit',
  baseBranch: 'base_branch',
  branch: 'branch',
  headCommit: 'head_commit',
  publishedCommit: 'published_commit',
  session: 'session',
  rejections: 'rejections',
  compactions: 'compactions',
  handOvers: 'hand_overs',
  spend: 'spend',
  peakTokens: 'peak_tokens',
  usedTokens: 'used_tokens',
  usableTokens: 'usable_tokens',
  verdict: 'verdict',
  pullRequest: 'pull_request',
  startsWithoutProgress: 'starts_without_progress',
  gatedCommit: 'gated_commit',
  turns: 'turns',
  workedMs: 'worked_ms',
  fingerprints: 'fingerprints',
  rounds: 'rounds',
  draft: 'draft',
  stop: 'stop',
  review: 'review',
  reviewRounds: 'review_rounds',
  place: 'place',
  maxRejections: 'max_rejections',
};

/** The columns to write for these fields. An object becomes JSON. */
export function toProgressColumns(changes: Partial<Omit<JobProgress, 'jobId'>>): ProgressColumns {
  const columns = Object.fromEntries(
    Object.entries(changes).map(([field, value]) => [
      COLUMNS[field as ProgressField],
      typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
    ]),
  );
  const { pullRequest } = changes;
  return pullRequest === undefined ? columns : { ...columns, pull_request_number: pullRequest?.number ?? null };
}

/**
 * What a fresh start forgets. What was spent stays spent, and the branch is still there. A workspace that is still there
 * keeps its base; one that is made anew begins at the newest.
 */
export const FRESH_ROUNDS: ProgressColumns = toProgressColumns({
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
});

/** What a round for reviews forgets: the counters, and the verdict on the commit that is not good enough. */
export const REVIEW_ROUND: ProgressColumns = toProgressColumns({
  rejections: 0,
  compactions: 0,
  handOvers: 0,
  verdict: null,
  startsWithoutProgress: 0,
  turns: 0,
  workedMs: 0,
  fingerprints: [],
  stop: null,
});

/** The row of a job that never ran, which is not stored. */
export function unstartedRow(jobId: string): Selectable<JobProgressTable> {
  return {
    job_id: jobId,
    base_commit: null,
    base_branch: null,
    branch: null,
    head_commit: null,
    published_commit: null,
    session: null,
    rejections: 0,
    compactions: 0,
    hand_overs: 0,
    spend: null,
    peak_tokens: null,
    used_tokens: null,
    usable_tokens: null,
    verdict: null,
    pull_request: null,
    starts_without_progress: 0,
    gated_commit: null,
    turns: 0,
    worked_ms: 0,
    fingerprints: null,
    rounds: null,
    draft: null,
    stop: null,
    review: null,
    review_rounds: 0,
    place: null,
    max_rejections: null,
    pull_request_number: null,
  };
}

/** @throws {CorruptRowError} if a column that is JSON cannot be read */
export function fromProgressRow(row: Selectable<JobProgressTable>): JobProgress {
  const read = <T>(column: JsonColumn): T | null => {
    const text = row[column];
    return text === null ? null : readJson<T>(text, `the progress of ${row.job_id}`, column);
  };
  return {
    jobId: row.job_id,
    baseCommit: row.base_commit,
    baseBranch: row.base_branch,
    branch: row.branch,
    headCommit: row.head_commit,
    publishedCommit: row.published_commit,
    session: read('session'),
    rejections: row.rejections,
    compactions: row.compactions,
    handOvers: row.hand_overs,
    spend: read('spend') ?? { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
    peakTokens: row.peak_tokens,
    usedTokens: row.used_tokens,
    usableTokens: row.usable_tokens,
    verdict: read('verdict'),
    pullRequest: read('pull_request'),
    startsWithoutProgress: row.starts_without_progress,
    gatedCommit: row.gated_commit,
    turns: row.turns,
    workedMs: row.worked_ms,
    fingerprints: read('fingerprints') ?? [],
    rounds: read('rounds') ?? [],
    draft: read('draft'),
    stop: read('stop'),
    review: read('review'),
    reviewRounds: row.review_rounds,
    place: row.place,
    maxRejections: row.max_rejections,
  };
}
