import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { assertMayWrite } from '../kernel/index.js';
import type { Git } from './git.js';
import type { GitCall } from './git-command.js';
import { isObjectName } from './git-command.js';
import { BranchMovedError, ForgeUnreachableError } from './workspaces.errors.js';

/** What a forge says of a repository: where its branches are. */
export interface ForgeBranches {
  /** Null when the repository is empty. */
  readonly defaultBranch: string | null;
  /** Commits by branch, of the default branch and those that were asked for. */
  readonly commits: ReadonlyMap<string, string>;
}

/** A reference, and the commit it stands for. */
export interface MirrorReference {
  readonly name: string;
  readonly commit: string;
  readonly tree: string;
  /** Its first parent; empty when it has none. */
  readonly parent: string;
}

/** Whose commit it is. */
export interface CommitSignature {
  readonly name: string;
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * One repository of the forge, as the coordinator holds it: bare, and out of every agent's reach.
 *
 * `refs/remotes/origin/*` is what the forge had when it was asked; `refs/heads/*` what was finished without the right
 * to push; `refs/coordinator/jobs/<job>/*` what jobs need, which keeps it from being collected as garbage.
 */
export class RepositoryMirror {
  constructor(
    private readonly git: Git,
    /** The bare repository, absolute. */
    readonly directory: string,
    private readonly url: string,
  ) {}

  /** Makes the repository unless it is there. A crash leaves either all of it or a part with another name. */
  async ensure(): Promise<void> {
    if (await this.isThere()) return;
    await mkdir(dirname(this.directory), { recursive: true, mode: 0o700 });
    const making = await mkdtemp(`${this.directory}.making-`);
    await this.git.run({ repository: making, args: ['init', '--quiet', '--bare', '--template='] });
    try {
      await rename(making, this.directory);
    } catch {
      // Somebody else has made it, or what is there is none.
      if (await this.isThere()) return await rm(making, { recursive: true, force: true });
      await rm(this.directory, { recursive: true, force: true });
      await rename(making, this.directory);
    }
  }

  private async isThere(): Promise<boolean> {
    const entries = await readdir(this.directory).catch((): string[] => []);
    return entries.includes('HEAD');
  }

  /**
   * Removes the locks that a killed git left behind. Only for the first use in a process.
   *
   * @param olderThanMs of what age a lock is nobody's; 0 where nobody else can be at work here
   */
  async clearLocks(olderThanMs = 0): Promise<void> {
    const names = [
      ...(await readdir(this.directory)),
      ...(await readdir(join(this.directory, 'refs'), { recursive: true })).map((name) => join('refs', name)),
    ];
    for (const name of names) {
      const file = join(this.directory, name);
      if (name.endsWith('.lock') && (await isOlder(file, olderThanMs))) await rm(file, { force: true });
    }
  }

  /** Asks the forge for its default branch, and for the branches that the patterns name. */
  async askForge(patterns: readonly string[]): Promise<ForgeBranches> {
    const operands = [this.url, 'HEAD', ...patterns.map((pattern) => `refs/heads/${pattern}`)];
    const text = await this.run({ args: ['ls-remote', '--symref'], operands }, { reachesForge: true });
    const commits = new Map<string, string>();
    let defaultBranch: string | null = null;
    for (const line of text.split('\n')) {
      const [value = '', name = ''] = line.split('\t');
      if (name === 'HEAD' && value.startsWith(`ref: ${HEADS}`)) defaultBranch = value.slice(`ref: ${HEADS}`.length);
      if (name === 'HEAD' && defaultBranch !== null && isObjectName(value)) commits.set(defaultBranch, value);
      if (name.startsWith(HEADS) && isObjectName(value)) commits.set(name.slice(HEADS.length), value);
    }
    return { defaultBranch, commits };
  }

  /** Fetches branches, or single commits, with all that leads to them. */
  async fetch(branches: readonly string[], commits: readonly string[] = []): Promise<void> {
    const wanted = branches.map((branch) => `+${HEADS}${branch}:${ORIGIN}${branch}`);
    const args = ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'] as const;
    await this.run({ args: [...args], operands: [this.url, ...wanted, ...commits] }, { reachesForge: true });
  }

  /** The commit that a reference or an object name stands for; null when there is none here. */
  async commitOf(name: string): Promise<string | null> {
    const call: GitCall = {
      repository: this.directory,
      args: ['rev-parse', '--verify', '--quiet'],
      operands: [`${name}^{commit}`],
    };
    const result = await this.git.attempt(call);
    if (result.ending !== 'exited') throw this.git.failure(call, result);
    const commit = result.stdout.text.trim();
    return isObjectName(commit) ? commit : null;
  }

  async originCommit(branch: string): Promise<string | null> {
    return this.commitOf(`${ORIGIN}${branch}`);
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor'] as const;
    const result = await this.git.attempt({
      repository: this.directory,
      args: [...args],
      operands: [ancestor, descendant],
    });
    return result.exitCode === 0;
  }

