import type { IssueRef } from '../kernel/index.js';

/** What decides a job's place among others, its repository's load aside. */
export interface JobRank {
  readonly id: string;
  readonly issue: Pick<IssueRef, 'number'>;
  readonly priority: number;
}

/** Orders jobs by priority (highest first), then issue number, then id. Negative when `a` comes first. */
export function compareRank(a: JobRank, b: JobRank): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.issue.number !== b.issue.number) return a.issue.number - b.issue.number;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}
