export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** A tool that the model wants to have run. */
export interface ToolCall {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content: string;
  readonly is_error: boolean;
}

/** What the model thought. It must be sent back as it came, or the API refuses the tool results that follow. */
export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

export interface RedactedThinkingBlock {
  readonly type: 'redacted_thinking';
  readonly data: string;
}

/** The part of the Messages API's content blocks that a session keeps. */
export type HistoryBlock = TextBlock | ToolCall | ToolResult | ThinkingBlock | RedactedThinkingBlock;

export interface HistoryMessage {
  readonly role: 'user' | 'assistant';
  readonly content: readonly HistoryBlock[];
}

/** A conversation as it is sent with each call and saved after each step. */
export type History = readonly HistoryMessage[];
