import { issueKey, type IssueRef } from '../kernel/index.js';
import type { Blocker } from '../queue/index.js';

/**
 * One list of blockers out of several: each issue once, never the issue itself, and finished only if nobody denies it.
 */
export function mergeBlockers(blocked: IssueRef, ...lists: readonly (readonly Blocker[])[]): readonly Blocker[] {
  const merged = new Map<string, Blocker>();
  for (const blocker of lists.flat()) {
    const key = issueKey(blocker.issue);
    if (key === issueKey(blocked)) continue;
    const known = merged.get(key);
    merged.set(key, { issue: blocker.issue, isFinished: blocker.isFinished && (known?.isFinished ?? true) });
  }
  return [...merged.values()];
}
