import { CodedError } from './coded-error.js';

/** Which issue: its repository's owner and name, and its number there. */
export interface IssueRef {
  readonly owner: string;
  readonly repo: string;
  readonly number: number;
}

/** A text that should name an issue and does not. */
export class InvalidIssueRefError extends CodedError<'ISSUE_REF_INVALID'> {
  override readonly code = 'ISSUE_REF_INVALID';
}

/** Owner and repository names as Gitea allows them: modules/validation/helpers.go and models/repo/repo.go. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;
const REF = /^([^/\s#]+)\/([^/\s#]+)#(\d{1,15})$/;

/** Whether `name` can be an owner or a repository. Decides what may stand in a URL or a path. */
export function isRepositoryName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Reads `owner/repo#12`.
 *
 * @throws {InvalidIssueRefError} if the text is anything else
 */
export function parseIssueRef(text: string): IssueRef {
  const [, owner = '', repo = '', digits = '0'] = REF.exec(text.trim()) ?? [];
  const number = Number(digits);
  if (!isRepositoryName(owner) || !isRepositoryName(repo) || number < 1) {
    throw new InvalidIssueRefError(`Expected owner/repository#number, got ${JSON.stringify(text.slice(0, 120))}`);
  }
  return { owner, repo, number };
}

/** The issue as people write it: `owner/repo#12`. */
export function formatIssueRef(ref: IssueRef): string {
  return `${ref.owner}/${ref.repo}#${ref.number}`;
}

/** One text for one issue. Lower case, because Gitea's owner and repository names ignore case. */
export function issueKey(ref: IssueRef): string {
  return formatIssueRef(ref).toLowerCase();
}

/** One text for one repository, in lower case. */
export function repositoryKey(ref: Pick<IssueRef, 'owner' | 'repo'>): string {
  return `${ref.owner}/${ref.repo}`.toLowerCase();
}
