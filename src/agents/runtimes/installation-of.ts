import { sep } from 'node:path';

/**
 * What must be readable for a program to run: the outermost `node_modules` it lies in, as packages find one another
 * there, or else the file alone. Never more: what lies around a program may be somebody's home.
 */
export function installationOf(realPath: string): string {
  const mark = `${sep}node_modules${sep}`;
  const at = realPath.indexOf(mark);
  return at < 0 ? realPath : realPath.slice(0, at + mark.length - 1);
}
