import type { Exchange } from './gitea-description.js';

/** Speaks as `fetch` does, and writes down what was said. */
export function listeningFetch(exchanges: Exchange[]): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    const url = new URL(input instanceof Request ? input.url : input);
    const text = await response.clone().text();
    exchanges.push({
      method: init?.method ?? 'GET',
      path: url.pathname.replace(/^.*\/api\/v1/, ''),
      query: url.search,
      sent: typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
      status: response.status,
      received: text === '' ? undefined : (JSON.parse(text) as unknown),
    });
    return response;
  };
}
