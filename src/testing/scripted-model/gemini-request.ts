import { joinAnswers, type TranslatedMessage } from './join-answers.js';
import { isRecord, readConversation, recordsOf, type ModelConversation } from './model-conversation.js';

type Json = Readonly<Record<string, unknown>>;

/** What Gemini CLI tells of its surroundings in the user's name. */
const SURROUNDINGS = /^\s*<session_context>/;

/** What a path asks of which model. */
export interface GeminiTarget {
  readonly model: string;
  readonly action: 'generateContent' | 'streamGenerateContent' | 'countTokens';
}

/** Reads a path such as `/v1beta/models/gemini-2.5-pro:generateContent`; null where it is another. */
export function geminiTargetOf(path: string): GeminiTarget | null {
  const found = /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent|countTokens)$/.exec(path);
  const [, model, action] = found ?? [];
  if (model === undefined || action === undefined) return null;
  return { model: decodeURIComponent(model), action: action as GeminiTarget['action'] };
}

/** Tokens are counted of contents alone, or of a whole request that is packed into one. */
function requestIn(body: Json): Json {
  const packed = body['generateContentRequest'];
  return isRecord(packed) ? packed : body;
}

function namesOf(content: Json | undefined, kind: 'functionCall' | 'functionResponse'): string[] {
  return recordsOf(content?.['parts']).flatMap((part) => {
    const held = part[kind];
    return isRecord(held) ? [String(held['name'])] : [];
  });
}

function findContentFault(contents: readonly Json[], at: number): string | null {
  const content = contents[at] ?? {};
  if (!['user', 'model', undefined].includes(content['role'] as string | undefined)) {
    return 'Please use a valid role: user, model.';
  }
  if (recordsOf(content['parts']).length === 0) {
    return `* GenerateContentRequest.contents[${at}].parts: contents.parts must not be empty.`;
  }
  const asked = namesOf(contents[at - 1], 'functionCall');
  const answered = namesOf(content, 'functionResponse');
  if (asked.length !== answered.length) {
    return 'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.';
  }
  return null;
}

/** What the Gemini API would refuse with 400 about a request, in its words; null when nothing. */
export function findGeminiFault(body: unknown): string | null {
  if (!isRecord(body)) return 'Invalid JSON payload received.';
  const contents = recordsOf(requestIn(body)['contents']);
  if (contents.length === 0) return '* GenerateContentRequest.contents: contents is not specified';
  for (const at of contents.keys()) {
    const fault = findContentFault(contents, at);
    if (fault !== null) return fault;
  }
  if (namesOf(contents.at(-1), 'functionCall').length === 0) return null;
  return 'Please ensure that function response turn comes immediately after a function call turn.';
}

function textsOf(content: unknown): string[] {
  const parts = isRecord(content) ? recordsOf(content['parts']) : [];
  return parts.flatMap(({ text, thought }) => (typeof text === 'string' && text !== '' && !thought ? [text] : []));
}

function outcomeOf(response: unknown): { readonly text: string; readonly isError: boolean } {
  const { output, error } = isRecord(response) ? response : {};
  const told = error ?? output ?? response;
  return { text: typeof told === 'string' ? told : JSON.stringify(told ?? ''), isError: error !== undefined };
}

/** Calls need no ids here: the answers to a turn's calls come in their order. */
function translated(content: Json, at: number): TranslatedMessage {
  const isModel = content['role'] === 'model';
  let calls = 0;
  const idOf = (turn: number) => `call_${turn}_${(calls += 1)}`;
  const blocks = recordsOf(content['parts']).flatMap((part): Json[] => {
    const { functionCall: call, functionResponse: answer } = part;
    if (isRecord(call)) return [{ type: 'tool_use', id: idOf(at), name: call['name'], input: call['args'] }];
    if (isRecord(answer)) {
      const { text, isError } = outcomeOf(answer['response']);
      const told = [{ type: 'text', text }];
      return [{ type: 'tool_result', tool_use_id: idOf(at - 1), content: told, is_error: isError }];
    }
    return textsOf({ parts: [part] })
      .filter((text) => isModel || !SURROUNDINGS.test(text))
      .map((text) => ({ type: 'text', text }));
  });
  return { role: isModel ? 'assistant' : 'user', content: blocks };
}

function toolsOf(tools: unknown): Json[] {
  return recordsOf(tools).flatMap((tool) => recordsOf(tool['functionDeclarations']));
}

/**
 * Reads a request that `findGeminiFault` found nothing wrong with. What the agent itself says beside the prompts counts
 * as instructions.
 */
export function readGeminiRequest(body: Json, target: GeminiTarget): ModelConversation {
  const request = requestIn(body);
  const contents = recordsOf(request['contents']);
  const told = contents.flatMap((content) => textsOf(content).filter((text) => SURROUNDINGS.test(text)));
  const { responseJsonSchema, responseSchema } = isRecord(request['generationConfig'])
    ? request['generationConfig']
    : {};
  const conversation = readConversation({
    model: target.model,
    system: [...textsOf(request['systemInstruction']), ...told].join('\n'),
    messages: joinAnswers(contents.map(translated)),
    tools: toolsOf(request['tools']),
    output_config: { format: { schema: responseJsonSchema ?? responseSchema ?? null } },
    stream: target.action === 'streamGenerateContent',
  });
  return { ...conversation, request: body };
}
