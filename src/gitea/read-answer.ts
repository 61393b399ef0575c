import { isRepositoryName, type IssueRef } from '../kernel/index.js';
import {
  fieldsOf,
  integer,
  optionalMoment,
  optionalText,
  positive,
  readList,
  requiredText,
  type Fields,
} from './answer-fields.js';
import { GiteaAnswerError } from './gitea.errors.js';
import type {
  GiteaComment,
  GiteaCommitStatus,
  GiteaIssue,
  GiteaLabel,
  GiteaPullRequest,
  GiteaRepository,
  GiteaUser,
} from './gitea.types.js';

export { readList } from './answer-fields.js';

/** @throws {GiteaAnswerError} if it has no id or login */
export function readUser(answer: unknown): GiteaUser {
  const fields = fieldsOf(answer, 'a user');
  return { id: integer(fields, 'id', 'a user'), login: requiredText(fields, 'login', 'a user') };
}

/** @throws {GiteaAnswerError} if it has no id or name */
export function readLabel(answer: unknown): GiteaLabel {
  const fields = fieldsOf(answer, 'a label');
  return { id: integer(fields, 'id', 'a label'), name: requiredText(fields, 'name', 'a label') };
}

/**
 * An issue with a number. Gitea answers an empty issue, number 0, when it could not load one
 * (services/convert/issue.go `ToAPIIssue`): that is no issue.
 *
 * @throws {GiteaAnswerError} if it has no number or its state is neither open nor closed
 */
export function readIssue(answer: unknown): GiteaIssue {
  const fields = fieldsOf(answer, 'an issue');
  return {
    id: integer(fields, 'id', 'an issue'),
    number: positive(fields, 'number', 'an issue'),
    title: optionalText(fields, 'title'),
    body: optionalText(fields, 'body'),
    author: readOptionalUser(fields['user']),
    state: readState(fields, 'an issue'),
    assignees: readList(fields['assignees'], readUser),
    labels: readList(fields['labels'], readLabel),
    isPullRequest: (fields['pull_request'] ?? null) !== null,
    hasComments: fields['comments'] !== 0,
    repository: readIssueRepository(fields['repository']),
  };
}

/** As `readIssue`, but null for one the bot may not see, which Gitea calls HIDDEN or empties, and numbers 0. */
export function readLinkedIssue(answer: unknown): GiteaIssue | null {
  return fieldsOf(answer, 'an issue')['number'] === 0 ? null : readIssue(answer);
}

/** @throws {GiteaAnswerError} if it has no id */
export function readComment(answer: unknown): GiteaComment {
  const fields = fieldsOf(answer, 'a comment');
  return {
    id: integer(fields, 'id', 'a comment'),
    at: optionalMoment(fields, 'created_at'),
    author: readOptionalUser(fields['user']),
    body: optionalText(fields, 'body'),
  };
}

/** @throws {GiteaAnswerError} if it has no number, head or base */
export function readPullRequest(answer: unknown): GiteaPullRequest {
  const what = 'a pull request';
  const fields = fieldsOf(answer, what);
  const head = fieldsOf(fields['head'], `${what}'s head`);
  const base = fieldsOf(fields['base'], `${what}'s base`);
  return {
    number: positive(fields, 'number', what),
    state: readState(fields, what),
    author: readOptionalUser(fields['user']),
    body: optionalText(fields, 'body'),
    headBranch: optionalText(head, 'ref'),
    baseBranch: optionalText(base, 'ref'),
    isFromSameRepository: integer(head, 'repo_id', what) === integer(base, 'repo_id', what),
  };
}

/** Set as `state`, answered as `status`. */
export function readCommitStatus(answer: unknown): GiteaCommitStatus {
  const fields = fieldsOf(answer, 'a commit status');
  return {
    id: integer(fields, 'id', 'a commit status'),
    context: optionalText(fields, 'context'),
    state: optionalText(fields, 'status'),
    description: optionalText(fields, 'description'),
    targetUrl: optionalText(fields, 'target_url'),
  };
}

/** @throws {GiteaAnswerError} if it has no owner or name */
export function readRepository(answer: unknown): GiteaRepository {
  const fields = fieldsOf(answer, 'a repository');
  return {
    owner: readUser(fields['owner']).login,
    name: requiredText(fields, 'name', 'a repository'),
    defaultBranch: optionalText(fields, 'default_branch') || null,
  };
}

/** What `GET /version` says. */
export function readVersion(answer: unknown): string {
  return requiredText(fieldsOf(answer, 'the version'), 'version', 'the version');
}

/** How many entries a page has at most, as `GET /settings/api` says. */
export function readLargestPage(answer: unknown): number {
  return positive(fieldsOf(answer, 'the settings'), 'max_response_items', 'the settings');
}

/**
 * Which issue it is whose list of one was too large to be read. What Gitea writes comes first in it: nothing that a
 * person wrote stands before its address (modules/structs/issue.go `Issue`). Null where that cannot be told.
 */
export function readHeadOfIssue(head: string): IssueRef | null {
  const found = /^\s*\[?\s*\{\s*"id":\s*\d+,\s*"url":\s*"[^"]*\/repos\/([^"/]+)\/([^"/]+)\/issues\/(\d{1,15})"/.exec(
    head,
  );
  const [, owner = '', repo = '', number = ''] = found ?? [];
  const isRef = isRepositoryName(owner) && isRepositoryName(repo) && Number(number) > 0;
  return isRef ? { owner, repo, number: Number(number) } : null;
}

/** Gitea's own sentence about a failure; empty where there is none, as with every 500. */
export function readMessage(answer: unknown): string {
  const isObject = typeof answer === 'object' && answer !== null;
  const message = isObject ? (answer as Fields)['message'] : answer;
  return typeof message === 'string' ? message.slice(0, 300) : '';
}

/** The owner is a string here and an object everywhere else (modules/structs/issue.go `RepositoryMeta`). */
function readIssueRepository(answer: unknown): GiteaIssue['repository'] {
  if (typeof answer !== 'object' || answer === null) return null;
  const owner = optionalText(answer as Fields, 'owner');
  const name = optionalText(answer as Fields, 'name');
  return owner && name ? { owner, name } : null;
}

function readOptionalUser(answer: unknown): GiteaUser | null {
  return (answer ?? null) === null ? null : readUser(answer);
}

function readState(fields: Fields, what: string): 'open' | 'closed' {
  const { state } = fields;
  if (state === 'open' || state === 'closed') return state;
  throw new GiteaAnswerError(`Gitea answered with ${what} that is neither open nor closed`);
}
