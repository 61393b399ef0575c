import { optionalText, refuseArchived, repositoryOf, requireUser, requiredText, type ApiRoute } from './api-call.js';
import { noticeBranches } from './act-on-pulls.js';
import { commitFiles, createBranch, deleteBranch, readFileAt, resolveCommit } from './bare-repository.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import { representBranches, representFile, representFileCommit } from './represent-commit.js';

const REPOSITORY = '/repos/:owner/:repo';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Files and branches that are made over the REST interface: routers/api/v1/repo/file.go and branch.go. */
export const FILE_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: `${REPOSITORY}/contents/*path`,
    scope: 'repository',
    async answer(call) {
      const repository = repositoryOf(call);
      const path = call.param('path');
      const text = await readFileAt(
        call.world.place(repository),
        call.query.get('ref') ?? repository.defaultBranch,
        path,
      );
      if (text === null) throw notFound();
      return { status: 200, body: representFile(call, repository, path, text) };
    },
  },
  {
    method: 'POST',
    path: `${REPOSITORY}/contents/*path`,
    scope: 'repository',
    // 422 for a file or a new branch that is there already, 404 for a base branch that is not
    // (`handleCreateOrUpdateFileError`).
    async answer(call) {
      const user = requireUser(call);
      const repository = repositoryOf(call, 'write');
      refuseArchived(repository);
      const content = requiredText(call, 'content');
      if (!BASE64.test(content)) throw new ApiRefusal(422, 'illegal base64 data at input byte 0');
      const from = optionalText(call, 'branch') || repository.defaultBranch;
      const branch = optionalText(call, 'new_branch') || from;
      const path = call.param('path');
      const place = call.world.place(repository);
      if (repository.branches.size > 0 && !repository.branches.has(from)) {
        throw new ApiRefusal(404, `branch does not exist [name: ${from}]`);
      }
      if (branch !== from && repository.branches.has(branch)) {
        throw new ApiRefusal(422, `branch already exists [name: ${branch}]`);
      }
      if ((await readFileAt(place, from, path)) !== null) {
        throw new ApiRefusal(422, `repository file already exists [path: ${path}]`);
      }
      const text = Buffer.from(content, 'base64').toString('utf8');
      const message = optionalText(call, 'message') || `Add ${path}`;
      const by = { name: user.login, at: call.world.now() };
      const id = await commitFiles(place, branch, { files: { [path]: text }, message: `${message}\n`, by, from });
      await noticeBranches(call.world, repository, user);
      return {
        status: 201,
        body: {
          content: representFile(call, repository, path, text),
          commit: await representFileCommit(call, repository, id),
          verification: null,
        },
      };
    },
  },
  {
    method: 'POST',
    path: `${REPOSITORY}/branches`,
    scope: 'repository',
    // Permission comes before the form (routers/api/v1/api.go).
    async answer(call) {
      const user = requireUser(call);
      const repository = repositoryOf(call, 'write');
      refuseArchived(repository);
      const name = requiredText(call, 'new_branch_name');
      const from = optionalText(call, 'old_ref_name') || repository.defaultBranch;
      if (repository.branches.has(name)) throw new ApiRefusal(409, 'The branch already exists.');
      const id = await resolveCommit(call.world.place(repository), from);
      if (id === null) throw notFound();
      await createBranch(call.world.place(repository), name, id);
      await noticeBranches(call.world, repository, user);
      const [body] = await representBranches(call, repository, [[name, id]]);
      return { status: 201, body };
    },
  },
  {
    method: 'DELETE',
    path: `${REPOSITORY}/branches/*branch`,
    scope: 'repository',
    async answer(call) {
      const user = requireUser(call);
      const repository = repositoryOf(call, 'write');
      const name = call.param('branch');
      if (!repository.branches.has(name)) throw notFound();
      if (name === repository.defaultBranch) throw new ApiRefusal(403, 'can not delete default branch');
      await deleteBranch(call.world.place(repository), name);
      await noticeBranches(call.world, repository, user);
      return { status: 204 };
    },
  },
];
