import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecretScrubber } from '../kernel/index.js';
import { TreeRefusedError } from './workspaces.errors.js';

/** The paths of a tree that differ from the last commit, as `git ls-files` lists them. */
export interface TreeChanges {
  /** Files that are not in the index. A repository inside the tree ends with a slash. */
  readonly added: readonly string[];
  /** Files whose content differs, or that are gone. */
  readonly modified: readonly string[];
  /** Submodules of the last commit. */
  readonly submodules: readonly string[];
}

export interface TreeLimits {
  readonly maxFileBytes: number;
  readonly maxChangedFiles: number;
  readonly scrubber: Pick<SecretScrubber, 'isIn'>;
}

/**
 * Refuses a tree that must not become a commit, before git reads the files.
 *
 * @throws {TreeRefusedError} naming the paths and what to do about them
 */
export async function refuseUnfitChanges(tree: string, changes: TreeChanges, limits: TreeLimits): Promise<void> {
  const repositories = changes.added.filter((path) => path.endsWith('/'));
  if (repositories.length > 0) {
    throw refusal('a git repository inside the tree', repositories, 'Delete it, or delete its .git to keep the files');
  }
  // Git would run inside a submodule to see whether it changed, with the submodule's own configuration.
  const populated = await pathsWhere(
    changes.submodules,
    async (path) => (await sizeOf(join(tree, path, '.git'))) !== null,
  );
  if (populated.length > 0) {
    throw refusal('a submodule that was filled', populated, 'Submodules cannot be changed here: delete its files');
  }
  const count = changes.added.length + changes.modified.length;
  if (count > limits.maxChangedFiles) {
    const most = changes.added.slice(0, 1);
    throw refusal(
      `${count} new or changed files, more than ${limits.maxChangedFiles}`,
      most,
      'Add what is generated or installed to .gitignore',
    );
  }
  const unreadable = await pathsWhere(changes.added, async (path) => (await sizeOf(join(tree, path))) === null);
  if (unreadable.length > 0) {
    throw refusal('a file whose name is not valid UTF-8', unreadable, 'Rename or delete it');
  }
  const all = [...changes.added, ...changes.modified];
  const large = await pathsWhere(all, async (path) => ((await sizeOf(join(tree, path))) ?? 0) > limits.maxFileBytes);
  if (large.length > 0) {
    throw refusal(
      `a file of more than ${limits.maxFileBytes} bytes`,
      large,
      'Delete it, or add it to .gitignore if it is generated',
    );
  }
  const telling = await pathsWhere(all, async (path) => limits.scrubber.isIn(await contentOf(join(tree, path))));
  if (telling.length > 0) throw refusal('a secret of the coordinator', telling, 'Take it out');
}

/** The error that names the first paths of a kind. */
function refusal(what: string, paths: readonly string[], remedy: string): TreeRefusedError {
  const named = paths.slice(0, 5).map((path) => JSON.stringify(path.slice(0, 200)));
  const more = paths.length > named.length ? ` and ${paths.length - named.length} more` : '';
  return new TreeRefusedError(`The tree holds ${what}: ${named.join(', ')}${more}. ${remedy}.`);
}

async function pathsWhere(paths: readonly string[], test: (path: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) if (await test(path)) found.push(path);
  return found;
}

/** The size of what stands at a path, links not followed; null when nothing does. */
async function sizeOf(path: string): Promise<number | null> {
  return lstat(path).then(
    (stat) => stat.size,
    () => null,
  );
}

/** What a regular file holds; nothing where there is none. A link is not followed and a pipe not waited for. */
async function contentOf(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
  if (file === null) return Buffer.alloc(0);
  try {
    return (await file.stat()).isFile() ? await file.readFile() : Buffer.alloc(0);
  } finally {
    await file.close();
  }
}
