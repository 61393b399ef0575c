import { fencedText } from './fenced-text.js';
import type { ReviewFeedback } from '../ports/review-feedback.js';

/** What of a work order says what reviews ask for. */
interface Reviewed {
  readonly feedback: readonly ReviewFeedback[];
  readonly fence: string;
}

/** The most characters of reviews that a prompt carries. */
const LONGEST = 48_000;

/** The prompt a session gets that goes on because people reviewed its pull request. */
export function reviewPrompt(order: Reviewed): string {
  return [
    'The pull request of your work was reviewed, and people ask for more. The coordinator may have been restarted since.',
    reviewed(order),
    'Look at `git status` and `git log` first. Then do what is asked, in the spirit of the issue: lines may have moved',
    'since. Where a remark needs no change, leave it. End your turn when it is done; the gates judge the work as before.',
  ].join('\n\n');
}

/** What people ask for in reviews: text from outside like that of the issue. Empty where nobody asks for anything. */
export function reviewed({ feedback, fence }: Reviewed): string {
  if (feedback.length === 0) return '';
  const texts = feedback.map(one).join('\n\n');
  const text = texts.length > LONGEST ? `${texts.slice(0, LONGEST)}\n[the rest is left out]` : texts;
  return fencedText(fence, 'What people ask for in reviews of the pull request:', text);
}

/** Told to an agent that says it is done with what reviews ask for, and left the very commit that was reviewed. */
export function noAnswerPrompt(round: { readonly rejections: number; readonly limit: number }): string {
  return [
    'The work is not done: people asked for changes in a review, and your tree is what they reviewed.',
    `It was rejected ${round.rejections} of at most ${round.limit} times. Do what the review asks, and end your turn when`,
    'it is done. If nothing needs to be changed, say why and end your turn: a person will read it.',
  ].join('\n');
}

function one({ author, isRequest, text, remarks }: ReviewFeedback): string {
  const head = `${author} ${isRequest ? 'requests changes' : 'comments'}:`;
  const lines = remarks.map((remark) => `- ${remark.path}${place(remark.line)} (${remark.author}): ${remark.text}`);
  return [head, ...(text === '' ? [] : [text]), ...lines].join('\n');
}

function place(line: number | null): string {
  return line === null ? '' : `, line ${line}`;
}
