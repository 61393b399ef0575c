import type { IssueRef } from '../../kernel/index.js';
import type { FakeIssue, FakeRepository } from './fake-gitea.types.js';

/** `owner/name` */
export function repositoryPath(repository: FakeRepository): string {
  return `${repository.owner.login}/${repository.name}`;
}

/** How the rest of the package names an issue. */
export function refOf(issue: FakeIssue): IssueRef {
  return { owner: issue.repository.owner.login, repo: issue.repository.name, number: issue.number };
}
