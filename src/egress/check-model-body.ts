import { countTopLevelKeys } from './count-top-level-keys.js';
import type { ModelRoute } from './egress.types.js';
import type { ModelCallDecision } from './model-paths.js';
import { providerReach } from './provider-reach.js';

export type BodyCheck =
  | { readonly kind: 'accepted'; readonly body: Buffer }
  | { readonly kind: 'refused'; readonly status: 400 | 403; readonly sentence: string };

type Operation = Extract<ModelCallDecision, { kind: 'call' }>['operation'];

/** Keys that must stand once and in this spelling, as two servers could read two of them differently. */
const GUARDED = [
  'model',
  'tools',
  'mcp_servers',
  'stream',
  'stream_options',
  'background',
  'messages',
  'input',
  'contents',
];

/**
 * Decides whether a request to the model may go out: it is JSON and asks for the route's model, in a way that every
 * parser reads alike.
 *
 * The bytes stay as they came, but for a streamed chat completion whose tokens would not be told: that is asked for.
 */
export function checkModelBody(
  route: ModelRoute,
  operation: Operation,
  bytes: Buffer,
  allowProviderTools: boolean,
): BodyCheck {
  const body = parsedObject(bytes);
  if (body === null) return refused(400, 'The body must be a JSON object in UTF-8');
  const keys = countTopLevelKeys(bytes);
  const unclear = GUARDED.find((key) => (keys.get(key) ?? 0) !== (Object.hasOwn(body, key) ? 1 : 0));
  if (unclear !== undefined) return refused(400, `The body must hold "${unclear}" once, in lower case`);
  if (!asksFor(route, body)) {
    const asked = JSON.stringify(body['model'] ?? null).slice(0, 100);
    return refused(403, `This sandbox may only use the model ${route.model}, and the request asks for ${asked}`);
  }
  const reach = allowProviderTools ? null : providerReach(route.protocol, body);
  if (reach !== null) {
    return refused(403, `This sandbox may not have the model's side reach further: the request holds ${reach}`);
  }
  return { kind: 'accepted', body: operation === 'chat' ? withUsage(body, bytes) : bytes };
}

/** In Google's protocol the path names the model; a body that names one too must agree. */
function asksFor({ protocol, model }: ModelRoute, body: Readonly<Record<string, unknown>>): boolean {
  if (protocol !== 'google') return body['model'] === model;
  const nested = body['generateContentRequest'];
  const named = [body['model'], isRecord(nested) ? nested['model'] : undefined];
  return named.every((name) => name === undefined || name === model || name === `models/${model}`);
}

/** A streamed chat completion tells its tokens only where it is asked to. */
function withUsage(body: Readonly<Record<string, unknown>>, bytes: Buffer): Buffer {
  const given = isRecord(body['stream_options']) ? body['stream_options'] : {};
  if (body['stream'] !== true || given['include_usage'] === true) return bytes;
  return Buffer.from(JSON.stringify({ ...body, stream_options: { ...given, include_usage: true } }));
}

function parsedObject(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const body: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}

function refused(status: 400 | 403, sentence: string): BodyCheck {
  return { kind: 'refused', status, sentence };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
