import type { RepositoryMirror } from './repository-mirror.js';
import type { ChangedFile } from './workspaces.types.js';

/** A list of paths that is longer is an error: it would be a list of some of them. */
const LIST_BYTES = 64_000_000;
/** What is written anew of a larger change is not told. */
const DIFF_BYTES = 8_000_000;

/** Every path of a commit: files, links and submodules. */
export async function filesOfCommit(mirror: RepositoryMirror, commit: string): Promise<readonly string[]> {
  const args = ['ls-tree', '-r', '-z', '--name-only', '--full-tree'] as const;
  return paths(await mirror.run({ args: [...args], operands: [commit] }, { keepOutputBytes: LIST_BYTES }));
}

/** What a commit does to the files of another one. A renamed file is a deleted and an added one. */
export async function changedFilesOf(
  mirror: RepositoryMirror,
  from: string,
  to: string,
): Promise<readonly ChangedFile[]> {
  const args = ['diff-tree', '-r', '-z', '--no-renames', '--name-status'] as const;
  const fields = paths(await mirror.run({ args: [...args], operands: [from, to] }, { keepOutputBytes: LIST_BYTES }));
  const changed: ChangedFile[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [letter, path = ''] = [fields[at], fields[at + 1]];
    changed.push({ path, change: letter === 'A' ? 'added' : letter === 'D' ? 'deleted' : 'changed' });
  }
  return changed;
}

/** The unified diff of two commits, without context; null where it is larger than 8 MB. */
export async function diffOfCommits(mirror: RepositoryMirror, from: string, to: string): Promise<string | null> {
  const args = ['diff-tree', '-r', '-p', '--unified=0', '--no-renames', '--no-ext-diff', '--no-textconv'] as const;
  const prefixes = ['--src-prefix=a/', '--dst-prefix=b/', '--no-color'] as const;
  const diff = await mirror.run(
    { args: [...args, ...prefixes], operands: [from, to] },
    { keepOutputBytes: DIFF_BYTES, mayBeCut: true },
  );
  // What is cut has a line in its middle that says so.
  return Buffer.byteLength(diff) > DIFF_BYTES - 100 ? null : diff;
}

function paths(text: string): readonly string[] {
  return text.split('\0').filter((path) => path !== '');
}
