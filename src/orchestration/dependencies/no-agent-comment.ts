import type { ProposedPart } from '../../parser/index.js';
import type { Unfit } from '../ports/issue-split.types.js';

/** As much of what a part is about as fits in a line, in characters. */
const LONGEST_OBJECTIVE = 200;

/**
 * The comment that says why no agent can take an issue, and how it could be cut.
 *
 * @param parts as a model proposes them; null where none does, and only the numbers are shown
 */
export function noAgentComment({ reasons, proposal }: Unfit, parts: readonly ProposedPart[] | null): string {
  return [
    'No agent profile can take this issue:',
    '',
    ...reasons.map(({ profile, reason }) => `- ${profile}: ${reason}`),
    ...(proposal === null || proposal.parts < 2 ? [] : numbersOf(proposal)),
    ...(parts === null ? [] : listOf(parts)),
    '',
    'Work begins by itself once the text was edited, or after a new assignment.',
  ].join('\n');
}

function numbersOf({ parts, tokensPerPart, difficultyUpTo }: NonNullable<Unfit['proposal']>): readonly string[] {
  return [
    '',
    `It would fit as ${parts} issues of at most ${tokensPerPart.toLocaleString('en-US')} tokens each, ` +
      `none harder than ${difficultyUpTo}. Link them with \`Blocked by: #…\` where one needs another.`,
  ];
}

function listOf(parts: readonly ProposedPart[]): readonly string[] {
  return [
    '',
    `A model proposes these ${parts.length}:`,
    '',
    ...parts.map((part, index) => `${index + 1}. **${part.title}**: ${lineOf(part)}`),
    '',
    'Issues are opened for them where `.mosaic/coordinator.yml` says `decompose: true`.',
  ];
}

function lineOf({ objective, estimatedTokens, difficulty, acceptanceCriteria, after }: ProposedPart): string {
  const isCut = objective.length > LONGEST_OBJECTIVE;
  const criteria = acceptanceCriteria.length === 1 ? '1 criterion' : `${acceptanceCriteria.length} criteria`;
  const needs = after.length === 0 ? '' : `, after ${after.map((index) => index + 1).join(' and ')}`;
  return (
    `${isCut ? `${objective.slice(0, LONGEST_OBJECTIVE).trimEnd()}…` : objective} ` +
    `(${estimatedTokens.toLocaleString('en-US')} tokens, ${difficulty}, ${criteria}${needs})`
  );
}
