import { ACCESS_LEVELS, type AccessLevel, type FakeRepository, type FakeTeam } from './fake-gitea.types.js';

/** The teams of the organisation that owns the repository; none where nobody made any. */
export function teamsOf(
  world: { readonly teams: readonly FakeTeam[] },
  repository: FakeRepository,
): readonly FakeTeam[] {
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
