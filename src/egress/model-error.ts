import type { ModelRoute } from './egress.types.js';

type Protocol = ModelRoute['protocol'];

/** Types of the Messages API by status; the sentence says what is meant. */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  413: 'request_too_large',
};
const OPENAI_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  413: 'invalid_request_error',
};
/** Codes of google.rpc.Code by status. */
const GOOGLE_CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  413: 'INVALID_ARGUMENT',
  504: 'DEADLINE_EXCEEDED',
};
/** Statuses of failures that come inside a stream, after a status of success. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  timeout_error: 504,
  overloaded_error: 529,
  context_length_exceeded: 400,
  invalid_prompt: 400,
  insufficient_quota: 402,
  server_is_overloaded: 503,
};
const LONGEST_DETAIL = 300;

/** A refusal in the form that an agent which speaks this protocol shows to its reader. */
export function modelErrorBody(protocol: Protocol, status: number, message: string): string {
  switch (protocol) {
    case 'anthropic':
      return JSON.stringify({ type: 'error', error: { type: ANTHROPIC_TYPES[status] ?? 'api_error', message } });
    case 'openai':
      return JSON.stringify({
        error: { message, type: OPENAI_TYPES[status] ?? 'server_error', param: null, code: null },
      });
    case 'google':
      return JSON.stringify({ error: { code: status, message, status: GOOGLE_CODES[status] ?? 'UNAVAILABLE' } });
  }
}

/** What a model's side said in a failure: the message of any of the protocols, or the text as it is. Cut short. */
export function failureDetail(body: string, apiKey: string | null): string {
  const said = messageIn(parsed(body)) ?? body;
  // It ends in logs, where a line is one line.
  const plain = withoutKey(said, apiKey)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return plain.length > LONGEST_DETAIL ? `${plain.slice(0, LONGEST_DETAIL)}…` : plain;
}

/** A failure told inside a stream; null where an event is none. */
export function failureInEvent(event: unknown, apiKey: string | null): { status: number; detail: string } | null {
  if (!isRecord(event)) return null;
  const response = isRecord(event['response']) ? event['response'] : {};
  const error = isRecord(event['error']) ? event['error'] : response['error'];
  const isFailure = event['type'] === 'error' || event['type'] === 'response.failed' || isRecord(event['error']);
  if (!isFailure) return null;
  const source = isRecord(error) ? error : event;
  const type = [source['type'], source['code']].find((name) => STATUS_OF_TYPE[String(name)] !== undefined);
  const numeric = typeof source['code'] === 'number' ? source['code'] : 500;
  return {
    status: STATUS_OF_TYPE[String(type)] ?? numeric,
    detail: failureDetail(JSON.stringify({ error: source }), apiKey),
  };
}

/** A text in which the key does not stand, where somebody quoted it. */
export function withoutKey(text: string, apiKey: string | null): string {
  return apiKey === null ? text : text.replaceAll(apiKey, '[key]');
}

function messageIn(body: unknown): string | null {
  const [first] = Array.isArray(body) ? (body as unknown[]) : [body];
  if (!isRecord(first)) return null;
  const error = isRecord(first['error']) ? first['error'] : first;
  const message = error['message'] ?? first['error'];
  return typeof message === 'string' ? message : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
