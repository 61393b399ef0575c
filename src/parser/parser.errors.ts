import { CodedError } from '../kernel/index.js';

/** Options of the parser that cannot be used. Thrown while the module starts. */
export class InvalidParserOptionsError extends CodedError<'PARSER_OPTIONS_INVALID'> {
  override readonly code = 'PARSER_OPTIONS_INVALID';
}

/** The language model could not be asked, or its answer could not be used. The parser then falls back to defaults. */
export abstract class LanguageModelError<Code extends string = string> extends CodedError<Code> {}

/** The model did not answer in time, or its address could not be reached. Check the address and the network. */
export class ModelUnreachableError extends LanguageModelError<'PARSER_MODEL_UNREACHABLE'> {
  override readonly code = 'PARSER_MODEL_UNREACHABLE';
}

/** The address refused the key (401 or 403). Check the key. */
export class ModelUnauthorizedError extends LanguageModelError<'PARSER_MODEL_UNAUTHORIZED'> {
  override readonly code = 'PARSER_MODEL_UNAUTHORIZED';
}

/** The model is overloaded, failing, or the rate limit is reached (429, 5xx), after retries. Passes with time. */
export class ModelOverloadedError extends LanguageModelError<'PARSER_MODEL_OVERLOADED'> {
  override readonly code = 'PARSER_MODEL_OVERLOADED';
}

/** The address does not take the request (any other 4xx): an unknown model, or one without structured output. */
export class ModelRequestError extends LanguageModelError<'PARSER_MODEL_REQUEST_INVALID'> {
  override readonly code = 'PARSER_MODEL_REQUEST_INVALID';
}

/** The model declined to answer. */
export class ModelRefusalError extends LanguageModelError<'PARSER_MODEL_REFUSED'> {
  override readonly code = 'PARSER_MODEL_REFUSED';
}

/** The answer ended before it was complete: the limit of its length or the context window was reached. */
export class ModelAnswerCutError extends LanguageModelError<'PARSER_MODEL_ANSWER_CUT'> {
  override readonly code = 'PARSER_MODEL_ANSWER_CUT';
}

/** The answer does not have the agreed form, and neither has the corrected one. */
export class ModelAnswerInvalidError extends LanguageModelError<'PARSER_MODEL_ANSWER_INVALID'> {
  override readonly code = 'PARSER_MODEL_ANSWER_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(`The model's answer does not have the agreed form: ${problems.join('; ')}`);
  }
}
