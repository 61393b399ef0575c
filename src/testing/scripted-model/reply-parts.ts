import { estimateTokens, type ModelConversation } from './model-conversation.js';
import type { FailureReply, MessageReply } from './model-reply.js';

/** The counts of one answer, each for itself: no API's sums. */
export interface ReplyCounts {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

/** Deltas of about this many characters: several for any longer text, so that a client has to put them together. */
const DELTA_LENGTH = 24;

/** What an answer counts, what it does not say estimated; null where it tells no usage. */
export function countsOf(reply: MessageReply, conversation: ModelConversation): ReplyCounts | null {
  if (reply.usage === null) return null;
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = reply.usage ?? {};
  return {
    input: inputTokens ?? conversation.inputTokens,
    cacheRead: cacheReadTokens,
    cacheWrite: cacheWriteTokens,
    output: outputTokens ?? estimateTokens(JSON.stringify(reply.content)),
  };
}

/** A text as the deltas of a stream. */
export function inPieces(text: string): string[] {
  return [...text.matchAll(new RegExp(`[^]{1,${DELTA_LENGTH}}`, 'gu'))].map(([piece]) => piece);
}

/** The two numbers of a prompt that is longer than the window, for the APIs that say so otherwise; null where it is not. */
export function tooLongIn({ message }: FailureReply): { readonly tokens: string; readonly maximum: string } | null {
  const [, tokens, maximum] = /^prompt is too long: (\d+) tokens > (\d+) maximum$/.exec(message) ?? [];
  return tokens === undefined || maximum === undefined ? null : { tokens, maximum };
}

/** One event of a stream. */
export function dataFrame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
