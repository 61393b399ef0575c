import type { ClaimRequest } from '../queue/index.js';

/** How many jobs of one repository and one profile run. */
export interface RunningCount {
  readonly repository: string;
  readonly profile: string;
  readonly running: number;
}

/** What no job may be claimed for now. */
export interface HeldBack {
  /** By their keys. */
  readonly repositories: readonly string[];
  readonly profiles: readonly string[];
}

/** What the limits hold back while these jobs run: everything, or some repositories and profiles. */
export function heldBack(
  counts: readonly RunningCount[],
  { limits, excludedProfiles = [] }: Pick<ClaimRequest, 'limits' | 'excludedProfiles'>,
): HeldBack | 'everything' {
  const total = counts.reduce((sum, count) => sum + count.running, 0);
  // A repository in which nothing runs has no count, and a limit below one holds it back all the same.
  if (total >= limits.global || limits.perRepository < 1) return 'everything';
  const repositories = sumBy(counts, (count) => count.repository);
  const profiles = sumBy(counts, (count) => count.profile);
  const fullProfiles = Object.entries(limits.perProfile).filter(([name, limit]) => (profiles.get(name) ?? 0) >= limit);
  return {
    repositories: [...repositories].filter(([, running]) => running >= limits.perRepository).map(([name]) => name),
    profiles: [...new Set([...excludedProfiles, ...fullProfiles.map(([name]) => name)])],
  };
}

function sumBy(counts: readonly RunningCount[], keyOf: (count: RunningCount) => string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.running);
  return sums;
}
