import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';

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

/**
 * What must be readable for a program to run: the outermost `node_modules` it lies in, as packages find one another
 * there, or else the file alone. Never more: what lies around a program may be somebody's home.
 */
export function installationOf(realPath: string): string {
  const mark = `${sep}node_modules${sep}`;
  const at = realPath.indexOf(mark);
  return at < 0 ? realPath : realPath.slice(0, at + mark.length - 1);
}

/** Where Node itself is installed, for agents that are scripts of it. Null where that is the system's own. */
export function installationOfNode(executable: string = process.execPath): string | null {
  const root = dirname(dirname(executable));
  return root === '/' || root === '/usr' ? null : root;
}
