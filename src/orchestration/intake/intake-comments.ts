import type { IssueMetadata } from '../../parser/index.js';
import type { NoticeMarker } from '../ports/notice.types.js';

/** The comment that shows what was guessed about an issue, so that a person can put it right. */
export function guessComment(metadata: IssueMetadata): string {
  return [
    'Work on this issue was queued on a guess. Edit the issue if it is wrong:',
    '',
    `- about ${metadata.estimatedTokens.toLocaleString('en-US')} tokens of context`,
    `- difficulty ${metadata.difficulty}`,
    ...metadata.acceptanceCriteria.map((criterion) => `- done when: ${plain(criterion)}`),
    '',
    `Confidence: ${Math.round(metadata.confidence * 100)} %.`,
  ].join('\n');
}

/** The comment that asks for what is missing before anything is queued. */
export function questionsComment(metadata: IssueMetadata): string {
  return [
    'This issue says too little for an agent to begin. Please add to its text:',
    '',
    ...metadata.questions.map((question) => `- ${plain(question)}`),
    '',
    'Work begins by itself once the text was edited.',
  ].join('\n');
}

const SETTLED: Readonly<Record<NoticeMarker, string>> = {
  questions: 'More was asked here about this issue. That is settled: nothing needs to be added.',
  'no-agent': 'No agent profile could take this issue. That is settled: nothing needs to be done about it.',
  'hidden-blockers': 'Something that the bot may not see blocked this issue. That is settled.',
  guess: 'Work on this issue was queued on a guess, which does not count any more.',
};

/** What a comment says once it is over. */
export function settledComment(marker: NoticeMarker): string {
  return SETTLED[marker];
}

/** Text of an issue or a model, shown in a comment of ours: no mentions, no markup, one line. */
function plain(text: string): string {
  return text
    .replace(/[\\`*_<>[\]|]/g, (character) => `\\${character}`)
    .replace(/@/g, '@\u200b')
    .replace(/\s+/g, ' ')
    .slice(0, 500);
}
