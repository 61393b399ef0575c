import {
  DIFFICULTIES,
  SystemClock,
  SystemRandomness,
  type Clock,
  type Difficulty,
  type Randomness,
} from '../kernel/index.js';
import { InMemoryMetadataCache } from './in-memory-metadata-cache.js';
import type { LanguageModel } from './language-model.port.js';
import type { MetadataCache } from './metadata-cache.port.js';
import { InvalidParserOptionsError } from './parser.errors.js';

/** What `ParserModule.forRoot` accepts. Every field may be left out. */
export interface ParserModuleOptions {
  /**
   * Asked for what the structured format does not say. Without one that is assumed, with low confidence.
   * @default null
   */
  readonly model?: LanguageModel | null;
  /**
   * Remembers what the model said.
   * @default an in-memory cache of 1,000 texts
   */
  readonly cache?: MetadataCache;
  /**
   * Names of the agents that the model may recommend.
   * @default []
   */
  readonly agentNames?: readonly string[];
  /**
   * Tokens assumed where nobody estimated.
   * @default 50000
   */
  readonly defaultEstimatedTokens?: number;
  /**
   * Assumed where nobody says it.
   * @default 'medium'
   */
  readonly defaultDifficulty?: Difficulty;
  /**
   * Milliseconds for which a model that failed on a text is not asked about that text again.
   * @default 60000
   */
  readonly retryModelAfterMs?: number;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default the operating system's randomness */
  readonly randomness?: Randomness;
}

/** The options once checked, with every default filled in. Only this type is injected. */
export type ParserOptions = Required<ParserModuleOptions>;

export const PARSER_OPTIONS = Symbol('PARSER_OPTIONS');

/** @throws {InvalidParserOptionsError} if a default is no estimate, no difficulty or no time */
export function resolveParserOptions(given: ParserModuleOptions): ParserOptions {
  const options: ParserOptions = {
    model: given.model ?? null,
    cache: given.cache ?? new InMemoryMetadataCache(),
    agentNames: given.agentNames ?? [],
    defaultEstimatedTokens: given.defaultEstimatedTokens ?? 50_000,
    defaultDifficulty: given.defaultDifficulty ?? 'medium',
    retryModelAfterMs: given.retryModelAfterMs ?? 60_000,
    clock: given.clock ?? new SystemClock(),
    randomness: given.randomness ?? new SystemRandomness(),
  };
  const { defaultEstimatedTokens, defaultDifficulty, retryModelAfterMs } = options;
  if (!(Number.isInteger(defaultEstimatedTokens) && defaultEstimatedTokens > 0)) {
    throw new InvalidParserOptionsError(
      `Expected defaultEstimatedTokens to be a whole number above 0, got ${defaultEstimatedTokens}`,
    );
  }
  if (!DIFFICULTIES.includes(defaultDifficulty)) {
    throw new InvalidParserOptionsError(
      `Expected defaultDifficulty to be one of ${DIFFICULTIES.join(', ')}, got ${JSON.stringify(defaultDifficulty)}`,
    );
  }
  if (!(retryModelAfterMs >= 0)) {
    throw new InvalidParserOptionsError(`Expected retryModelAfterMs to be 0 or more, got ${retryModelAfterMs}`);
  }
  return options;
}
