import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FileContent } from './fake-gitea.types.js';
import { runGit, tryGit, type GitPlace } from './run-git.js';

/** Who makes a commit, and when. */
export interface Signature {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const BRANCH = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** Makes an empty bare repository in an existing directory. Refuses pushes to the protected branches. */
export async function createBareRepository(
  place: GitPlace,
  defaultBranch: string,
  protectedBranches: readonly string[],
): Promise<void> {
  for (const branch of [defaultBranch, ...protectedBranches]) assertBranchName(branch);
  await runGit(place, ['init', '--quiet', '--bare', `--initial-branch=${defaultBranch}`, '.']);
  if (protectedBranches.length > 0) await refusePushes(place, protectedBranches);
}

/**
 * Commits files on top of a branch, which is made when it is missing, and returns the commit.
 *
 * @throws {FakeGiteaError} if a path leaves the tree or git refuses
 */
export async function commitFiles(
  place: GitPlace,
  branch: string,
  commit: {
    readonly files: Readonly<Record<string, FileContent>>;
    readonly message: string;
    readonly by: Signature;
    /** Where a branch that does not exist begins. */
    readonly from?: string;
  },
): Promise<string> {
  assertBranchName(branch);
  const ref = `refs/heads/${branch}`;
  const parent = (await resolveCommit(place, ref)) ?? (commit.from && (await resolveCommit(place, commit.from)));
  const lines = [
    `commit ${ref}`,
    `committer ${commit.by.name} <${commit.by.name}@noreply.localhost> ${Math.floor(commit.by.at / 1000)} +0000`,
    ...textBlock(commit.message),
    ...(parent ? [`from ${parent}`] : []),
    ...Object.entries(commit.files).flatMap(([path, content]) => fileChange(path, content)),
    '',
  ];
  await runGit(place, ['fast-import', '--quiet'], { input: lines.join('\n') });
  return runGit(place, ['rev-parse', '--verify', ref]);
}

/** Makes a branch that begins at a commit. */
export async function createBranch(place: GitPlace, branch: string, commit: string): Promise<void> {
  assertBranchName(branch);
  await runGit(place, ['update-ref', `refs/heads/${branch}`, commit, '']);
}

/** Takes a branch away. */
export async function deleteBranch(place: GitPlace, branch: string): Promise<void> {
  assertBranchName(branch);
  await runGit(place, ['update-ref', '-d', `refs/heads/${branch}`]);
}

/** The commit a name stands for, or null. */
export async function resolveCommit(place: GitPlace, name: string): Promise<string | null> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { exitCode, stdout } = await tryGit(place, args);
  return exitCode === 0 ? stdout.trim() : null;
}

/** The newest commit that two commits have in common. */
export async function findMergeBase(place: GitPlace, one: string, other: string): Promise<string> {
  return (await runGit(place, ['merge-base', one, other])).trim();
}

/** Every branch and its commit. */
export async function listBranches(place: GitPlace): Promise<Map<string, string>> {
  const listed = await runGit(place, ['for-each-ref', '--format=%(refname:lstrip=2) %(objectname)', 'refs/heads']);
  return new Map(
    listed
      .split('\n')
      .filter(Boolean)
      .map((line): [string, string] => {
        const [name = '', commit = ''] = line.split(' ');
        return [name, commit];
      }),
  );
}

/** A commit, as it is told of. */
export interface ReadCommit {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: string;
  readonly email: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly message: string;
}

/** These commits, in the order in which they were asked for. */
export async function readCommits(place: GitPlace, ids: readonly string[]): Promise<ReadCommit[]> {
  if (ids.length === 0) return [];
  const format = '--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%B%x01';
  const said = await runGit(place, ['log', '--no-walk=unsorted', format, ...new Set(ids)]);
  const read = said.split('\u0001').map((record): ReadCommit => {
    const [id = '', tree = '', parents = '', author = '', email = '', at = '', message = ''] = record
      .trim()
      .split('\0');
    const seconds = Number(at);
    return { id, tree, parents: parents.split(' ').filter(Boolean), author, email, at: seconds * 1000, message };
  });
  return ids.map((id) => read.find((commit) => commit.id === id) as ReadCommit);
}

/** A file's text at a commit or branch, or null where there is none. */
export async function readFileAt(place: GitPlace, name: string, path: string): Promise<string | null> {
  const { exitCode, stdout } = await tryGit(place, ['cat-file', 'blob', `${name}:${path}`]);
  return exitCode === 0 ? stdout : null;
}

/**
 * Merges a commit into a branch with a merge commit, as the web page's button does, and returns that commit; null if the
 * two conflict.
 */
export async function mergeIntoBranch(
  place: GitPlace,
  merge: { readonly branch: string; readonly head: string; readonly message: string; readonly by: Signature },
): Promise<string | null> {
  const ref = `refs/heads/${merge.branch}`;
  const base = await runGit(place, ['rev-parse', '--verify', ref]);
  const { exitCode, stdout } = await tryGit(place, ['merge-tree', '--write-tree', base, merge.head]);
  const [tree = ''] = stdout.split('\n');
  if (exitCode !== 0) return null;
  const commit = await runGit(place, ['commit-tree', tree, '-p', base, '-p', merge.head, '-F', '-'], {
    input: merge.message,
    environment: identity(merge.by),
  });
  await runGit(place, ['update-ref', ref, commit, base]);
  return commit;
}

function identity(by: Signature): Record<string, string> {
  const date = `${Math.floor(by.at / 1000)} +0000`;
  const email = `${by.name}@noreply.localhost`;
  return {
    GIT_AUTHOR_NAME: by.name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: by.name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}

async function refusePushes(place: GitPlace, branches: readonly string[]): Promise<void> {
  const refs = branches.map((branch) => `refs/heads/${branch}`).join('|');
  const script = `#!/bin/sh
while read -r _ _ ref; do
  case "$ref" in
    ${refs}) echo "Gitea: Not allowed to push to protected branch \${ref#refs/heads/}" >&2; exit 1 ;;
  esac
done
`;
  const path = join(place.directory, 'hooks', 'pre-receive');
  await writeFile(path, script);
  await chmod(path, 0o755);
}

function assertBranchName(branch: string): void {
  if (!BRANCH.test(branch)) throw new FakeGiteaError(`${JSON.stringify(branch)} is no branch name for the fake`);
}

function textBlock(text: string): string[] {
  return [`data ${Buffer.byteLength(text)}`, text];
}

function fileChange(path: string, content: FileContent): string[] {
  const parts = path.split('/');
  if (path.includes('\n') || path.startsWith('"') || parts.some((part) => ['', '.', '..', '.git'].includes(part))) {
    throw new FakeGiteaError(`${JSON.stringify(path)} is no path inside a repository`);
  }
  if (content === null) return [`D ${path}`];
  const [text, mode] =
    typeof content === 'string' ? [content, '100644'] : [content.content, content.isExecutable ? '100755' : '100644'];
  return [`M ${mode} inline ${path}`, ...textBlock(text)];
}
