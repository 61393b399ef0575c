/** What came back from one tool call, as the model sees it. */
export interface SeenToolResult {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly text: string;
  readonly isError: boolean;
}

/**
 * One request to the model, read the way a script needs it: what was asked, and what happened since. A rule decides on
 * this alone, never on how many requests came before, so that retries, summaries and title calls cannot eat a script.
 */
export interface ModelConversation {
  readonly model: string;
  readonly system: string;
  /** All text of the first user message. */
  readonly firstPrompt: string;
  /** The last text a user message holds after its tool results. */
  readonly lastPrompt: string;
  /** Results of the tools called since `lastPrompt`, in order. */
  readonly toolResults: readonly SeenToolResult[];
  /** How many answers the model gave since `lastPrompt`: 0 while the prompt itself is to be answered. */
  readonly stepsSincePrompt: number;
  readonly toolNames: readonly string[];
  /** The JSON schema of `output_config.format`; null when plain text is asked for. */
  readonly outputSchema: unknown;
  readonly isStreaming: boolean;
  /** An estimate from the length of the request, four characters a token. */
  readonly inputTokens: number;
  /** Whether the instructions or any prompt hold the text or fit the expression. Tool results do not count. */
  mentions(wanted: string | RegExp): boolean;
  /** The request as it came. */
  readonly request: Readonly<Record<string, unknown>>;
}

type Block = Readonly<Record<string, unknown>>;

interface Message {
  readonly role: string;
  readonly blocks: readonly Block[];
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; none where it is no list. */
export function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** Four characters a token: near enough for a script, and the same each time. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Content as blocks: the Messages API takes a plain string as one text block. */
export function blocksOf(content: unknown): readonly Block[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return recordsOf(content);
}

function textOf(blocks: readonly Block[]): string {
  return blocks
    .filter((block) => block['type'] === 'text')
    .map((block) => String(block['text']))
    .join('\n');
}

/** What an agent adds of its own accord beside prompts and tool results, as Claude Code does. */
function isReminder(text: string): boolean {
  return /^\s*<system-reminder>[^]*<\/system-reminder>\s*$/.test(text);
}

function promptOf(message: Message): string | undefined {
  if (message.role !== 'user') return undefined;
  const text = message.blocks.findLast((block) => block['type'] === 'text' && !isReminder(String(block['text'])));
  return text === undefined ? undefined : String(text['text']);
}

function resultsSince(messages: readonly Message[]): SeenToolResult[] {
  const calls = new Map(
    messages
      .flatMap((message) => message.blocks)
      .filter((block) => block['type'] === 'tool_use')
      .map((block) => [String(block['id']), block]),
  );
  return messages
    .flatMap((message) => message.blocks)
    .filter((block) => block['type'] === 'tool_result')
    .map((block) => {
      const call = calls.get(String(block['tool_use_id']));
      const input = call?.['input'];
      return {
        tool: String(call?.['name']),
        input: isRecord(input) ? input : {},
        text: textOf(blocksOf(block['content'])),
        isError: block['is_error'] === true,
      };
    });
}

/** Reads a request that `findRequestFault` found nothing wrong with. */
export function readConversation(request: Readonly<Record<string, unknown>>): ModelConversation {
  const messages: Message[] = recordsOf(request['messages']).map((message) => ({
    role: String(message['role']),
    blocks: blocksOf(message['content']),
  }));
  const promptAt = messages.findLastIndex((message) => promptOf(message) !== undefined);
  const since = messages.slice(promptAt + 1);
  const system = textOf(blocksOf(request['system']));
  const prompts = messages.filter((message) => message.role === 'user').map((message) => textOf(message.blocks));
  const format = isRecord(request['output_config']) ? request['output_config']['format'] : undefined;
  return {
    model: String(request['model']),
    system,
    firstPrompt: prompts.slice(0, 1).join(''),
    lastPrompt: messages
      .slice(0, promptAt + 1)
      .flatMap((message) => promptOf(message) ?? [])
      .slice(-1)
      .join(''),
    toolResults: resultsSince(since),
    stepsSincePrompt: since.filter((message) => message.role === 'assistant').length,
    toolNames: recordsOf(request['tools']).map((tool) => String(tool['name'])),
    outputSchema: isRecord(format) ? format['schema'] : null,
    isStreaming: request['stream'] === true,
    inputTokens: estimateTokens(JSON.stringify([request['system'], request['tools'], request['messages']])),
    mentions: (wanted) =>
      [system, ...prompts].some((text) => (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text))),
    request,
  };
}
