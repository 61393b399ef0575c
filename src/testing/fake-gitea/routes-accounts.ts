import { randomBytes } from 'node:crypto';
import { addRepository, deleteRepository } from './act-on-repositories.js';
import {
  optionalList,
  optionalText,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import { ACCESS_LEVELS, type AccessLevel, type FakeUser } from './fake-gitea.types.js';
import { goTime } from './go-json.js';
import { representRepository, representUser } from './represent-repository.js';

/** Accounts, their tokens and repositories: routers/api/v1/admin/user.go, user/app.go, repo/repo.go, collaborators.go. */
export const ACCOUNT_ROUTES: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/admin/users',
    scope: 'admin',
    answer(call) {
      requireSiteAdmin(call);
      const login = requiredText(call, 'username');
      requiredText(call, 'email');
      if (call.world.users.has(login.toLowerCase())) {
        throw new ApiRefusal(422, `user already exists [name: ${login}]`);
      }
      const user = call.world.addUser(login);
      call.world.passwords.set(user, optionalText(call, 'password') ?? '');
      return { status: 201, body: representUser(call.world, user) };
    },
  },
  {
    method: 'DELETE',
    path: '/admin/users/:login',
    scope: 'admin',
    // With `purge=true` everything of it goes too; without, an account that owns something is a 422.
    async answer(call) {
      requireSiteAdmin(call);
      const user = userOf(call);
      const owned = [...call.world.repositories.values()].filter(({ owner }) => owner === user);
      if (owned.length > 0 && call.query.get('purge') !== 'true') {
        throw new ApiRefusal(422, `user still has ownership of repositories [uid: ${user.id}]`);
      }
      for (const repository of owned) await deleteRepository(call.world, repository);
      call.world.removeUser(user);
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/users/:login/tokens',
    scope: 'user',
    // With the account's password only, never with a token (`reqBasicOrRevProxyAuth`). Shown once, as `sha1`.
    answer(call) {
      const user = userOf(call);
      if (!call.isByPassword) throw new ApiRefusal(401, 'auth required');
      if (requireUser(call) !== user)
        throw new ApiRefusal(403, 'doer should be the site admin or be same as the contextUser');
      const name = requiredText(call, 'name');
      const scopes = (optionalList(call, 'scopes') ?? []).map(String);
      if (scopes.length === 0) throw new ApiRefusal(400, 'access token must have a scope');
      const token = randomBytes(20).toString('hex');
      call.world.tokens.set(token, { user, scopes });
      const at = goTime(call.world.now());
      const id = call.world.newId();
      const body = {
        id,
        name,
        sha1: token,
        token_last_eight: token.slice(-8),
        scopes,
        created_at: at,
        last_used_at: at,
      };
      return { status: 201, body };
    },
  },
  {
    method: 'POST',
    path: '/user/repos',
    scope: 'user',
    async answer(call) {
      const user = requireUser(call);
      const name = requiredText(call, 'name');
      if (call.world.findRepository({ owner: user.login, repo: name })) {
        throw new ApiRefusal(409, 'The repository with the same name already exists.');
      }
      const repository = await addRepository(call.world, {
        owner: user.login,
        name,
        defaultBranch: optionalText(call, 'default_branch') ?? 'main',
        private: call.body['private'] === true,
        files: call.body['auto_init'] === true ? { 'README.md': `# ${name}\n` } : {},
      });
      return { status: 201, body: representRepository(call.world, repository, user) };
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo',
    scope: 'repository',
    async answer(call) {
      requireUser(call);
      await deleteRepository(call.world, repositoryOf(call, 'admin'));
      return { status: 204 };
    },
  },
  {
    method: 'PUT',
    path: '/repos/:owner/:repo/collaborators/:login',
    scope: 'repository',
    // Write, unless something else is asked for.
    answer(call) {
      requireUser(call);
      const repository = repositoryOf(call, 'admin');
      const user = userOf(call);
      const level = optionalText(call, 'permission') ?? 'write';
      if (!isLevel(level) || level === 'none') throw new ApiRefusal(422, `[Permission]: In`);
      repository.collaborators.set(user.login.toLowerCase(), level);
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/collaborators/:login',
    scope: 'repository',
    // 422 for an account that is not there, and 204 for one that was no collaborator (`DeleteCollaborator`).
    answer(call) {
      requireUser(call);
      const repository = repositoryOf(call, 'admin');
      const login = call.param('login').toLowerCase();
      if (!call.world.users.has(login)) throw new ApiRefusal(422, `user does not exist [name: ${login}]`);
      repository.collaborators.delete(login);
      return { status: 204 };
    },
  },
];

function requireSiteAdmin(call: ApiCall): void {
  if (!requireUser(call).isAdmin) throw new ApiRefusal(403, 'user should be the site admin');
}

function userOf(call: ApiCall): FakeUser {
  const user = call.world.users.get(call.param('login').toLowerCase());
  if (!user) throw notFound();
  return user;
}

function isLevel(text: string): text is AccessLevel {
  return (ACCESS_LEVELS as readonly string[]).includes(text);
}
