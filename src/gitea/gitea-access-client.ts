import { Inject, Injectable } from '@nestjs/common';
import { fieldsOf, optionalFlag, optionalText, requiredText } from './answer-fields.js';
import { GiteaHttp } from './gitea-http.js';
import { repositoryPath, type GiteaPath, type Repository } from './gitea-paths.js';
import { GiteaRequestError } from './gitea.errors.js';
import type { GiteaRepositoryStanding } from './gitea-setup.types.js';
import { readUser } from './read-answer.js';

/** What the token may do, found out without doing anything. */
@Injectable()
export class GiteaAccessClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /** What Gitea's clock says, in milliseconds since 1970; null where it does not say. Needs no token. */
  async serverTime(): Promise<number | null> {
    return (await this.http.send({ method: 'GET', path: ['version'] })).sentAt;
  }

  async standing(ref: Repository): Promise<GiteaRepositoryStanding> {
    const what = 'a repository';
    const fields = fieldsOf(await this.http.get(repositoryPath(ref)), what);
    const permissions = fieldsOf(fields['permissions'] ?? {}, "a repository's permissions");
    const tracker = fieldsOf(fields['internal_tracker'] ?? {}, "a repository's tracker");
    return {
      owner: readUser(fields['owner']).login,
      name: requiredText(fields, 'name', what),
      defaultBranch: optionalText(fields, 'default_branch') || null,
      isEmpty: optionalFlag(fields, 'empty'),
      isArchived: optionalFlag(fields, 'archived'),
      hasIssues: optionalFlag(fields, 'has_issues'),
      hasPullRequests: optionalFlag(fields, 'has_pull_requests'),
      hasDependencies: optionalFlag(tracker, 'enable_issue_dependencies'),
      mayWrite: optionalFlag(permissions, 'push'),
      mayAdminister: optionalFlag(permissions, 'admin'),
    };
  }

  /**
   * Resolves if the token may write to the repository's code, with its scopes and its account's permission.
   *
   * It asks for a branch without a name. Gitea looks at scopes and permission first, then refuses with 422
   * (routers/api/v1/api.go): nothing is made.
   *
   * @throws {GiteaAuthError} with Gitea's reason if it may not
   */
  tryWritingCode(ref: Repository): Promise<void> {
    return this.expectRefusal([...repositoryPath(ref), 'branches']);
  }

  /**
   * As `tryWritingCode`, for issues: it asks for a label without a name.
   *
   * @throws {GiteaAuthError} with Gitea's reason if it may not
   */
  tryWritingIssues(ref: Repository): Promise<void> {
    return this.expectRefusal([...repositoryPath(ref), 'labels']);
  }

  private async expectRefusal(path: GiteaPath): Promise<void> {
    try {
      await this.http.send({ method: 'POST', path, body: {} });
    } catch (error) {
      if (!(error instanceof GiteaRequestError) || error.status !== 422) throw error;
    }
  }
}
