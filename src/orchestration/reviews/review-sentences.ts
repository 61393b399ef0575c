import type { IssueRef } from '../../kernel/index.js';
import type { PullRequestReading } from '../ports/pull-requests.port.js';
import type { ReviewFeedback } from '../ports/review-feedback.js';

/** Logins of those who ask for something. */
export function reviewersOf(open: readonly ReviewFeedback[]): readonly string[] {
  return [...new Set(open.map(({ author }) => author))];
}

/** Who asks for something in review, in a sentence. */
export function asking(open: readonly ReviewFeedback[]): string {
  const what = open.some(({ isRequest }) => isRequest) ? 'asked for changes' : 'commented';
  return `${reviewersOf(open).join(', ')} ${what} in review.`;
}

/** What became of a pull request that is not open and not merged, and what to do about it. */
export function closedSentence({ number }: IssueRef, { kind }: PullRequestReading): string {
  const what = kind === 'gone' ? `is gone, or the bot may not see it any more` : 'was closed without being merged';
  return `Pull request #${number} ${what}. Open it again, or say on the issue how to go on.`;
}
