import { blocksOf, isRecord, recordsOf } from './model-conversation.js';

const CACHE_BREAKPOINTS = 4;

function idsOf(content: unknown, type: string, key: string): string[] {
  return blocksOf(content)
    .filter((block) => block['type'] === type)
    .map((block) => String(block[key]));
}

function countBreakpoints(request: Readonly<Record<string, unknown>>): number {
  const contents = recordsOf(request['messages']).map((message) => message['content']);
  const blocks = [request['system'], ...contents].flatMap(blocksOf);
  return [...blocks, ...recordsOf(request['tools'])].filter((block) => isRecord(block['cache_control'])).length;
}

function findMessageFault(messages: readonly unknown[], at: number): string | null {
  const message = messages[at];
  // Instructions may be given in the middle of a conversation too, as Claude Code does.
  if (!isRecord(message) || !['user', 'assistant', 'system'].includes(String(message['role']))) {
    return `messages.${at}: Input should be a message of the user, the assistant or the system`;
  }
  const blocks = blocksOf(message['content']);
  // Claude Code sends such instructions without content after it compacted.
  const isInstructions = message['role'] === 'system';
  if (blocks.length === 0 && !isInstructions) return `messages.${at}: all messages must have non-empty content`;
  if (blocks.some((block) => block['type'] === 'text' && block['text'] === '')) {
    return `messages.${at}: text content blocks must be non-empty`;
  }
  const previous = at === 0 ? undefined : messages[at - 1];
  const asked = idsOf(isRecord(previous) ? previous['content'] : undefined, 'tool_use', 'id');
  const answered = idsOf(message['content'], 'tool_result', 'tool_use_id');
  const unanswered = asked.filter((id) => !answered.includes(id));
  if (unanswered.length > 0) {
    return `messages.${at - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(', ')}`;
  }
  const unasked = answered.filter((id) => !asked.includes(id));
  if (unasked.length > 0) {
    return `messages.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${unasked.join(', ')}`;
  }
  return null;
}

/**
 * What the real API would refuse with 400 about a request, in its words; null when nothing. The rules on tool results
 * and empty text are those a client that saves and repairs its history is most likely to break.
 */
export function findRequestFault(request: unknown): string | null {
  if (!isRecord(request)) return 'The request body is not a JSON object';
  if (typeof request['model'] !== 'string') return 'model: Field required';
  const messages = request['messages'];
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required';
  if (isRecord(messages[0]) && messages[0]['role'] !== 'user') return 'messages: first message must use the user role';
  for (const at of messages.keys()) {
    const fault = findMessageFault(messages, at);
    if (fault !== null) return fault;
  }
  const last: unknown = messages.at(-1);
  if (isRecord(last) && idsOf(last['content'], 'tool_use', 'id').length > 0) {
    return `messages.${messages.length - 1}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after`;
  }
  const breakpoints = countBreakpoints(request);
  if (breakpoints > CACHE_BREAKPOINTS) {
    return `A maximum of ${CACHE_BREAKPOINTS} blocks with cache_control may be provided. Found ${breakpoints}.`;
  }
  return null;
}
