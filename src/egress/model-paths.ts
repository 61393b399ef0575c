import type { ModelRoute } from './egress.types.js';

/** What a request to the model's API is about. */
export type ModelCallDecision =
  | {
      readonly kind: 'call';
      /** The address it goes to: built from the route alone, nothing of the request stands in it. */
      readonly url: string;
      /** What is asked for. Counting tokens costs nothing. */
      readonly operation: 'messages' | 'responses' | 'chat' | 'generate' | 'count';
    }
  /** Only whether somebody listens: answered here. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'refused'; readonly sentence: string };

type Operation = Extract<ModelCallDecision, { kind: 'call' }>['operation'];

interface Endpoint {
  readonly operation: Operation;
  /** Below the version. */
  readonly path: string;
  /** The one query that may stand behind it, such as `beta=true`. */
  readonly query?: string;
}

const ANTHROPIC: readonly Endpoint[] = [
  { operation: 'messages', path: '/messages', query: 'beta=true' },
  { operation: 'count', path: '/messages/count_tokens', query: 'beta=true' },
];
const OPENAI: readonly Endpoint[] = [
  { operation: 'responses', path: '/responses' },
  { operation: 'chat', path: '/chat/completions' },
];
const GOOGLE: readonly Endpoint[] = [
  { operation: 'generate', path: ':generateContent' },
  { operation: 'generate', path: ':streamGenerateContent', query: 'alt=sse' },
  { operation: 'count', path: ':countTokens' },
];
const GOOGLE_MODELS = '/v1beta/models/';

/**
 * Decides what a request to the model's API asks for, by the exact paths of the route's protocol.
 *
 * The base address is the one that the protocol's own SDK takes: for `anthropic` and `google` without a version, for
 * `openai` with it (`https://api.openai.com/v1`); one without any path means `/v1`.
 *
 * @param target of the request line, such as `/v1/messages?beta=true`
 */
export function decideModelCall(route: ModelRoute, method: string, target: string): ModelCallDecision {
  const [path = '', ...rest] = target.split('?');
  const query = rest.join('?');
  if (path === '/' && query === '' && (method === 'GET' || method === 'HEAD')) return { kind: 'probe' };
  const endpoint = method === 'POST' ? endpointOf(route, path) : undefined;
  const forwarded = endpoint === undefined ? null : queryOf(route, endpoint, query);
  if (endpoint === undefined || forwarded === null) return { kind: 'refused', sentence: refusalOf(route) };
  return { kind: 'call', url: `${prefixOf(route)}${endpoint.path}${forwarded}`, operation: endpoint.operation };
}

function endpointOf(route: ModelRoute, path: string): Endpoint | undefined {
  switch (route.protocol) {
    case 'anthropic':
      return ANTHROPIC.find((endpoint) => path === `/v1${endpoint.path}`);
    case 'openai':
      return OPENAI.find((endpoint) => path === `/v1${endpoint.path}` || path === endpoint.path);
    case 'google': {
      const names = [route.model, encodeURIComponent(route.model)];
      return GOOGLE.find((endpoint) => names.some((name) => path === `${GOOGLE_MODELS}${name}${endpoint.path}`));
    }
  }
}

/** The query to forward; null where there is another than may be. A key in it is the caller's, and dropped. */
function queryOf({ protocol }: ModelRoute, endpoint: Endpoint, query: string): string | null {
  const parts = query.split('&').filter((part) => part !== '' && !(protocol === 'google' && part.startsWith('key=')));
  if (parts.length === 0) return '';
  return parts.length === 1 && parts[0] === endpoint.query ? `?${endpoint.query}` : null;
}

function prefixOf({ protocol, baseUrl, model }: ModelRoute): string {
  const { origin, pathname } = new URL(baseUrl);
  const base = `${origin}${pathname.replace(/\/+$/, '')}`;
  if (protocol === 'anthropic') return `${base}/v1`;
  if (protocol === 'google') return `${base}${GOOGLE_MODELS}${encodeURIComponent(model)}`;
  return base === origin ? `${base}/v1` : base;
}

function refusalOf({ protocol, model }: ModelRoute): string {
  const paths = {
    anthropic: ANTHROPIC.map(({ path }) => `/v1${path}`),
    openai: OPENAI.map(({ path }) => `/v1${path}`),
    google: GOOGLE.map(({ path }) => `${GOOGLE_MODELS}${model}${path}`),
  }[protocol];
  return `This sandbox may only POST to ${paths.join(', ')} of the model's API`;
}
