import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeToken } from './fake-gitea.types.js';

/** Who sent a request: a token, nobody, or somebody with a token that is not known. */
export type Asker =
  { readonly kind: 'token'; readonly token: FakeToken } | { readonly kind: 'nobody' } | { readonly kind: 'unknown' };

/**
 * Reads `Authorization: token X`, `Bearer X`, or Basic with the token as user or password
 * (modules/auth/httpauth, services/auth/basic.go).
 */
export function authenticate(world: FakeGiteaWorld, authorization: string | undefined): Asker {
  if (!authorization) return { kind: 'nobody' };
  const [, scheme = '', credentials = ''] = /^(\w+)\s+(\S+)$/.exec(authorization.trim()) ?? [];
  const token = candidates(scheme.toLowerCase(), credentials)
    .map((candidate) => world.tokens.get(candidate))
    .find((found) => found !== undefined);
  return token ? { kind: 'token', token } : { kind: 'unknown' };
}

function candidates(scheme: string, credentials: string): readonly string[] {
  if (scheme === 'token' || scheme === 'bearer') return [credentials];
  if (scheme !== 'basic') return [];
  const [user = '', password = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(':');
  return [password, user];
}

/** Whether a token may make a call of this category. Writing includes reading. */
export function hasScope(token: FakeToken, category: string, method: string): boolean {
  const wanted = neededScope(category, method);
  return ['all', wanted, wanted.replace('read:', 'write:')].some((scope) => token.scopes.includes(scope));
}

/** The scope a call needs: the level follows the method (routers/api/v1/api.go `tokenRequiresScopes`). */
export function neededScope(category: string, method: string): string {
  return `${method === 'GET' ? 'read' : 'write'}:${category}`;
}
