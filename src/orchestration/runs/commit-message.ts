import { formatIssueRef } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';

/** The message of a job's commits. One for all: a tree keeps the message of its first capture. */
export function commitMessage({ issue, title }: Pick<Job, 'issue' | 'title'>): string {
  return `${title}\n\nCloses ${formatIssueRef(issue)}`;
}
