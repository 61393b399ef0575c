import { Inject, Injectable, Logger } from '@nestjs/common';
import { CodedError, formatIssueRef, messageOf } from '../kernel/index.js';
import { repairRequest } from './model-prompt.js';
import { ModelAnswerInvalidError } from './parser.errors.js';
import {
  PARSER_OPTIONS,
  resolveParserOptions,
  type ParserModuleOptions,
  type ParserOptions,
} from './parser.options.js';
import type { IssueText } from './parser.types.js';
import { checkProposedParts, type ProposedPart, type SplitBounds } from './proposed-parts.js';
import { splitRequest } from './split-prompt.js';

/** Proposes how to cut an issue that is too large for every agent. Only a model can: without one there is no proposal. */
@Injectable()
export class IssueSplitterService {
  private readonly logger = new Logger(IssueSplitterService.name);

  constructor(@Inject(PARSER_OPTIONS) private readonly options: ParserOptions) {}

  /**
   * A splitter without Nest.
   *
   * @throws {InvalidParserOptionsError} as the module does
   */
  static alone(given: ParserModuleOptions = {}): IssueSplitterService {
    return new IssueSplitterService(resolveParserOptions(given));
  }

  /** Whether there is anybody to ask. */
  get canSplit(): boolean {
    return this.options.model !== null;
  }

  /** Parts that keep to the bounds; null where the model gives none. An answer that does not hold is sent back once. */
  async split(text: IssueText, bounds: SplitBounds): Promise<readonly ProposedPart[] | null> {
    const { model, randomness } = this.options;
    if (model === null) return null;
    const request = splitRequest(text, randomness.uuid(), bounds);
    try {
      const answer = await model.answer(request);
      const checked = checkProposedParts(answer, bounds);
      if (checked.parts !== null) return checked.parts;
      const repaired = await model.answer(repairRequest(request, answer, checked.problems));
      const corrected = checkProposedParts(repaired, bounds);
      if (corrected.parts === null) throw new ModelAnswerInvalidError(corrected.problems);
      return corrected.parts;
    } catch (error) {
      this.logger.warn('The model proposed no parts', {
        issue: formatIssueRef(text.ref),
        model: model.name,
        code: error instanceof CodedError ? error.code : null,
        reason: messageOf(error),
      });
      return null;
    }
  }
}
