import type { Difficulty, IssueRef } from '../kernel/index.js';

export const METADATA_SOURCES = ['structure', 'model', 'default'] as const;
/** Where a field came from: read in the text, asked of a model, or assumed. */
export type MetadataSource = (typeof METADATA_SOURCES)[number];

/** What an issue's text says about the work. */
export interface IssueMetadata {
  /** Tokens of context the work is expected to need. */
  readonly estimatedTokens: number;
  readonly difficulty: Difficulty;
  /** Name of an agent profile; null when nothing is recommended. */
  readonly recommendedAgent: string | null;
  readonly blocks: readonly IssueRef[];
  readonly blockedBy: readonly IssueRef[];
  readonly acceptanceCriteria: readonly string[];
  /** 0 to 1. */
  readonly confidence: number;
  /** What is missing for more confidence, as questions to the author. */
  readonly questions: readonly string[];
  /** Where each of the estimate, the difficulty and the criteria came from. */
  readonly sources: {
    readonly estimatedTokens: MetadataSource;
    readonly difficulty: MetadataSource;
    readonly acceptanceCriteria: MetadataSource;
  };
}

/** The text to parse. */
export interface IssueText {
  /** Whose issue it is: `#12` in the text means one of the same repository. */
  readonly ref: IssueRef;
  readonly title: string;
  readonly body: string;
}
