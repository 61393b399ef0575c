import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, isRepositoryName } from '../kernel/index.js';
import type { Repository } from './gitea-paths.js';
import { GiteaPeopleClient } from './gitea-people-client.js';
import type { GiteaTeam, Person, PermissionReading } from './gitea-people.types.js';
import { GiteaAuthError, GiteaRequestError } from './gitea.errors.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import { isMissing } from './missing.js';

const WRITING = new Set(['write', 'admin', 'owner']);

/** What Gitea said of somebody: *hidden* where it does not say it to the bot. */
type Answer = Extract<PermissionReading, { readonly kind: 'found' | 'absent' }> | { readonly kind: 'hidden' };

/**
 * What people may do with repositories, by Gitea's word.
 *
 * Gitea answers the question itself to the repository's administrators only, and where an organisation owns it, with
 * the least of what a team may do: `read` for a team that writes code and reads the wiki
 * (models/perm/access/repo_permission.go, models/unit/unit.go `MinUnitAccessMode`). In both cases the list of those who
 * can be assigned decides, as far as the teams leave no doubt about it.
 */
@Injectable()
export class GiteaPermissions {
  constructor(
    @Inject(GiteaPeopleClient) private readonly client: GiteaPeopleClient,
    @Inject(GITEA_OPTIONS) private readonly options: Pick<GiteaOptions, 'token'>,
  ) {}

  /** What this account may do. In doubt less than it may. */
  async permissionOf(repository: Repository, login: string): Promise<PermissionReading> {
    if (this.options.token === null) return { kind: 'unknown' };
    if (!isRepositoryName(login)) return { kind: 'absent' };
    const answer = await this.ask(repository, login);
    if (answer.kind === 'absent') return answer;
    if (answer.kind === 'found' && WRITING.has(answer.permission)) return answer;

    const listed = (await this.client.assignableUsers(repository)).find((user) => isSameLogin(user.login, login));
    if (listed === undefined) return answer.kind === 'found' ? answer : { kind: 'absent' };
    const mayWrite = await this.mayWrite(repository, listed, answer.kind === 'hidden');
    return { kind: 'found', person: listed, permission: mayWrite ? 'write' : 'read' };
  }

  private async ask(repository: Repository, login: string): Promise<Answer> {
    try {
      return { kind: 'found', ...(await this.client.permission(repository, login)) };
    } catch (error) {
      if (isMissing(error)) return { kind: 'absent' };
      if (error instanceof GiteaAuthError && error.status === 403) return { kind: 'hidden' };
      throw error;
    }
  }

  /**
   * Whether somebody who can be assigned may write. In an organisation's repository one who may write to anything of
   * it, or read pull requests by a team, can be assigned too (models/repo/user_repo.go `GetRepoAssignees`).
   */
  private async mayWrite(repository: Repository, { login }: Person, isHidden: boolean): Promise<boolean> {
    const teams = await this.teamsOf(repository);
    if (teams === null) return isHidden;
    const writers = teams.filter(writesCode);
    // Then nobody is on the list but by writing, by a team or as a collaborator.
    if (writers.length === teams.filter(canBeAssigned).length) return true;
    for (const team of writers) if (await this.isMember(team, login)) return true;
    return false;
  }

  /** Null where no organisation owns the repository. */
  private async teamsOf(repository: Repository): Promise<readonly GiteaTeam[] | null> {
    try {
      return await this.client.teams(repository);
    } catch (error) {
      if (error instanceof GiteaRequestError && error.status === 405) return null;
      throw error;
    }
  }

  /** False too where the bot may not look into the team. */
  private async isMember(team: GiteaTeam, login: string): Promise<boolean> {
    try {
      await this.client.teamMember(team.id, login);
      return true;
    } catch (error) {
      const isNo = isMissing(error);
      if (isNo || (error instanceof GiteaAuthError && error.status === 403)) return false;
      throw error;
    }
  }
}

function writesCode({ permission, units }: GiteaTeam): boolean {
  return permission === 'admin' || permission === 'owner' || WRITING.has(units['repo.code'] ?? 'none');
}

function canBeAssigned(team: GiteaTeam): boolean {
  const { units } = team;
  return writesCode(team) || units['repo.pulls'] === 'read' || Object.values(units).some((mode) => WRITING.has(mode));
}
