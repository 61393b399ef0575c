import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import type { ModelRoute } from './egress.types.js';

/**
 * What an agent's request brings along to the model: what the protocols and their SDKs say of a request. Everything
 * else stays behind: credentials, cookies, what names an account or another host.
 */
const REQUEST_HEADERS = [
  /^(?:accept|accept-language|content-type|user-agent)$/,
  /^(?:anthropic-version|anthropic-beta|anthropic-dangerous-direct-browser-access|openai-beta|x-goog-api-client)$/,
  /^(?:x-app|originator|session_id|session-id|conversation_id|idempotency-key)$/,
  /^x-stainless-[a-z-]+$/,
];

/** What of an answer an agent acts on. */
const RESPONSE_HEADERS = [
  /^(?:content-type|content-length|cache-control|date)$/,
  /^(?:retry-after|retry-after-ms|x-should-retry|request-id|x-request-id)$/,
  /^(?:anthropic-ratelimit|x-ratelimit)-[a-z-]+$/,
];

/** The headers of the request to the model: what may come along, and the key where the protocol wants it. */
export function headersToModel(
  given: IncomingHttpHeaders,
  { protocol, apiKey }: ModelRoute,
  bodyBytes: number,
): OutgoingHttpHeaders {
  return {
    ...picked(given, REQUEST_HEADERS),
    // Only plain bytes can be counted on their way through.
    'accept-encoding': 'identity',
    'content-length': bodyBytes,
    ...(apiKey === null ? {} : keyHeader(protocol, apiKey)),
  };
}

/** The headers of the model's answer that the agent gets to see. */
export function headersFromModel(given: IncomingHttpHeaders): OutgoingHttpHeaders {
  return picked(given, RESPONSE_HEADERS);
}

/**
 * Whether a request presents the gate's token, in any of the places where an SDK puts its key. Takes the same time
 * whatever is presented.
 */
export function presentsToken(headers: IncomingHttpHeaders, target: string, token: string): boolean {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const query = new URLSearchParams(target.split('?')[1] ?? '').get('key');
  const presented = [headers['x-api-key'], headers['x-goog-api-key'], bearer, query];
  const expected = digestOf(token);
  return presented.filter((text) => timingSafeEqual(digestOf(String(text)), expected)).length > 0;
}

/** Milliseconds that an answer asks to wait, of `retry-after-ms`, or of `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number): number | null {
  const ms = headers['retry-after-ms'];
  if (typeof ms === 'string' && /^\d{1,10}$/.test(ms)) return Number(ms);
  const told = headers['retry-after'];
  if (told === undefined) return null;
  if (/^\d{1,7}$/.test(told)) return Number(told) * 1000;
  const date = Date.parse(told);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function keyHeader(protocol: ModelRoute['protocol'], apiKey: string): OutgoingHttpHeaders {
  switch (protocol) {
    case 'anthropic':
      return { 'x-api-key': apiKey };
    case 'openai':
      return { authorization: `Bearer ${apiKey}` };
    case 'google':
      return { 'x-goog-api-key': apiKey };
  }
}

function picked(given: IncomingHttpHeaders, wanted: readonly RegExp[]): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(given).filter(([name]) => wanted.some((pattern) => pattern.test(name))));
}

/** Digests have one length, which timingSafeEqual needs. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
