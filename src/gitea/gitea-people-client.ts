import { Inject, Injectable } from '@nestjs/common';
import { isRepositoryName } from '../kernel/index.js';
import { readList } from './answer-fields.js';
import { GiteaHttp } from './gitea-http.js';
import { repositoryPath, type Repository } from './gitea-paths.js';
import type { GiteaTeam, Permission, Person } from './gitea-people.types.js';
import { InvalidGiteaNameError } from './gitea.errors.js';
import { readUser } from './read-answer.js';
import { readPermission, readTeam } from './read-people.js';

/**
 * What Gitea says of what people may do. One method an endpoint, as in GiteaClient, with the same errors.
 */
@Injectable()
export class GiteaPeopleClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /**
   * What an account may do. Gitea tells it to administrators of the repository alone, and 403 to others who ask about
   * somebody else (routers/api/v1/repo/collaborators.go `GetRepoPermissions`).
   */
  async permission(
    ref: Repository,
    login: string,
  ): Promise<{ readonly person: Person; readonly permission: Permission }> {
    const path = [...repositoryPath(ref), 'collaborators', loginSegment(login), 'permission'];
    return readPermission(await this.http.get(path));
  }

  /** Whoever may be assigned to issues. Gitea does not page them. */
  async assignableUsers(ref: Repository): Promise<Person[]> {
    return readList(await this.http.get([...repositoryPath(ref), 'assignees']), readUser);
  }

  /** The teams that may do something with the repository. 405 where no organisation owns it. Gitea does not page them. */
  async teams(ref: Repository): Promise<GiteaTeam[]> {
    return readList(await this.http.get([...repositoryPath(ref), 'teams']), readTeam);
  }

  /** Resolves if the account is in the team. 404 if not; 403 or 404 if the bot is not in it itself, nor owns it. */
  async teamMember(teamId: number, login: string): Promise<void> {
    readUser(await this.http.get(['teams', teamId, 'members', loginSegment(login)]));
  }
}

/** Logins are made of the same characters as repositories' names: modules/validation/helpers.go. */
function loginSegment(login: string): string {
  if (isRepositoryName(login)) return login;
  throw new InvalidGiteaNameError(`${JSON.stringify(login.slice(0, 120))} is no login`);
}
