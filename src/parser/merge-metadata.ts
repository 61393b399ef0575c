import { issueKey, type Difficulty, type IssueRef } from '../kernel/index.js';
import { confidenceOf, QUEUE_AT, textExtent, type TextExtent } from './confidence.js';
import { findReferences } from './issue-references.js';
import type { ModelEstimate } from './model-estimate.js';
import type { IssueMetadata, IssueText, MetadataSource } from './parser.types.js';
import { plainSentence } from './plain-sentence.js';
import { structuralLines } from './structural-lines.js';
import type { StructuredIssue } from './structured-issue.js';
import { visibleText } from './visible-text.js';

/** What is assumed where neither the text nor a model says it, and what of a model's word is taken. */
export interface MergeRules {
  /** The agents that a model may recommend. What the structure recommends is taken as it is. */
  readonly agentNames: readonly string[];
  readonly defaultEstimatedTokens: number;
  readonly defaultDifficulty: Difficulty;
}

const MAX_QUESTION = 200;
const MAX_MODEL_QUESTIONS = 3;

/**
 * Puts together what the structure says, what the model says of the rest, and what must be assumed, in this order.
 *
 * @param estimate what the model said; null when it was not asked or failed
 */
export function mergeMetadata(
  text: IssueText,
  structure: StructuredIssue,
  estimate: ModelEstimate | null,
  rules: MergeRules,
): IssueMetadata {
  const extent = textExtent(structure.letters);
  const elsewhere: MetadataSource = estimate === null ? 'default' : 'model';
  const sources: IssueMetadata['sources'] = {
    estimatedTokens: structure.estimatedTokens === null ? elsewhere : 'structure',
    difficulty: structure.difficulty === null ? elsewhere : 'structure',
    acceptanceCriteria: structure.acceptanceCriteria.length === 0 ? elsewhere : 'structure',
  };
  const acceptanceCriteria =
    sources.acceptanceCriteria === 'structure' ? structure.acceptanceCriteria : criteriaOf(estimate);
  return {
    estimatedTokens: structure.estimatedTokens ?? estimate?.estimated_tokens ?? rules.defaultEstimatedTokens,
    difficulty: structure.difficulty ?? estimate?.difficulty ?? rules.defaultDifficulty,
    recommendedAgent: structure.recommendedAgent ?? recommendedBy(estimate, rules.agentNames),
    ...mergeDependencies(text, structure, estimate),
    acceptanceCriteria,
    confidence: confidenceOf({
      sources,
      modelConfidence: estimate?.confidence ?? null,
      extent,
      hasProblems: structure.problems.length > 0,
    }),
    questions: questionsOf(structure, sources, extent, acceptanceCriteria, estimate),
    sources,
  };
}

/** Whether the structured format says everything that a model could be asked for. */
export function isComplete(structure: StructuredIssue): boolean {
  const { estimatedTokens, difficulty, acceptanceCriteria } = structure;
  return estimatedTokens !== null && difficulty !== null && acceptanceCriteria.length > 0;
}

function recommendedBy(estimate: ModelEstimate | null, agentNames: readonly string[]): string | null {
  const recommended = estimate?.recommended_agent?.toLowerCase();
  return agentNames.map((name) => name.toLowerCase()).find((name) => name === recommended) ?? null;
}

function criteriaOf(estimate: ModelEstimate | null): string[] {
  const criteria = estimate?.acceptance_criteria ?? [];
  return criteria.map((text) => visibleText(text).replace(/\s+/g, ' ').trim()).filter((text) => text !== '');
}

/**
 * A model may find dependencies in prose, where the structure names none. Only references that stand in the text are
 * taken: a model must not be able to make one up, nor an issue be held up by it.
 */
function mergeDependencies(
  { ref, title, body }: IssueText,
  { blocks, blockedBy }: StructuredIssue,
  estimate: ModelEstimate | null,
): Pick<IssueMetadata, 'blocks' | 'blockedBy'> {
  const isNamed = blocks.length > 0 || blockedBy.length > 0;
  if (isNamed || estimate === null) return { blocks, blockedBy };

  const inText = new Set(findReferences([title, ...structuralLines(body)].join('\n'), ref).map(issueKey));
  const named = (references: readonly string[]): IssueRef[] =>
    findReferences(references.join(' '), ref).filter((found) => inText.has(issueKey(found)));
  return { blocks: named(estimate.blocks), blockedBy: named(estimate.blocked_by) };
}

function questionsOf(
  structure: StructuredIssue,
  sources: IssueMetadata['sources'],
  extent: TextExtent,
  acceptanceCriteria: readonly string[],
  estimate: ModelEstimate | null,
): string[] {
  const missing: readonly (readonly [boolean, string])[] = [
    [extent !== 'usable' && !isComplete(structure), 'What is to be done? Say it under a heading "Objective".'],
    [
      sources.estimatedTokens === 'default',
      'How large is the work? Add "Total estimated: … tokens" under a heading "Context Estimate".',
    ],
    [sources.difficulty === 'default', 'Is it easy, medium or hard? Say so under a heading "Difficulty".'],
    [acceptanceCriteria.length === 0, 'When is it done? List it under a heading "Acceptance Criteria".'],
  ];
  const isUnsure = estimate !== null && estimate.confidence < QUEUE_AT;
  const asked = isUnsure ? estimate.questions.slice(0, MAX_MODEL_QUESTIONS) : [];
  return [
    ...missing.filter(([isMissing]) => isMissing).map(([, question]) => question),
    ...structure.problems,
    ...asked.map((question) => plainSentence(question, MAX_QUESTION)).filter((question) => question !== ''),
  ];
}
