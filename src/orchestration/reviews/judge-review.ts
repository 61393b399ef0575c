import { visibleText } from '../../parser/index.js';
import type { PullRequestReview, ReviewRemark, Reviewer } from '../ports/pull-requests.port.js';
import type { LineRemark, ReviewFeedback } from '../ports/review-feedback.js';

/** The longest text of a review or a remark that is kept, in characters, and the most remarks of one review. */
const LONGEST_TEXT = 4_000;
const LONGEST_PATH = 300;
export const MOST_REMARKS = 60;

/**
 * What of a review is work to do; null for nothing.
 *
 * A request for changes and a review that comments are. An approval is none, whatever stands beside it: whoever
 * approves wants it merged as it is. Neither is what was dismissed or is settled, nor what somebody wrote who has no say.
 *
 * @param news its remarks that nobody has looked at yet
 * @param isNew whether the review itself was not looked at yet; else these are answers that came later
 * @param mayBeHeard whether somebody may start or steer work here
 */
export function judgeReview(
  review: PullRequestReview,
  news: readonly ReviewRemark[],
  isNew: boolean,
  mayBeHeard: (author: Reviewer | null) => boolean,
): ReviewFeedback | null {
  if (review.isDismissed || (isNew && review.verdict === 'approved')) return null;
  const remarks = news
    .filter(({ author, isResolved }) => !isResolved && mayBeHeard(author))
    .map(toLineRemark)
    .filter(({ text }) => text !== '')
    .slice(0, MOST_REMARKS);
  const isHeard = isNew && mayBeHeard(review.author);
  const text = isHeard ? shown(review.text) : '';
  if (text === '' && remarks.length === 0) return null;
  const author = isHeard ? (review.author?.login ?? '') : (remarks[0]?.author ?? '');
  return { id: review.id, author, isRequest: isHeard && review.verdict === 'changes_requested', text, remarks };
}

/** Everybody whose word may count for something in these. */
export function authorsOf(review: PullRequestReview, remarks: readonly ReviewRemark[]): readonly Reviewer[] {
  const authors = [review.author, ...remarks.map(({ author }) => author)];
  return authors.filter((author) => author !== null);
}

/** Logins of those who approve the newest commit: each one's last word that is a yes or a no, where it still counts. */
export function approversOf(
  reviews: readonly PullRequestReview[],
  mayBeHeard: (author: Reviewer | null) => boolean,
): readonly string[] {
  const last = new Map<number, PullRequestReview>();
  for (const review of reviews) {
    const isWord = review.verdict !== 'commented' && !review.isDismissed;
    if (isWord && review.author !== null) last.set(review.author.id, review);
  }
  return [...last.values()]
    .filter(({ verdict, isStale, author }) => verdict === 'approved' && !isStale && mayBeHeard(author))
    .map(({ author }) => author?.login ?? '')
    .toSorted();
}

function toLineRemark({ path, line, author, text }: ReviewRemark): LineRemark {
  return {
    path: shown(path).replace(/\s+/g, ' ').slice(0, LONGEST_PATH),
    line,
    author: author?.login ?? '',
    text: shown(text),
  };
}

/** What a person cannot see, an agent does not get either. */
function shown(text: string): string {
  const visible = visibleText(text).trim();
  return visible.length > LONGEST_TEXT ? `${visible.slice(0, LONGEST_TEXT)} [cut]` : visible;
}
