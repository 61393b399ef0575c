import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readPlainFile } from './report-file.js';

/** The largest file of a checkout that is compared and written back, in bytes. */
export const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * Makes a path of a checkout hold exactly this text, or nothing at all, and resolves with whether that changed anything.
 * The tree is not trusted: a link or a file that stands where a folder must be is removed, never followed.
 *
 * @param path relative to the checkout
 * @throws {Error} if something cannot be removed or written
 */
export async function holdFile(checkout: string, path: string, text: string | null): Promise<boolean> {
  const current = await readPlainFile(checkout, path, MAX_FILE_BYTES);
  if (text !== null && 'text' in current && current.text === text) return false;
  const parents = dirname(path) === '.' ? [] : dirname(path).split('/');
  let folder = checkout;
  for (const parent of parents) {
    folder = join(folder, parent);
    const isFolder = await isDirectory(folder);
    if (isFolder === true) continue;
    // What is behind a link is not this path; the link itself is looked at under its own name.
    if (text === null) return false;
    if (isFolder === false) await rm(folder, { force: true });
    await mkdir(folder);
  }
  const file = join(checkout, path);
  if (text === null && (await isDirectory(file)) === null) return false;
  await rm(file, { recursive: true, force: true });
  if (text !== null) await writeFile(file, text, { flag: 'wx', mode: text.startsWith('#!') ? 0o755 : 0o644 });
  return true;
}

/** Null where nothing stands. A link is no directory. */
async function isDirectory(path: string): Promise<boolean | null> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    () => null,
  );
}
