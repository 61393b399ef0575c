import type { FakeGiteaWorld } from './fake-gitea-world.js';
import {
  ACCESS_LEVELS,
  type AccessLevel,
  type FakeRepository,
  type FakeTeam,
  type FakeUser,
} from './fake-gitea.types.js';

/** The teams of the organisation that owns the repository; none where nobody made any. */
export function teamsOf(world: Pick<FakeGiteaWorld, 'teams'>, repository: FakeRepository): readonly FakeTeam[] {
  return world.teams.filter((team) => team.organization === repository.owner);
}

/**
 * What Gitea counts a team's members as: the least that it may do with any unit of which it may do something
 * (models/unit/unit.go `MinUnitAccessMode`). So a team that writes code and reads the wiki reads.
 */
export function permissionOfTeam(team: FakeTeam): AccessLevel {
  const levels = Object.values(team.units);
  return ACCESS_LEVELS.find((level) => level !== 'none' && levels.includes(level)) ?? 'none';
}

/**
 * Whoever may write, and in an organisation also members of teams that may write to anything, or read pull requests
 * (models/repo/user_repo.go `GetRepoAssignees`).
 */
export function canBeAssigned(world: FakeGiteaWorld, user: FakeUser, repository: FakeRepository): boolean {
  const teams = teamsOf(world, repository);
  const isOrganization = teams.length > 0 && user === repository.owner;
  const isInTeam = teams.some(
    ({ members, units }) =>
      members.has(user) &&
      (units['repo.pulls'] === 'read' || Object.values(units).some((level) => level === 'write' || level === 'admin')),
  );
  return !isOrganization && (isInTeam || world.may(user, 'write', repository));
}