  /** The references that match a pattern: a prefix that ends in `/`, or a glob. All of them stand for commits. */
  async references(pattern: string): Promise<readonly MirrorReference[]> {
    const args = ['for-each-ref', '--format=%(refname) %(objectname) %(tree) %(parent)'] as const;
    const text = await this.run({ args: [...args], operands: [pattern] });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [name = '', commit = '', tree = '', parent = ''] = line.split(' ');
        return { name, commit, tree, parent };
      });
  }

  /** Sets references, all or none. A commit of null deletes. */
  async setReferences(commits: Readonly<Record<string, string | null>>): Promise<void> {
    const lines = Object.entries(commits).map(([name, commit]) =>
      commit === null ? `delete ${name}\n` : `update ${name} ${commit}\n`,
    );
    if (lines.length > 0) await this.run({ args: ['update-ref', '--stdin'] }, { stdin: lines.join('') });
  }

  /** Makes a commit of a tree, and resolves with its name. */
  async commitTree(tree: string, parent: string, message: string, by: CommitSignature): Promise<string> {
    const date = `${Math.floor(by.at / 1000)} +0000`;
    const environment = {
      GIT_AUTHOR_NAME: by.name,
      GIT_AUTHOR_EMAIL: by.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: by.name,
      GIT_COMMITTER_EMAIL: by.email,
      GIT_COMMITTER_DATE: date,
    };
    // Git refuses a NUL in a message.
    const stdin = message.replaceAll('\0', '');
    const commit = await this.run(
      { args: ['commit-tree', '-p', parent, '-F', '-'], operands: [tree], environment },
      { stdin },
    );
    return commit.trim();
  }

  /** `git diff --stat` of two commits, at most so many bytes of it. */
  async diffStat(from: string, to: string, keepOutputBytes: number): Promise<string> {
    const args = ['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', '--stat=100', '--stat-count=60'] as const;
    return this.run({ args: [...args], operands: [from, to] }, { keepOutputBytes, mayBeCut: true });
  }

  /** Packs what has become many small files, and deletes what nothing has needed for two weeks. */
  async collectGarbage(): Promise<void> {
    const call: GitCall = {
      repository: this.directory,
      args: ['-c', 'gc.auto=5000', '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'],
    };
    // It tidies up. If it fails, the next time will do.
    await this.git.attempt(call);
  }

  /** Runs git on this repository. */
  run(call: Omit<GitCall, 'repository'>, options?: Parameters<Git['run']>[1]): Promise<string> {
    return this.git.run({ ...call, repository: this.directory }, options);
  }

  /**
   * Pushes a commit (null: deletes) to a branch of the forge that is where `expected` says; null: does not exist.
   *
   * The push of a coordinator that is gone may still be at work there, and get ahead of this one: then that one did it, or
   * has not done it yet.
   *
   * @throws {BranchMovedError} if the branch is neither there nor at the commit
   * @throws {ForgeUnreachableError} if somebody else was at it, and it is still where it was
   */
  async push(commit: string | null, branch: string, expected: string | null): Promise<void> {
    try {
      await this.pushOnce(commit, branch, expected);
    } catch (error) {
      if (!(error instanceof BranchMovedError)) throw error;
      const present = (await this.askForge([branch])).commits.get(branch) ?? null;
      if (present === commit) return;
      if (present !== expected) throw error;
      throw new ForgeUnreachableError(`Somebody else is pushing to ${branch} just now: ${error.message}`);
    }
  }

  private async pushOnce(commit: string | null, branch: string, expected: string | null): Promise<void> {
    await assertMayWrite();
    const lease = `--force-with-lease=${HEADS}${branch}:${expected ?? ''}`;
    const args = ['push', '--porcelain', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', lease] as const;
    await this.run(
      { args: [...args], operands: [this.url, `${commit ?? ''}:${HEADS}${branch}`] },
      { reachesForge: true },
    );
  }
}

/** By the clock of the file system, which others who share it see too. */
async function isOlder(file: string, ms: number): Promise<boolean> {
  if (ms === 0) return true;
  const now = `${file}.now`;
  await writeFile(now, '');
  const [{ mtimeMs: written }, { mtimeMs: present }] = await Promise.all([stat(file), stat(now)]);
  await rm(now, { force: true });
  return present - written > ms;
}

/** The directory of branches. */
export const HEADS = 'refs/heads/';
/** The directory of what the forge's branches were. */
export const ORIGIN = 'refs/remotes/origin/';

/** Where a mirror is, under the directory of all of them. */
export function mirrorDirectory(root: string, owner: string, repo: string): string {
  return join(root, 'mirrors', basename(owner.toLowerCase()), `${basename(repo.toLowerCase())}.git`);
}
