import type { History, HistoryBlock, ToolCall, ToolResult } from './history.types.js';

/** What a tool call is answered with when nobody knows how it ended. */
export const OUTCOME_UNKNOWN =
  'Interrupted: the coordinator stopped during this call and its outcome is unknown. Look at the files before you rely on it.';

/** Adds to the user's last message, or begins one. Two user messages in a row are refused by some gateways. */
export function withUserBlocks(history: History, blocks: readonly HistoryBlock[]): History {
  const last = history.at(-1);
  if (last?.role !== 'user') return [...history, { role: 'user', content: blocks }];
  return [...history.slice(0, -1), { role: 'user', content: [...last.content, ...blocks] }];
}

/** Adds the model's answer. One without content is left out: the API refuses it in the next request. */
export function withAnswer(history: History, content: readonly HistoryBlock[]): History {
  return content.length === 0 ? history : [...history, { role: 'assistant', content }];
}

export function toolCallsIn(content: readonly HistoryBlock[]): ToolCall[] {
  return content.filter((block) => block.type === 'tool_use');
}

/** The tool calls of the last answer that have no result yet. */
export function openCalls(history: History): ToolCall[] {
  const lastAnswer = history.findLastIndex((message) => message.role === 'assistant');
  const calls = toolCallsIn(history[lastAnswer]?.content ?? []);
  const results = history.slice(lastAnswer + 1).flatMap((message) => message.content);
  const answered = new Set(results.filter((block) => block.type === 'tool_result').map((block) => block.tool_use_id));
  return calls.filter((call) => !answered.has(call.id));
}

/** Gives each open tool call a result that says its outcome is unknown. The API accepts no history without. */
export function withOpenCallsAnswered(history: History): History {
  const results = openCalls(history).map(({ id }): ToolResult => resultOf(id, OUTCOME_UNKNOWN, true));
  return results.length === 0 ? history : withUserBlocks(history, results);
}

export function resultOf(id: string, content: string, isError: boolean): ToolResult {
  return { type: 'tool_result', tool_use_id: id, content: content === '' ? '(no output)' : content, is_error: isError };
}
