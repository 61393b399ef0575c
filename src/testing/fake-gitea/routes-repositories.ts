import { paged, repositoryOf, requireUser, type ApiRoute } from './api-call.js';
import { notFound } from './fake-gitea.errors.js';
import { representBranches } from './represent-commit.js';
import { representRepository, representUser } from './represent-repository.js';

const REPOSITORY = '/repos/:owner/:repo';

/** The server, the asker, and repositories: routers/api/v1/misc, user and repo/repo.go, branch.go, collaborators.go. */
export const REPOSITORY_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/version',
    scope: null,
    answer: (call) => ({ status: 200, body: { version: call.world.settings.version } }),
  },
  {
    method: 'GET',
    path: '/settings/api',
    scope: null,
    answer: ({ world: { settings } }) => ({
      status: 200,
      body: {
        max_response_items: settings.largestPageSize,
        default_paging_num: settings.defaultPageSize,
        default_git_trees_per_page: 1000,
        default_max_blob_size: 10_485_760,
        default_max_response_size: 104_857_600,
      },
    }),
  },
  {
    method: 'GET',
    path: '/user',
    scope: 'user',
    answer: (call) => ({ status: 200, body: representUser(call.world, requireUser(call)) }),
  },
  {
    method: 'GET',
    path: '/users/:login',
    scope: 'user',
    answer(call) {
      const user = call.world.users.get(call.param('login').toLowerCase());
      if (!user) throw notFound();
      return { status: 200, body: representUser(call.world, user) };
    },
  },
  {
    method: 'GET',
    path: REPOSITORY,
    scope: 'repository',
    answer: (call) => ({ status: 200, body: representRepository(call.world, repositoryOf(call), call.user) }),
  },
  {
    method: 'GET',
    path: `${REPOSITORY}/branches`,
    scope: 'repository',
    async answer(call) {
      const repository = repositoryOf(call);
      const listed = paged(call, [...repository.branches], (branch) => branch);
      return { ...listed, body: await representBranches(call, repository, listed.body as [string, string][]) };
    },
  },
  {
    method: 'GET',
    path: `${REPOSITORY}/branches/*branch`,
    scope: 'repository',
    async answer(call) {
      const name = call.param('branch');
      const repository = repositoryOf(call);
      const id = repository.branches.get(name);
      if (id === undefined) throw notFound();
      const [body] = await representBranches(call, repository, [[name, id]]);
      return { status: 200, body };
    },
  },
];
