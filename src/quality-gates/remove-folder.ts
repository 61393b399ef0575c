import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a folder that programs wrote to, with everything in it. Follows no link; of a link in its place the link is
 * removed.
 *
 * @throws {Error} if there is nothing
 */
export async function removeFolder(folder: string): Promise<void> {
  // Go makes the folders of its module cache read-only, which keeps all but root from deleting what is in them.
  if ((await lstat(folder)).isDirectory()) await makeWritable(folder);
  await rm(folder, { recursive: true, force: true });
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}
