import type { RepositoryMirror } from './repository-mirror.js';
import { InvalidWorkspaceRequestError } from './workspaces.errors.js';

const MOST_BYTES = 1_000_000;
/** `mode type object size<tab>path`, as `git ls-tree --long` prints it. */
const REGULAR_FILE = /^100(?:644|755) blob ([0-9a-f]{40}) +(\d+)\t/;

/**
 * Reads a regular file of a commit from the object store, where no working tree, link or filter has a say. Null where
 * there is none.
 *
 * @throws {InvalidWorkspaceRequestError} if the file is larger than 1 MB: read as missing, it would count for nothing
 */
export async function readFileOfCommit(mirror: RepositoryMirror, commit: string, path: string): Promise<string | null> {
  const isPlain = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlain || path.includes('\0')) return null;
  const line = await mirror.run({ args: ['ls-tree', '-z', '--long', '--full-tree'], operands: [commit, path] });
  const [, blob, size] = REGULAR_FILE.exec(line) ?? [];
  if (!blob) return null;
  if (Number(size) > MOST_BYTES) {
    throw new InvalidWorkspaceRequestError(`${path} in the base commit has ${size} bytes, more than ${MOST_BYTES}`);
  }
  return mirror.run({ args: ['cat-file', 'blob'], operands: [blob] }, { keepOutputBytes: MOST_BYTES });
}
