import type { IssueMetadata, MetadataSource } from './parser.types.js';

/** From this confidence on an issue is queued without a word. */
export const QUEUE_AT = 0.6;
/** Below this confidence an issue is not queued; its author is asked. */
export const ASK_BELOW = 0.3;
/** A model's word about its own answer is believed up to here: the text it read may have told it what to say. */
export const MODEL_CONFIDENCE_LIMIT = 0.8;

export const CONFIDENCE_BANDS = ['queue', 'queue-with-warning', 'ask'] as const;
/** What a confidence leads to. */
export type ConfidenceBand = (typeof CONFIDENCE_BANDS)[number];

/** What to do with an issue of this confidence. Exactly 0.6 is queued, exactly 0.3 is queued with a warning. */
export function confidenceBand(confidence: number): ConfidenceBand {
  if (confidence >= QUEUE_AT) return 'queue';
  if (confidence >= ASK_BELOW) return 'queue-with-warning';
  return 'ask';
}

/**
 * How much a text says: *empty* is nothing to work on, *thin* is a title such as "Fix typo" that only a reader can judge,
 * *usable* is a description.
 */
export type TextExtent = 'empty' | 'thin' | 'usable';

/** @param letters as counted in a StructuredIssue */
export function textExtent(letters: number): TextExtent {
  if (letters < 10) return 'empty';
  if (letters < 40) return 'thin';
  return 'usable';
}

export interface ConfidenceBasis {
  readonly sources: IssueMetadata['sources'];
  /** What the model said of its answer, 0 to 1; null when it was not asked or gave none. */
  readonly modelConfidence: number | null;
  readonly extent: TextExtent;
  /** Whether something was said about dependencies that could not be used. */
  readonly hasProblems: boolean;
}

/** Acceptance criteria are worth least: an issue without them can be queued, an issue without an estimate is guesswork. */
const WHEN_DEFAULT = { estimatedTokens: 0.4, difficulty: 0.5, acceptanceCriteria: 0.7 } as const;
const WHEN_STRUCTURE = 0.95;

/**
 * The confidence of parsed metadata, by its weakest part:
 *
 * - read from structure: 0.95; all of it: 0.95 whatever else
 * - from the model: what the model says, at most 0.8
 * - assumed: 0.4 for the estimate, 0.5 for the difficulty, 0.7 for the acceptance criteria
 * - a thin text that no model read: at most 0.25; an empty one: 0.1
 * - dependencies that could not be read: at most 0.5, as the issue might start too early
 */
export function confidenceOf({ sources, modelConfidence, extent, hasProblems }: ConfidenceBasis): number {
  const fields = ['estimatedTokens', 'difficulty', 'acceptanceCriteria'] as const;
  const weakest = Math.min(...fields.map((field) => score(sources[field], WHEN_DEFAULT[field], modelConfidence)));
  const isComplete = fields.every((field) => sources[field] === 'structure');
  return Math.min(
    weakest,
    isComplete ? 1 : limitOf(extent, modelConfidence !== null),
    // Exactly half: the author is warned, and the work is not held up.
    hasProblems ? 0.5 : 1,
  );
}

function score(source: MetadataSource, whenDefault: number, modelConfidence: number | null): number {
  const scores: Record<MetadataSource, number> = {
    structure: WHEN_STRUCTURE,
    model: Math.min(modelConfidence ?? 0, MODEL_CONFIDENCE_LIMIT),
    default: whenDefault,
  };
  return scores[source];
}

function limitOf(extent: TextExtent, isReadByModel: boolean): number {
  if (extent === 'empty') return 0.1;
  return extent === 'thin' && !isReadByModel ? 0.25 : 1;
}
