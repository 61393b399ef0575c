import type { IssueRef } from '../../kernel/index.js';
import type { GateResult, Verdict } from '../../quality-gates/index.js';
import type { CommitStatus, IssueTracker } from '../ports/issue-tracker.port.js';

/** The evidence of a verdict stands in a comment of its own: this is its marker. */
export function evidenceMarker({ commit }: Pick<Verdict, 'commit'>): string {
  return `verdict-${commit.slice(0, 12)}`;
}

/**
 * Sets one status `mosaic/<gate>` for each result on the commit that was judged.
 *
 * @param evidenceUrl where whoever may read the repository finds what the gates said; null for nowhere
 */
export async function setGateStatuses(
  tracker: IssueTracker,
  ref: IssueRef,
  { commit, results }: Pick<Verdict, 'commit' | 'results'>,
  evidenceUrl: string | null,
): Promise<void> {
  for (const result of results) await tracker.ensureCommitStatus(ref, commit, statusOf(result, evidenceUrl));
}

function statusOf(result: GateResult, targetUrl: string | null): CommitStatus {
  const failed = result.isAdvisory === true ? 'warning' : 'failure';
  return {
    context: `mosaic/${result.gate}`,
    state: result.passed ? 'success' : failed,
    // Gitea stores descriptions as text, but shows one line.
    description: result.summary.replace(/\s+/g, ' ').slice(0, 140),
    targetUrl,
  };
}
