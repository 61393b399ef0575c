import { Inject, Injectable, Logger } from '@nestjs/common';
import { CodedError, formatIssueRef, messageOf } from '../kernel/index.js';
import { textExtent } from './confidence.js';
import { estimateWithModel } from './estimate-with-model.js';
import type { LanguageModel } from './language-model.port.js';
import { isComplete, mergeMetadata } from './merge-metadata.js';
import { metadataCacheKey } from './metadata-cache-key.js';
import { ModelUnreachableError } from './parser.errors.js';
import { estimateRequest } from './model-prompt.js';
import {
  PARSER_OPTIONS,
  resolveParserOptions,
  type ParserModuleOptions,
  type ParserOptions,
} from './parser.options.js';
import type { IssueMetadata, IssueText } from './parser.types.js';
import { readStructuredIssue, type StructuredIssue } from './structured-issue.js';

/** Texts whose model failed that are remembered at once. */
const MAX_FAILURES = 1_000;

/**
 * Turns an issue's text into metadata: what the structured format says, the rest by a model, and what neither says by
 * conservative defaults with low confidence.
 *
 * It never fails: a model or a cache out of order costs confidence or money, not the issue.
 */
@Injectable()
export class IssueParserService {
  private readonly logger = new Logger(IssueParserService.name);
  /** By cache key: parses that run, which later callers join. */
  private readonly running = new Map<string, Promise<IssueMetadata>>();
  /** By cache key: until when, in monotonic time, the model is not asked again. */
  private readonly failures = new Map<string, number>();
  /** Until when, in monotonic time, no text is asked about: each would wait for an address that does not answer. */
  private awayUntil = -Infinity;

  constructor(@Inject(PARSER_OPTIONS) private readonly options: ParserOptions) {}

  /**
   * A parser without Nest.
   *
   * @throws {InvalidParserOptionsError} as the module does
   */
  static alone(given: ParserModuleOptions = {}): IssueParserService {
    return new IssueParserService(resolveParserOptions(given));
  }

  /** The same text asks the model once, however often and by however many callers it is parsed at a time. */
  async parse(text: IssueText): Promise<IssueMetadata> {
    const structure = readStructuredIssue(text);
    const { model, agentNames } = this.options;
    // Of an empty text a model can only make something up.
    const isModelOfUse = !isComplete(structure) && textExtent(structure.letters) !== 'empty';
    if (model === null || !isModelOfUse) return this.merge(text, structure);

    const key = metadataCacheKey(text, model.name, agentNames);
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const started = this.parseWithModel(text, structure, model, key).finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }

  private async parseWithModel(
    text: IssueText,
    structure: StructuredIssue,
    model: LanguageModel,
    key: string,
  ): Promise<IssueMetadata> {
    const cached = await this.recall(key);
    if (cached !== undefined) return cached;
    const failedUntil = Math.max(this.failures.get(key) ?? -Infinity, this.awayUntil);
    if (failedUntil > this.options.clock.monotonic()) return this.merge(text, structure);

    const { randomness, agentNames } = this.options;
    try {
      const estimate = await estimateWithModel(model, estimateRequest(text, randomness.uuid(), agentNames));
      const metadata = mergeMetadata(text, structure, estimate, this.options);
      await this.remember(key, metadata);
      return metadata;
    } catch (error) {
      this.noteFailure(key, error);
      this.logger.warn('The model gave no estimate; defaults are used', {
        issue: formatIssueRef(text.ref),
        model: model.name,
        code: error instanceof CodedError ? error.code : null,
        reason: messageOf(error),
      });
      return this.merge(text, structure);
    }
  }

  private merge(text: IssueText, structure: StructuredIssue): IssueMetadata {
    return mergeMetadata(text, structure, null, this.options);
  }

  private noteFailure(key: string, error: unknown): void {
    const until = this.options.clock.monotonic() + this.options.retryModelAfterMs;
    if (error instanceof ModelUnreachableError) this.awayUntil = until;
    this.failures.delete(key);
    this.failures.set(key, until);
    const [oldest] = this.failures.keys();
    if (this.failures.size > MAX_FAILURES && oldest !== undefined) this.failures.delete(oldest);
  }

  private async recall(key: string): Promise<IssueMetadata | undefined> {
    try {
      return await this.options.cache.get(key);
    } catch (error) {
      this.logger.warn('The metadata cache cannot be read', { reason: messageOf(error) });
      return undefined;
    }
  }

  private async remember(key: string, metadata: IssueMetadata): Promise<void> {
    try {
      await this.options.cache.put(key, metadata);
    } catch (error) {
      this.logger.warn('The metadata cache cannot be written', { reason: messageOf(error) });
    }
  }
}
