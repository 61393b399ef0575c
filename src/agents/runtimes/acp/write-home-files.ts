import { lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/**
 * Writes files below a directory that an earlier process of the agent could change. Whatever stands in their way is
 * removed first: a link that it left would lead to what only the coordinator may write.
 *
 * No process of the agent may run meanwhile, or a path could change between the look and the writing.
 *
 * @param files what is in them, by their path below `home`
 */
export async function writeHomeFiles(home: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    let directory = home;
    for (const name of dirname(path).split(sep)) {
      directory = join(directory, name);
      await makeDirectory(directory);
    }
    const file = join(home, path);
    await rm(file, { recursive: true, force: true });
    await writeFile(file, content, { mode: 0o600, flag: 'wx' });
  }
}

async function makeDirectory(path: string): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.isDirectory()) return;
  await rm(path, { force: true });
  await mkdir(path, { mode: 0o700 });
}
