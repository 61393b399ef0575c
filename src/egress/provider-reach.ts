import type { ModelRoute } from './egress.types.js';

/** Tools of the Messages API that its caller runs, or that search among the tools given. */
const ANTHROPIC_TOOLS = /^(?:custom|(?:bash|text_editor|computer|memory|tool_search_tool_\w+)_\d{8})$/;
/** Tools of the Responses and Chat APIs that their caller runs. */
const OPENAI_TOOLS = /^(?:function|custom|local_shell|shell|apply_patch|namespace|tool_search)$/;
const GOOGLE_TOOLS = /^(?:functionDeclarations|function_declarations)$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * What of a request would have the model's provider reach the internet, or another model, for its caller: tools that it
 * runs itself, remote MCP servers, contents by address, fallbacks. Null where it asks for none of it.
 *
 * A program without any other way out could write to the outside with the words of such a request.
 */
export function providerReach(protocol: ModelRoute['protocol'], body: Json): string | null {
  return routingIn(body) ?? toolIn(protocol, body) ?? addressIn(body);
}

/** Fields by which gateways (OpenRouter, LiteLLM) take another model or address than the one that is asked for. */
function routingIn(body: Json): string | null {
  const fields = ['models', 'fallbacks', 'route', 'provider', 'api_base', 'base_url', 'api_key', 'mcp_servers'];
  const found = fields.find((field) => body[field] !== undefined && !isEmpty(body[field]));
  if (found !== undefined) return `"${found}"`;
  // Its answer is fetched by another request, which is not let through, and its tokens would not be seen.
  return body['background'] === true ? '"background"' : null;
}

function toolIn(protocol: ModelRoute['protocol'], body: Json): string | null {
  const tools = listOf(body['tools']).filter(isRecord);
  if (protocol === 'google') {
    const found = tools.flatMap((tool) => Object.keys(tool)).find((kind) => !GOOGLE_TOOLS.test(kind));
    return found === undefined ? null : `the tool ${found}`;
  }
  const known = protocol === 'anthropic' ? ANTHROPIC_TOOLS : OPENAI_TOOLS;
  const found = tools.find(({ type, external_web_access: reaches }) => {
    // Codex offers the search in its provider's own index, which reaches nothing.
    if (type === 'web_search' && reaches === false) return false;
    return type !== undefined && !(typeof type === 'string' && known.test(type));
  });
  if (found !== undefined) return `the tool ${JSON.stringify(found['type'])}`;
  return body['web_search_options'] === undefined ? null : '"web_search_options"';
}

/** Where contents stand in a request, in the form of any of the protocols. */
const CONTENTS = [
  'messages',
  'input',
  'contents',
  'system',
  'instructions',
  'prompt',
  'systemInstruction',
  'system_instruction',
];
/** What a model called a tool with, and what that answered: anybody's JSON, in which nothing is fetched. */
const OPAQUE: ReadonlySet<string> = new Set(['input', 'args', 'arguments', 'response']);

/**
 * A content that is to be fetched from an address, however deep: a tool's result holds documents, and these hold images.
 * Without recursion, as what is nested a million deep would end the process.
 */
function addressIn(body: Json): string | null {
  // Google's requests to count tokens have the whole request inside.
  const holders = [body, body['generateContentRequest']].filter(isRecord);
  const open: unknown[] = holders.flatMap((holder) => CONTENTS.map((name) => holder[name]));
  while (open.length > 0) {
    const next = open.pop();
    if (isRecord(next)) {
      if (isFetched(next)) return 'a content by its address';
      for (const [name, inner] of Object.entries(next)) if (!OPAQUE.has(name)) open.push(inner);
    } else if (Array.isArray(next)) {
      for (const inner of next as unknown[]) open.push(inner);
    }
  }
  return null;
}

function isFetched(part: Json): boolean {
  const { source, image_url: image, file_url: file, file_data: data, fileData = data } = part;
  const fileUri = isRecord(fileData) ? (fileData['fileUri'] ?? fileData['file_uri']) : undefined;
  const address = isRecord(image) ? image['url'] : image;
  const isByUrl = isRecord(source) && source['type'] === 'url';
  return (
    isByUrl || file !== undefined || fileUri !== undefined || (typeof address === 'string' && !/^data:/i.test(address))
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
