import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** The real path of a program, after every symbolic link; null when it is not there or may not be run. */
export async function findProgram(program: string, path: string): Promise<string | null> {
  if (program.includes('/')) return isAbsolute(program) ? runnable(program) : null;
  for (const directory of path.split(':').filter(isAbsolute)) {
    const found = await runnable(join(directory, program));
    if (found !== null) return found;
  }
  return null;
}

async function runnable(path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? await realpath(path) : null;
  } catch {
    return null;
  }
}
