import { formatIssueRef, type IssueRef } from '../../kernel/index.js';
import type { ProposedPart } from '../../parser/index.js';
import type { SubIssueDraft } from '../ports/sub-issues.port.js';

/** Anywhere: whoever looks a part over writes below it. */
const MARKER = /<!-- mosaic:part:\d+:\d+ -->/;

/** What marks the issue of a part, so that none is opened twice: the parent's number, and the part's, from 1. */
export function partMarker(parent: IssueRef, index: number): string {
  return `part:${parent.number}:${index + 1}`;
}

/** Whether an issue is a part itself. Such a one is never split again. */
export function isPart(body: string): boolean {
  return MARKER.test(body);
}

/** The issue of a part, in the format that needs no model. */
export function subIssueDraft(parent: IssueRef, part: ProposedPart, index: number, count: number): SubIssueDraft {
  return {
    title: part.title,
    body: [
      `Part ${index + 1} of ${count} of #${parent.number}, proposed by a model and opened by Mosaic Coordinator.`,
      '',
      '## Objective',
      part.objective,
      '## Context Estimate',
      `- Total estimated: ${part.estimatedTokens.toLocaleString('en-US')} tokens`,
      '## Difficulty',
      part.difficulty,
      '## Acceptance Criteria',
      ...part.acceptanceCriteria.map((criterion) => `- [ ] ${criterion}`),
    ].join('\n'),
  };
}

/** The comment on the parent that names its parts. */
export function partsComment(parts: readonly ProposedPart[], refs: readonly IssueRef[], botName: string): string {
  return [
    `This issue is too large for every agent. ${refs.length} issues were opened for its parts:`,
    '',
    ...parts.flatMap((part, index) => {
      const ref = refs[index];
      if (ref === undefined) return [];
      const estimate = part.estimatedTokens.toLocaleString('en-US');
      return [`- [ ] ${formatIssueRef(ref)}: ${part.title} (${estimate} tokens, ${part.difficulty})`];
    }),
    '',
    `Nothing is begun by itself: look them over, and assign ${botName} to those that are to be worked on.`,
  ].join('\n');
}
