import { GiteaAuthError, isMissing } from '../gitea/index.js';
import { messageOf } from '../kernel/index.js';
import { bad, type Finding } from './finding.js';

/**
 * What a failed call to Gitea means for whoever sets the coordinator up, and what to do about it.
 *
 * Gitea says of a token without a scope which it needed and which it has: `required=[write:issue], token scope=all`;
 * before 1.24 the needed ones alone (services/context/api.go, routers/api/v1/api.go `tokenRequiresScopes`).
 *
 * @param what what was tried, such as "Issues cannot be written"
 * @param variable which variable holds the token
 */
export function explainRefusal(what: string, error: unknown, variable = 'GITEA_TOKEN'): Finding {
  const message = messageOf(error);
  if (error instanceof GiteaAuthError && error.status === 401) {
    return bad(
      `${what}: Gitea does not know the token in ${variable}`,
      'Make one in Gitea as the account it is for: Settings, Applications, Generate new token, with the scopes write:issue, write:repository and read:user',
    );
  }
  if (error instanceof GiteaAuthError && /required scope\(s\)/.test(message)) {
    const needed = /\[([^\]]+)\]/.exec(message)?.[1] ?? 'another scope';
    const has = /token scope=([\w:,-]+)/.exec(message)?.[1];
    return bad(
      `${what}: the token in ${variable} lacks the scope ${needed}${has === undefined ? '' : ` and has ${has}`}`,
      `Scopes of a token cannot be changed: make another with ${scopesWith(needed)}`,
    );
  }
  if (error instanceof GiteaAuthError) {
    return bad(`${what}: ${message}`, 'Give the account of the token that permission in Gitea');
  }
  if (isMissing(error)) {
    return bad(`${what}: ${message}`, 'It does not exist, or the account of the token may not see it');
  }
  return bad(`${what}: ${message}`, 'Look whether GITEA_URL is the address of Gitea, and reachable from here');
}

const SCOPES = ['write:issue', 'write:repository', 'read:user'];

/** What Gitea names is what this one call needed; where it read, writing comes next. */
function scopesWith(needed: string): string {
  const more = needed
    .split(',')
    .map((scope) => scope.trim().replace(/^read:(organization|admin)$/, 'write:$1'))
    .filter((scope) => /^write:(organization|admin)$/.test(scope));
  const [last = '', ...others] = [...new Set([...SCOPES, ...more])].toReversed();
  return `${others.toReversed().join(', ')} and ${last}`;
}
