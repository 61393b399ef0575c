import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from './git.js';
import type { GitCall } from './git-command.js';
import { HEADS, ORIGIN } from './repository-mirror.js';

/** What the repository an agent works in is made of. */
export interface AgentRepository {
  /** The tree, absolute. Its `.git` must not exist. */
  readonly tree: string;
  /** The coordinator's bare repository, whose objects it shares. */
  readonly mirror: string;
  readonly branch: string;
  /** Where the branch begins. */
  readonly startCommit: string;
  readonly baseBranch: string;
  readonly baseCommit: string;
  readonly author: { readonly name: string; readonly email: string };
  /** False to leave the files as they are, as when only `.git` was lost. */
  readonly writesFiles: boolean;
}

/**
 * Makes the repository that an agent works in: a clone that shares the mirror's objects, on the job's branch, with the
 * base branch to compare with, and without a remote. It is the last time that git is run in it.
 *
 * Not a worktree, because an agent in one could write the mirror's references and configuration.
 */
export async function makeAgentRepository(git: Git, wanted: AgentRepository): Promise<void> {
  const repository = join(wanted.tree, '.git');
  const run = (args: GitCall['args'], operands?: readonly string[]): Promise<string> =>
    git.run({ repository, workTree: wanted.tree, args, ...(operands ? { operands } : {}) });

  await run(['init', '--quiet', '--template=', `--initial-branch=${wanted.branch}`]);
  await mkdir(join(repository, 'objects', 'info'), { recursive: true });
  await writeFile(join(repository, 'objects', 'info', 'alternates'), `${join(wanted.mirror, 'objects')}\n`);
  await appendFile(join(repository, 'config'), userSettings(wanted.author));
  const references = [
    `${ORIGIN}${wanted.baseBranch} ${wanted.baseCommit}`,
    `${HEADS}${wanted.branch} ${wanted.startCommit}`,
  ];
  await git.run(
    { repository, args: ['update-ref', '--stdin'] },
    { stdin: references.map((line) => `create ${line}\n`).join('') },
  );
  await run(['read-tree', '--reset', ...(wanted.writesFiles ? ['-u'] : [])], [wanted.startCommit]);
}

/** A section of a configuration file: git-config(1), Syntax. */
function userSettings(author: AgentRepository['author']): string {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;
  return `[user]\n\tname = ${quoted(author.name)}\n\temail = ${quoted(author.email)}\n`;
}

/**
 * Writes the files of one commit into a new directory, as a repository of its own with that commit alone, as a build
 * server's checkout is: commands that ask git which files there are work in it, and it needs nothing outside of it.
 *
 * Git checks the commit's objects on the way (`transfer.fsckObjects`), and runs no hook and no filter.
 */
export async function checkOutCommit(git: Git, directory: string, mirrorUrl: string, commit: string): Promise<void> {
  const repository = join(directory, '.git');
  const run = (args: GitCall['args'], operands?: readonly string[]): Promise<string> =>
    git.run({ repository, workTree: directory, args, ...(operands ? { operands } : {}) });

  await mkdir(directory, { recursive: true });
  await run(['init', '--quiet', '--template=']);
  await run(['fetch', '--quiet', '--depth=1', '--no-tags', '--no-write-fetch-head'], [mirrorUrl, commit]);
  await run(['read-tree', '--reset', '-u'], [commit]);
  await writeFile(join(repository, 'HEAD'), `${commit}\n`);
}
