import { repositoryOf, requireUser, type ApiCall, type ApiRoute } from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeRepository, FakeTeam, FakeUser } from './fake-gitea.types.js';
import { representTeam, representUser } from './represent-repository.js';
import { permissionOfTeam, teamsOf } from './teams.js';

const REPOSITORY = '/repos/:owner/:repo';

/** What people may do: routers/api/v1/repo/collaborators.go and teams.go, routers/api/v1/org/team.go. */
export const PEOPLE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: `${REPOSITORY}/assignees`,
    scope: 'repository',
    // In one answer (models/repo/user_repo.go `GetRepoAssignees`).
    answer(call) {
      requireUser(call);
      const repository = repositoryOf(call);
      const found = [...call.world.users.values()].filter((user) => canBeAssigned(call.world, user, repository));
      return { status: 200, body: found.map((user) => representUser(call.world, user)) };
    },
  },
  {
    method: 'GET',
    path: `${REPOSITORY}/collaborators/:login/permission`,
    scope: 'repository',
    // Administrators may ask for anybody's, everybody for their own: before 1.24 not even that, for the name at a login
    // source was compared, which local accounts do not have (`GetRepoPermissions`, #33689).
    answer(call) {
      const asker = requireUser(call);
      const repository = repositoryOf(call);
      const login = call.param('login');
      const isOwn = asker.login.toLowerCase() === login.toLowerCase() && call.world.isAtLeast(1, 24);
      if (!isOwn && !call.world.may(asker, 'admin', repository)) {
        throw new ApiRefusal(403, 'Only admins can query all permissions, collaborators can query only their own');
      }
      const user = call.world.users.get(login.toLowerCase());
      if (!user) throw notFound();
      const isOwner = user.isAdmin || user.id === repository.owner.id;
      const permission = isOwner ? 'owner' : call.world.accessOf(user, repository);
      return { status: 200, body: { permission, role_name: permission, user: representUser(call.world, user) } };
    },
  },
  {
    method: 'GET',
    path: `${REPOSITORY}/teams`,
    scope: 'repository',
    // In one answer (`ListTeams`).
    answer(call) {
      requireUser(call);
      const teams = teamsOf(call.world, repositoryOf(call));
      if (teams.length === 0) throw new ApiRefusal(405, 'repo is not owned by an organization');
      return { status: 200, body: teams.map((team) => representTeam(team, permissionOfTeam(team))) };
    },
  },
  {
    method: 'GET',
    path: '/teams/:team/members/:login',
    scope: 'organization',
    answer(call) {
      const team = call.world.teams.find(({ id }) => id === Number(call.param('team')));
      if (!team) throw notFound();
      requireMembership(call, team, requireUser(call));
      const user = call.world.users.get(call.param('login').toLowerCase());
      if (!user || !team.members.has(user)) throw notFound();
      return { status: 200, body: representUser(call.world, user) };
    },
  },
];

/** Members of other teams of the organisation get 403, strangers 404 (routers/api/v1/api.go `reqTeamMembership`). */
function requireMembership(call: ApiCall, team: FakeTeam, asker: FakeUser): void {
  if (asker.isAdmin || asker === team.organization || team.members.has(asker)) return;
  const isInside = call.world.teams.some(
    (other) => other.organization === team.organization && other.members.has(asker),
  );
  throw isInside ? new ApiRefusal(403, 'Must be a team member') : notFound();
}

/**
 * Whoever may write, and in an organisation also members of teams that may write to anything, or read pull requests
 * (models/repo/user_repo.go `GetRepoAssignees`).
 */
function canBeAssigned(world: FakeGiteaWorld, user: FakeUser, repository: FakeRepository): boolean {
  const teams = teamsOf(world, repository);
  const isOrganization = teams.length > 0 && user === repository.owner;
  const isInTeam = teams.some(
    ({ members, units }) =>
      members.has(user) &&
      (units['repo.pulls'] === 'read' || Object.values(units).some((level) => level === 'write' || level === 'admin')),
  );
  return !isOrganization && (isInTeam || world.may(user, 'write', repository));
}
