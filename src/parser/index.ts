export { AnthropicLanguageModel, type AnthropicLanguageModelOptions } from './anthropic-language-model.js';
export { ASK_BELOW, CONFIDENCE_BANDS, QUEUE_AT, confidenceBand, type ConfidenceBand } from './confidence.js';
export { hiddenSentence } from './hidden-sentence.js';
export type { HiddenText } from './hidden-text.types.js';
export { InMemoryMetadataCache } from './in-memory-metadata-cache.js';
export { IssueParserService } from './issue-parser.service.js';
export { IssueSplitterService } from './issue-splitter.service.js';
export type { LanguageModel, ModelRequest, ModelTurn } from './language-model.port.js';
export type { MetadataCache } from './metadata-cache.port.js';
export {
  InvalidParserOptionsError,
  LanguageModelError,
  ModelAnswerCutError,
  ModelAnswerInvalidError,
  ModelOverloadedError,
  ModelRefusalError,
  ModelRequestError,
  ModelUnauthorizedError,
  ModelUnreachableError,
} from './parser.errors.js';
export { ParserModule } from './parser.module.js';
export type { ParserModuleOptions } from './parser.options.js';
export { METADATA_SOURCES, type IssueMetadata, type IssueText, type MetadataSource } from './parser.types.js';
export type { ProposedPart, SplitBounds } from './proposed-parts.js';
export { plainSentence } from './plain-sentence.js';
export { LONGEST_BODY, LONGEST_TITLE, seenIssue, type SeenIssue } from './seen-issue.js';
export { readStructuredIssue, type StructuredIssue } from './structured-issue.js';
export { structuralLines } from './structural-lines.js';
export { seenText, visibleText, type SeenText } from './visible-text.js';
export { withoutMark } from './without-mark.js';
