import { lstatSync, realpathSync } from 'node:fs';
import { isAbsolute, normalize, relative, sep } from 'node:path';
import { ConfinementRefusedError, type Confinement } from '../command-runner/index.js';

/** A file or directory that a confined program sees. */
export interface AccessiblePath {
  /** Where it is outside, without a link in it. */
  readonly source: string;
  /** Where it is inside. */
  readonly path: string;
  readonly isWritable: boolean;
}

/**
 * What a program may reach, the outer before the inner, so that the inner one decides: a writable directory in a
 * readable one stays writable. What is reached through a link is reached by both names.
 *
 * A link counts only where no confined program can have made it. What is given through one in a writable directory is
 * left out when it is to be read, and refused when it is to be written: it would open whatever it points at.
 *
 * @param always what every program may read besides
 * @throws {ConfinementRefusedError} if a writable directory is missing or reached through such a link
 */
export function accessiblePaths(
  { writable, readable = [] }: Pick<Confinement, 'writable' | 'readable'>,
  always: readonly string[] = [],
): readonly AccessiblePath[] {
  const found = new Map<string, AccessiblePath>();
  const add = (source: string, given: string, isWritable: boolean): void => {
    for (const path of [given, source]) {
      if (!found.get(path)?.isWritable) found.set(path, { source, path, isWritable });
    }
  };
  for (const given of writable) {
    const path = cleaned(given);
    const source = trueDirectory(path);
    if (source === null || source === sep) {
      throw new ConfinementRefusedError(`The directory ${given}, which is to be writable, is none or a link`);
    }
    if (isThroughLinkIn(path, source, writable)) {
      throw new ConfinementRefusedError(`The directory ${given} is reached through a link in a writable directory`);
    }
    add(source, path, true);
  }
  for (const given of [...always, ...readable]) {
    const path = cleaned(given);
    const source = truePath(path);
    if (source !== null && source !== sep && !isThroughLinkIn(path, source, writable)) add(source, path, false);
  }
  return [...found.values()].sort(
    (one, other) => depth(one.path) - depth(other.path) || (one.path < other.path ? -1 : 1),
  );
}

/** Without `..`, doubled slashes and a slash at its end. */
function cleaned(path: string): string {
  if (!isAbsolute(path)) throw new ConfinementRefusedError(`The path ${path} is not absolute`);
  const normal = normalize(path);
  return normal.length > 1 && normal.endsWith(sep) ? normal.slice(0, -1) : normal;
}

function truePath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function trueDirectory(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ? truePath(path) : null;
}

function isThroughLinkIn(path: string, source: string, writable: readonly string[]): boolean {
  return writable.map(cleaned).some((directory) => {
    const inner = relative(directory, path);
    if (inner === '' || inner === '..' || inner.startsWith(`..${sep}`)) return false;
    const outer = truePath(directory);
    return outer === null || source !== `${outer}${sep}${inner}`;
  });
}

function depth(path: string): number {
  return path.split(sep).length;
}
