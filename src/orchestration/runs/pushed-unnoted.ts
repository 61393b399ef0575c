import type { JobProgress } from '../ports/run-store.port.js';
import type { Workspace } from '../ports/workspaces.port.js';

/**
 * What of the job's own commits is at the forge, though whoever pushed it was cut off before that was noted: without it
 * the job would take its own work for somebody else's.
 */
export function pushedUnnoted(
  { verdict, headCommit, gatedCommit, rounds }: JobProgress,
  { found }: Workspace,
): Partial<Pick<JobProgress, 'publishedCommit' | 'draft'>> {
  if (found === undefined) return {};
  const { branch, draft } = found;
  const wasPassed = verdict?.passed === true && branch !== null && branch === headCommit;
  const own = [gatedCommit, ...rounds.map(({ commit }) => commit)];
  return {
    ...(wasPassed && { publishedCommit: branch }),
    ...(draft !== null && own.includes(draft.commit) && { draft }),
  };
}
