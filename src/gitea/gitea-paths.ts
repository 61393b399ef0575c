import { isRepositoryName, type IssueRef } from '../kernel/index.js';
import { InvalidGiteaNameError } from './gitea.errors.js';

/** Which repository: owner and name. */
export type Repository = Pick<IssueRef, 'owner' | 'repo'>;
/** What stands after `/api/v1`, segment by segment, not yet encoded. */
export type GiteaPath = readonly (string | number)[];

const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** @throws {InvalidGiteaNameError} if owner or name could be something else in a URL */
export function repositoryPath({ owner, repo }: Repository): readonly [string, string, string] {
  if (isRepositoryName(owner) && isRepositoryName(repo)) return ['repos', owner, repo];
  throw new InvalidGiteaNameError(`${JSON.stringify(`${owner}/${repo}`.slice(0, 120))} is no repository`);
}

/** @throws {InvalidGiteaNameError} if it is no issue's address */
export function issuePath(ref: IssueRef): GiteaPath {
  return [...repositoryPath(ref), 'issues', numberSegment(ref)];
}

/** @throws {InvalidGiteaNameError} if it is no pull request's address */
export function pullPath(ref: IssueRef): GiteaPath {
  return [...repositoryPath(ref), 'pulls', numberSegment(ref)];
}

function numberSegment({ number }: IssueRef): number {
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidGiteaNameError(`${number} is no issue number`);
}

/** Whether it is a full commit id. */
export function isCommit(text: string): boolean {
  return COMMIT.test(text);
}

/** @throws {InvalidGiteaNameError} if it is no full commit id */
export function commitSegment(commit: string): string {
  if (isCommit(commit)) return commit;
  throw new InvalidGiteaNameError(`${JSON.stringify(commit.slice(0, 80))} is no full commit id`);
}
