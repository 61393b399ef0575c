import {
  fieldsOf,
  integer,
  optionalFlag,
  optionalMoment,
  optionalText,
  requiredText,
  type Fields,
} from './answer-fields.js';
import type { GiteaTeam, GiteaTimelineEntry, Permission, Person } from './gitea-people.types.js';
import { GiteaAnswerError } from './gitea.errors.js';
import type { GiteaUser } from './gitea.types.js';
import { readUser } from './read-answer.js';

/** models/perm/access_mode.go: owners may do whatever administrators may. */
const PERMISSIONS: Readonly<Record<string, Permission>> = {
  none: 'none',
  read: 'read',
  write: 'write',
  admin: 'admin',
  owner: 'admin',
};

/** @throws {GiteaAnswerError} if it names no account, or no permission that Gitea has */
export function readPermission(answer: unknown): { readonly person: Person; readonly permission: Permission } {
  const what = 'a permission';
  const fields = fieldsOf(answer, what);
  const permission = PERMISSIONS[requiredText(fields, 'permission', what)];
  if (permission === undefined) throw new GiteaAnswerError('Gitea answered with a permission that nobody knows');
  return { person: readUser(fields['user']), permission };
}

/** @throws {GiteaAnswerError} if it has no id */
export function readTeam(answer: unknown): GiteaTeam {
  const fields = fieldsOf(answer, 'a team');
  const map = fieldsOf(fields['units_map'] ?? {}, "a team's units");
  const units = Object.entries(map).filter((unit): unit is [string, string] => typeof unit[1] === 'string');
  return {
    id: integer(fields, 'id', 'a team'),
    permission: optionalText(fields, 'permission'),
    units: Object.fromEntries(units),
  };
}

/**
 * Null for a line that Gitea could not put together, as when what it speaks of was deleted
 * (services/convert/issue_comment.go `ToTimelineComment`).
 *
 * @throws {GiteaAnswerError} if it has no id
 */
export function readTimelineEntry(answer: unknown): GiteaTimelineEntry | null {
  if (answer === null) return null;
  const what = 'a line of a timeline';
  const fields = fieldsOf(answer, what);
  return {
    id: integer(fields, 'id', what),
    type: optionalText(fields, 'type'),
    at: optionalMoment(fields, 'created_at'),
    body: optionalText(fields, 'body'),
    by: userIn(fields, 'user'),
    assignee: userIn(fields, 'assignee'),
    isRemoval: optionalFlag(fields, 'removed_assignee'),
    label: optionalText(fieldsOf(fields['label'] ?? {}, 'a label'), 'name') || null,
    isLabelSet: optionalText(fields, 'body') === '1',
  };
}

function userIn(fields: Fields, name: string): GiteaUser | null {
  const user = fields[name] ?? null;
  return user === null ? null : readUser(user);
}
