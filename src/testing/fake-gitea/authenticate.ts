import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeToken } from './fake-gitea.types.js';

/** Who sent a request: a token or a password, nobody, or somebody with a token that is not known. */
export type Asker =
  | { readonly kind: 'token'; readonly token: FakeToken; readonly isByPassword: boolean }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unknown' };

/**
 * Reads `Authorization: token X`, `Bearer X`, or Basic with the token as user or password, or with a login and its
 * password (modules/auth/httpauth, services/auth/basic.go).
 */
export function authenticate(world: FakeGiteaWorld, authorization: string | undefined): Asker {
  if (!authorization) return { kind: 'nobody' };
  const [, scheme = '', credentials = ''] = /^(\w+)\s+(\S+)$/.exec(authorization.trim()) ?? [];
  const candidates = candidatesOf(scheme.toLowerCase(), credentials);
  const token = candidates.map((one) => world.tokens.get(one)).find((found) => found !== undefined);
  if (token) return { kind: 'token', token, isByPassword: false };
  const [password = '', login = ''] = candidates;
  const user = scheme.toLowerCase() === 'basic' ? world.users.get(login.toLowerCase()) : undefined;
  if (!user || password === '' || world.passwords.get(user) !== password) return { kind: 'unknown' };
  return { kind: 'token', token: { user, scopes: ['all'] }, isByPassword: true };
}

/** Of Basic the password first, and then the user. */
function candidatesOf(scheme: string, credentials: string): readonly string[] {
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
