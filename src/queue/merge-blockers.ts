import { issueKey } from '../kernel/index.js';
import type { Blocker } from './queue.types.js';

/** One list of blockers out of several: each issue once, and finished only if nobody denies it. */
export function mergeBlockers(...lists: readonly (readonly Blocker[])[]): readonly Blocker[] {
  const merged = new Map<string, Blocker>();
  for (const { issue, isFinished } of lists.flat()) {
    const key = issueKey(issue);
    merged.set(key, { issue: { ...issue }, isFinished: isFinished && (merged.get(key)?.isFinished ?? true) });
  }
  return [...merged.values()];
}
