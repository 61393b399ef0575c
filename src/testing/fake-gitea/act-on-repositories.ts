import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isRepositoryName, repositoryKey } from '../../kernel/index.js';
import { commitFiles, createBareRepository, listBranches } from './bare-repository.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FakeRepository, RepositoryOptions } from './fake-gitea.types.js';

/**
 * Makes a repository, on disk too.
 *
 * @throws {FakeGiteaError} if the name is taken or is none
 */
export async function addRepository(world: FakeGiteaWorld, options: RepositoryOptions): Promise<FakeRepository> {
  const { owner, name, defaultBranch = 'main', files = {} } = options;
  const ref = { owner, repo: name };
  if (!isRepositoryName(owner) || !isRepositoryName(name) || world.findRepository(ref)) {
    throw new FakeGiteaError(`${owner}/${name} exists already, or is no name for a repository`);
  }
  const directory = join(world.settings.folder, owner.toLowerCase(), `${name.toLowerCase()}.git`);
  await mkdir(directory, { recursive: true });
  const place = { directory, searchPath: world.settings.searchPath };
  await createBareRepository(place, defaultBranch, options.protectedBranches ?? []);
  const by = { name: owner, at: world.now() };
  if (Object.keys(files).length > 0) await commitFiles(place, defaultBranch, { files, message: 'Begin\n', by });
  const repository: FakeRepository = {
    id: world.newId(),
    owner: world.addUser(owner),
    name,
    isPrivate: options.private ?? false,
    defaultBranch,
    directory,
    collaborators: new Map(
      Object.entries(options.collaborators ?? {}).map(([login, level]) => [
        world.addUser(login).login.toLowerCase(),
        level,
      ]),
    ),
    issues: new Map(),
    labels: [],
    statuses: [],
    createdAt: world.now(),
    branches: await listBranches(place),
    lastNumber: 0,
    hasDependencies: options.hasDependencies ?? true,
    isArchived: false,
  };
  world.repositories.set(repositoryKey(ref), repository);
  return repository;
}

/** Deletes a repository with its issues and hooks. No webhook of its own tells (go-gitea: `repository` goes to others). */
export async function deleteRepository(world: FakeGiteaWorld, repository: FakeRepository): Promise<void> {
  world.repositories.delete(repositoryKey({ owner: repository.owner.login, repo: repository.name }));
  const others = world.hooks.filter((hook) => hook.repository !== repository);
  world.hooks.splice(0, world.hooks.length, ...others);
  await rm(repository.directory, { recursive: true, force: true });
}
