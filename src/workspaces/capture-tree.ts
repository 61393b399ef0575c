import { rm } from 'node:fs/promises';
import type { Git } from './git.js';
import type { GitCall } from './git-command.js';
import { refuseUnfitChanges, type TreeLimits } from './tree-changes.js';
import { TreeRefusedError } from './workspaces.errors.js';

/** A tree to turn into an object of a repository that is not the tree's own. */
export interface TreeToCapture {
  /** The coordinator's repository. */
  readonly repository: string;
  /** The agent's tree. */
  readonly tree: string;
  /** The coordinator's index for it. Kept between captures, so that unchanged files are not read again. */
  readonly index: string;
  /** The commit that decides what is tracked already. */
  readonly parent: string;
  readonly limits: TreeLimits;
}

const LIST_BYTES = 64_000_000;

/**
 * Takes a tree as it is into the object store, and resolves with the tree's object name.
 *
 * The tree's own `.git` is not looked at: what the agent committed, staged or configured there says nothing. Of the
 * tree, git reads file contents, `.gitignore` and `.gitattributes`; a filter that the latter names is configured
 * nowhere and so does not exist.
 *
 * @throws {TreeRefusedError} if the tree holds what must not become a commit
 */
export async function captureTree(git: Git, wanted: TreeToCapture): Promise<string> {
  const call = (args: GitCall['args'], operands?: readonly string[]): GitCall => ({
    repository: wanted.repository,
    workTree: wanted.tree,
    index: wanted.index,
    args,
    ...(operands ? { operands } : {}),
  });
  const list = async (...args: GitCall['args']): Promise<readonly string[]> => {
    const result = await git.attempt(call(args), { keepOutputBytes: LIST_BYTES });
    if (result.exitCode !== 0) throw git.failure(call(args), result);
    if (result.stdout.isTruncated) {
      throw new TreeRefusedError(
        'The tree holds more new or changed files than can be listed. Add what is generated or installed to .gitignore.',
      );
    }
    return result.stdout.text.split('\0').filter((path) => path !== '');
  };

  // Git that was killed leaves its lock behind.
  await rm(`${wanted.index}.lock`, { force: true });
  const kept = await git.attempt(call(['read-tree', '-m'], [wanted.parent]));
  if (kept.exitCode !== 0) {
    await rm(wanted.index, { force: true });
    await git.run(call(['read-tree'], [wanted.parent]));
  }
  // Its exit code says that files differ, which is what they are here for.
  await git.attempt(call(['update-index', '-q', '--refresh']));

  const changed = await list('ls-files', '-z', '-t', '--others', '--modified', '--exclude-standard');
  const tracked = await list('ls-files', '-z', '--stage');
  await refuseUnfitChanges(
    wanted.tree,
    {
      added: changed.filter((line) => line.startsWith(UNTRACKED)).map((line) => line.slice(2)),
      modified: changed.filter((line) => !line.startsWith(UNTRACKED)).map((line) => line.slice(2)),
      submodules: tracked
        .filter((line) => line.startsWith(SUBMODULE))
        .map((line) => line.slice(line.indexOf('\t') + 1)),
    },
    wanted.limits,
  );
  const added = await git.attempt(call(['add', '--all']));
  if (added.ending === 'exited' && added.exitCode !== 0) {
    const said = added.stderr.text.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
    throw new TreeRefusedError(`The tree holds a path that git refuses: ${said.trim()}. Rename or delete it.`);
  }
  if (added.exitCode !== 0) throw git.failure(call(['add']), added);
  return (await git.run(call(['write-tree']))).trim();
}

/** How `git ls-files -t` marks a file that is not in the index. */
const UNTRACKED = '? ';
/** The mode by which `git ls-files --stage` shows a submodule. */
const SUBMODULE = '160000 ';
