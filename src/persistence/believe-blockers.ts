import { issueKey } from '../kernel/index.js';
import type { Blocker } from '../queue/index.js';
import type { Queries } from './schema.js';

/**
 * One blocker an issue, with what a draft says of it. One whose own job is completed is finished, whatever the draft
 * says; one that is named twice is finished only if both say so.
 */
export async function believeBlockers(queries: Queries, given: readonly Blocker[]): Promise<readonly Blocker[]> {
  const blockers = new Map<string, Blocker>();
  for (const { issue, isFinished } of given) {
    const id = issueKey(issue);
    blockers.set(id, { issue: { ...issue }, isFinished: isFinished && (blockers.get(id)?.isFinished ?? true) });
  }
  if (blockers.size === 0) return [];
  const completed = await queries
    .selectFrom('jobs')
    .select('id')
    .where('id', 'in', [...blockers.keys()])
    .where('state', '=', 'completed')
    .execute();
  for (const { id } of completed) {
    const blocker = blockers.get(id);
    if (blocker !== undefined) blockers.set(id, { ...blocker, isFinished: true });
  }
  return [...blockers.values()];
}
