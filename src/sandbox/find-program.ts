import { accessSync, constants, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The system's own folders of programs. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a program is that can be run, as the system looks for it; null if there is none. */
export function findProgram(name: string, path = SYSTEM_PATH, cwd = '/'): string | null {
  const candidates = name.includes('/') ? [name] : path.split(':').map((folder) => join(folder, name));
  return candidates.map((candidate) => resolve(cwd, candidate)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
