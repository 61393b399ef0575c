import { DIFFICULTIES, type Difficulty } from '../kernel/index.js';
import { plainSentence } from './plain-sentence.js';

/** One part of an issue that is too large, as a model proposes it. Every text is one plain line. */
export interface ProposedPart {
  readonly title: string;
  readonly objective: string;
  /** Tokens of context the part is expected to need. */
  readonly estimatedTokens: number;
  readonly difficulty: Difficulty;
  readonly acceptanceCriteria: readonly string[];
  /** The parts before this one that must be finished first, counted from 0. */
  readonly after: readonly number[];
}

/** What a split must keep to. */
export interface SplitBounds {
  readonly parts: number;
  /** The largest a part may be, in tokens. */
  readonly tokensPerPart: number;
  /** The hardest a part may be. */
  readonly difficultyUpTo: Difficulty;
  /** At most so many parts. */
  readonly most: number;
}

/** The form of the answer. Ranges stand in the descriptions and are checked afterwards. */
export const PROPOSED_PARTS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['parts'],
  properties: {
    parts: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['title', 'objective', 'estimated_tokens', 'difficulty', 'acceptance_criteria', 'after'],
        properties: {
          title: { type: 'string', description: 'What the part does, in at most 100 characters' },
          objective: { type: 'string', description: 'What is to be done and where, in at most 1000 characters' },
          estimated_tokens: { type: 'integer', description: 'Tokens of context the part needs, tests included' },
          difficulty: { type: 'string', enum: [...DIFFICULTIES] },
          acceptance_criteria: { type: 'array', items: { type: 'string' }, description: '1 to 10 checkable sentences' },
          after: {
            type: 'array',
            items: { type: 'integer' },
            description: 'Numbers of earlier parts, counted from 1, that must be finished first; empty for none',
          },
        },
      },
    },
  },
} as const;

/** Parts that hold, or what is wrong with them. */
export type CheckedParts =
  | { readonly parts: readonly ProposedPart[]; readonly problems: null }
  | { readonly parts: null; readonly problems: readonly string[] };

/** Reads a model's answer: JSON, also within a Markdown fence. */
export function checkProposedParts(answer: string, bounds: SplitBounds): CheckedParts {
  const given = listOf(answer);
  if (given === null) return { parts: null, problems: ['the answer is not a JSON object with a list of parts'] };
  if (given.length < 2 || given.length > bounds.most) {
    return { parts: null, problems: [`there must be 2 to ${bounds.most} parts, not ${given.length}`] };
  }
  const problems: string[] = [];
  const parts = given.map((part, at) => readPart(part, at, bounds, (text) => problems.push(`part ${at + 1}: ${text}`)));
  return problems.length === 0 ? { parts, problems: null } : { parts: null, problems };
}

function readPart(
  given: Readonly<Record<string, unknown>>,
  at: number,
  { tokensPerPart, difficultyUpTo }: SplitBounds,
  complain: (problem: string) => void,
): ProposedPart {
  const title = textOf(given['title'], 100);
  const objective = textOf(given['objective'], 1_000);
  const acceptanceCriteria = strings(given['acceptance_criteria'])
    .map((text) => textOf(text, 300))
    .filter(Boolean);
  const difficulty = DIFFICULTIES.find((known) => known === given['difficulty']) ?? 'hard';
  const estimate = given['estimated_tokens'];
  const estimatedTokens = typeof estimate === 'number' && Number.isInteger(estimate) ? estimate : 0;
  const after = Array.isArray(given['after']) ? given['after'].map((number) => Number(number) - 1) : [];
  if (title === '') complain('title is missing');
  if (objective === '') complain('objective is missing');
  if (acceptanceCriteria.length < 1 || acceptanceCriteria.length > 10) complain('there must be 1 to 10 criteria');
  if (estimatedTokens < 1_000 || estimatedTokens > tokensPerPart) {
    complain(`estimated_tokens must be a whole number from 1000 to ${tokensPerPart}`);
  }
  if (DIFFICULTIES.indexOf(difficulty) > DIFFICULTIES.indexOf(difficultyUpTo)) {
    complain(`difficulty must be at most ${difficultyUpTo}`);
  }
  // Parts that come before in the list only: so there is no circle among them.
  if (after.some((index) => !Number.isInteger(index) || index < 0 || index >= at)) {
    complain('after must name earlier parts');
  }
  return { title, objective, estimatedTokens, difficulty, acceptanceCriteria, after: [...new Set(after)] };
}

function textOf(value: unknown, longest: number): string {
  return typeof value === 'string' ? plainSentence(value, longest) : '';
}

function strings(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function listOf(answer: string): readonly Readonly<Record<string, unknown>>[] | null {
  try {
    const { parts } = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)) as { parts?: unknown };
    const isList = Array.isArray(parts) && parts.every((part) => typeof part === 'object' && part !== null);
    return isList ? (parts as Readonly<Record<string, unknown>>[]) : null;
  } catch {
    return null;
  }
}
