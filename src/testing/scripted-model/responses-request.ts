import { joinAnswers, type TranslatedMessage } from './join-answers.js';
import { isRecord, readConversation, recordsOf, type ModelConversation } from './model-conversation.js';

type Json = Readonly<Record<string, unknown>>;

const CALLS = ['function_call', 'custom_tool_call'];
const OUTPUTS = ['function_call_output', 'custom_tool_call_output'];
/** What Codex tells of its surroundings in the user's name. */
const SURROUNDINGS = /^\s*(<(environment_context|turn_aborted|user_instructions)>|# AGENTS\.md instructions)/;

/** The items of a request's input; the API takes a plain string as one message of the user. */
function itemsOf(input: unknown): readonly Json[] {
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: input }];
  return recordsOf(input);
}

/** The API takes a message without a type too. */
function typeOf(item: Json): string {
  const { type } = item;
  return typeof type === 'string' ? type : 'message';
}

function partsOf(content: unknown): readonly Json[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : recordsOf(content);
}

function textsOf(content: unknown): string[] {
  return partsOf(content).flatMap(({ text, refusal }) => {
    const said = text ?? refusal;
    return typeof said === 'string' && said !== '' ? [said] : [];
  });
}

function idsOf(items: readonly Json[], types: readonly string[]): string[] {
  return items.filter((item) => types.includes(typeOf(item))).map((item) => String(item['call_id']));
}

function findMessageFault(item: Json, at: number): string | null {
  if (typeOf(item) !== 'message') return null;
  const role = String(item['role']);
  if (!['user', 'assistant', 'system', 'developer'].includes(role)) {
    return `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'. (input[${at}].role)`;
  }
  const isOwn = role === 'assistant';
  const wrong = recordsOf(item['content']).find((part) => String(part['type']).startsWith('input_') === isOwn);
  if (wrong === undefined) return null;
  const supported = isOwn ? "'output_text' and 'refusal'" : "'input_text', 'input_image', and 'input_file'";
  return `Invalid value: '${String(wrong['type'])}'. Supported values are: ${supported}. (input[${at}].content)`;
}

/** What the Responses API would refuse with 400 about a request, in its words; null when nothing. */
export function findResponsesFault(body: unknown): string | null {
  if (!isRecord(body)) return 'We could not parse the JSON body of your request.';
  if (typeof body['model'] !== 'string') return "Missing required parameter: 'model'.";
  if (typeof body['previous_response_id'] === 'string') {
    return `Previous response with id '${body['previous_response_id']}' not found.`;
  }
  const items = itemsOf(body['input']);
  if (items.length === 0) return "Missing required parameter: 'input'.";
  for (const [at, item] of items.entries()) {
    const fault = findMessageFault(item, at);
    if (fault !== null) return fault;
  }
  const asked = idsOf(items, CALLS);
  const answered = idsOf(items, OUTPUTS);
  const unanswered = asked.find((id) => !answered.includes(id));
  if (unanswered !== undefined) return `No tool output found for function call ${unanswered}.`;
  const unasked = answered.find((id) => !asked.includes(id));
  return unasked === undefined ? null : `No tool call found for function call output with call_id ${unasked}.`;
}

function parsedArguments(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return { input: text };
  }
}

function isInstruction(item: Json): boolean {
  return typeOf(item) === 'message' && ['system', 'developer'].includes(String(item['role']));
}

function translated(item: Json): TranslatedMessage[] {
  const type = typeOf(item);
  if (CALLS.includes(type)) {
    const input = parsedArguments(item['arguments'] ?? item['input']);
    return [
      { role: 'assistant', content: [{ type: 'tool_use', id: item['call_id'], name: item['name'], input: input }] },
    ];
  }
  if (OUTPUTS.includes(type)) {
    const content = textsOf(item['output']).map((text) => ({ type: 'text', text }));
    return [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: item['call_id'], content }] }];
  }
  if (type !== 'message' || isInstruction(item)) return [];
  const role = item['role'] === 'assistant' ? 'assistant' : 'user';
  const texts = textsOf(item['content']).filter((text) => role === 'assistant' || !SURROUNDINGS.test(text));
  return [{ role, content: texts.map((text) => ({ type: 'text', text })) }];
}

/**
 * Reads a request that `findResponsesFault` found nothing wrong with. What developers and the agent itself say beside
 * the prompts counts as instructions. The API does not say which tool failed.
 */
export function readResponsesRequest(body: Json): ModelConversation {
  const items = itemsOf(body['input']);
  const messages = items.filter((item) => typeOf(item) === 'message' && item['role'] !== 'assistant');
  const told = messages.flatMap((item) =>
    textsOf(item['content']).filter((text) => isInstruction(item) || SURROUNDINGS.test(text)),
  );
  const format = isRecord(body['text']) ? body['text']['format'] : undefined;
  const conversation = readConversation({
    model: body['model'],
    system: [...textsOf(body['instructions']), ...told].join('\n'),
    messages: joinAnswers(items.flatMap(translated)),
    tools: recordsOf(body['tools']).map((tool) => ({ ...tool, name: tool['name'] ?? tool['type'] })),
    output_config: { format: isRecord(format) && format['type'] === 'json_schema' ? format : { schema: null } },
    stream: body['stream'],
  });
  return { ...conversation, request: body };
}
