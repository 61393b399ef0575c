/** The sentences of the APIs of Google, OpenAI and Anthropic. */
const UNPAIRED =
  /number of function response parts is equal|No tool output found for function call|ids were found without `tool_result`/;

/**
 * Whether a model's API refuses the history that an agent sends: a call of a tool stands in it without an answer. The
 * agent will send it again with each prompt, so that only a fresh session goes on. Gemini CLI (0.61) leaves such a call
 * when it is interrupted in it.
 */
export function isHistoryRefused(detail: string): boolean {
  return UNPAIRED.test(detail);
}
