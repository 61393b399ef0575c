import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A folder of a home to which programs that are not trusted wrote: its path, when no link leads to it.
 *
 * @throws {Error} if a link or a file stands on the way, so that it would be somewhere else
 */
export async function folderOfHome(home: string, path: string): Promise<string> {
  let folder = home;
  for (const name of path.split('/').slice(0, -1)) {
    folder = join(folder, name);
    const isOdd = await lstat(folder).then(
      (stats) => !stats.isDirectory(),
      () => false,
    );
    if (isOdd) throw new Error(`${path} is behind a link or a file`);
  }
  return join(home, path);
}

/** Whether a folder is there, and no link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
