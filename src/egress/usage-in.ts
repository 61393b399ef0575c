import type { ForwardedUse } from './egress.types.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The tokens that an event of a stream or a whole answer tells, in the form of any of the protocols; null where it tells
 * none. All of them tell totals so far.
 *
 * Messages API: `message.usage` and `usage`. Responses API: `response.usage`. Chat: `usage`. Google: `usageMetadata`.
 */
export function usageIn(event: unknown): ForwardedUse | null {
  if (!isRecord(event)) return null;
  const holders = [event, event['message'], event['response']].filter(isRecord);
  const google = holders.map((holder) => holder['usageMetadata']).find(isRecord);
  if (google !== undefined) return googleUse(google);
  const usage = holders.map((holder) => holder['usage']).find(isRecord);
  if (usage === undefined) return null;
  const isAnthropic = 'cache_read_input_tokens' in usage || 'cache_creation_input_tokens' in usage;
  if (isAnthropic || !('total_tokens' in usage || 'prompt_tokens' in usage)) return anthropicUse(usage);
  return openAiUse(usage);
}

/** Of two reports of one answer, what is true of both: a later one may leave counts out, or tell them for the first time. */
export function mergedUse(one: ForwardedUse | null, other: ForwardedUse): ForwardedUse {
  if (one === null) return other;
  return {
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    outputTokens: Math.max(one.outputTokens, other.outputTokens),
    cacheReadTokens: Math.max(one.cacheReadTokens, other.cacheReadTokens),
    cacheWriteTokens: Math.max(one.cacheWriteTokens, other.cacheWriteTokens),
  };
}

function anthropicUse(usage: Json): ForwardedUse {
  return {
    inputTokens: count(usage, 'input_tokens'),
    outputTokens: count(usage, 'output_tokens'),
    cacheReadTokens: count(usage, 'cache_read_input_tokens'),
    cacheWriteTokens: count(usage, 'cache_creation_input_tokens'),
  };
}

/** What was read from the cache is part of the input here. */
function openAiUse(usage: Json): ForwardedUse {
  const details = usage['input_tokens_details'] ?? usage['prompt_tokens_details'];
  const cacheReadTokens = isRecord(details) ? count(details, 'cached_tokens') : 0;
  const input = count(usage, 'input_tokens') + count(usage, 'prompt_tokens');
  return {
    inputTokens: Math.max(0, input - cacheReadTokens),
    outputTokens: count(usage, 'output_tokens') + count(usage, 'completion_tokens'),
    cacheReadTokens,
    cacheWriteTokens: 0,
  };
}

function googleUse(usage: Json): ForwardedUse {
  const cacheReadTokens = count(usage, 'cachedContentTokenCount');
  const input = count(usage, 'promptTokenCount') + count(usage, 'toolUsePromptTokenCount');
  return {
    inputTokens: Math.max(0, input - cacheReadTokens),
    outputTokens: count(usage, 'candidatesTokenCount') + count(usage, 'thoughtsTokenCount'),
    cacheReadTokens,
    cacheWriteTokens: 0,
  };
}

function count(usage: Json, name: string): number {
  const value = usage[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
