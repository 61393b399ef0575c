import type { EntitlementOptions } from './entitlement.options.js';
import type { Person, Standing } from './entitlement.types.js';
import type { PermissionReading } from './permission-source.port.js';
import { isSameLogin } from '../kernel/index.js';

type Rules = Pick<EntitlementOptions, 'botName' | 'allowedUserIds' | 'blockedUserIds'>;

/** Whether somebody may start or steer work, by what the tracker says of them. The one place where that is decided. */
export function decideStanding(login: string, reading: PermissionReading, rules: Rules): Standing {
  const { botName, allowedUserIds, blockedUserIds } = rules;
  if (login === '') return refused(null, 'Nobody knows who it was.');
  if (isSameLogin(login, botName)) return refused(null, `${login} is the bot itself.`);
  switch (reading.kind) {
    case 'absent':
      // Gitea names those who may write, and to whom it does not, nothing tells readers from no account at all.
      return refused(null, `As far as Gitea tells the bot, ${login} may not write to the repository.`);
    case 'unknown':
      // Both lists go by ids, which a login does not tell.
      if (allowedUserIds.size + blockedUserIds.size > 0) {
        return refused(null, `Without a token of Gitea nobody can tell whether ${login} is on a list of accounts.`);
      }
      return { isEntitled: true, person: null, why: 'Without a token of Gitea everybody counts.' };
    case 'found': {
      const { person, permission } = reading;
      const refusal = refusalOf(person, rules);
      if (refusal !== null) return refused(person, refusal);
      if (permission === 'write' || permission === 'admin') {
        return { isEntitled: true, person, why: `${person.login} may write to the repository.` };
      }
      return refused(person, `${person.login} may not write to the repository.`);
    }
  }
}

function refusalOf({ id, login }: Person, { botName, allowedUserIds, blockedUserIds }: Rules): string | null {
  if (id < 1) return `${login} is no person's account.`;
  if (isSameLogin(login, botName)) return `${login} is the bot itself.`;
  if (blockedUserIds.has(id)) return `${login} is on the list of blocked accounts.`;
  if (allowedUserIds.size > 0 && !allowedUserIds.has(id)) return `${login} is not on the list of allowed accounts.`;
  return null;
}

function refused(person: Person | null, why: string): Standing {
  return { isEntitled: false, person, why };
}
