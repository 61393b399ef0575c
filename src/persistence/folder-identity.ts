import { randomUUID } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../kernel/index.js';
import { DataFolderUnusableError } from './persistence.errors.js';

const IDENTITY_FILE = 'coordinator.id';

/**
 * Names a data folder among all there are, and makes its name up where it has none. The caller holds its lock: whoever
 * locked the folder of this name before is dead, on whichever machine it was.
 *
 * @throws {DataFolderUnusableError} if it cannot be read or written
 */
export function folderIdentity(folder: string): string {
  const file = join(folder, IDENTITY_FILE);
  try {
    writeFileSync(file, `${randomUUID()}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EEXIST') throw unusable(file, error);
  }
  try {
    // With the number of the very file: a copy of the folder is another folder.
    return `${readFileSync(file, 'utf8').trim()}:${statSync(file).ino}`;
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): DataFolderUnusableError {
  return new DataFolderUnusableError(`The file ${file} cannot be used: ${messageOf(error)}`, { cause: error });
}
