import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'libsql';
import { messageOf } from '../kernel/index.js';
import { DataFolderLockedError, DataFolderUnusableError } from './persistence.errors.js';
import { isCertainlyDead, ownIdentity, parseIdentity, type ProcessIdentity } from './process-identity.js';

const LOCK_FILE = 'coordinator.lock';
const OWNER_FILE = 'coordinator.owner.json';

/** The right to work in a data folder, held until it is released or the process ends. */
export interface DataFolderLock {
  /** May be called twice. */
  release(): void;
}

/**
 * Takes the data folder for this process, and creates it (for its owner alone) where it is missing.
 *
 * The lock is the operating system's, on an empty file that the SQLite engine opens and begins to write: it ends with
 * the process, however that ends, so that a crashed owner never has to be told from a living one. Process ids could
 * not do that: two containers on one volume are both process 1. The owner is described in a file beside it, which
 * serves the message of whoever is refused and nothing else.
 *
 * @throws {DataFolderLockedError} if another process, or this one, holds it
 * @throws {DataFolderUnusableError} if the folder cannot be created or written
 */
export function lockDataFolder(folder: string, own: ProcessIdentity = ownIdentity()): DataFolderLock {
  const ownerFile = join(folder, OWNER_FILE);
  const lock = openLockFile(folder);
  try {
    // Of several who begin to write, the engine lets one through and refuses the others at once.
    lock.exec('begin immediate');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw unusable(folder, error);
    throw new DataFolderLockedError(
      `The data folder ${folder} is in use by ${describeOwner(ownerFile, own)}. One coordinator works in a data ` +
        'folder at a time: stop the other one, or give this one a folder of its own',
    );
  }
  writeOwner(ownerFile, own);
  let isHeld = true;
  return {
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      rmSync(ownerFile, { force: true });
      lock.close();
    },
  };
}

/**
 * Creates a folder and those above it. Node's own recursive `mkdir` never returns where a folder says of what cannot be
 * made in it that it does not exist, as /proc does.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function openLockFile(folder: string): Database.Database {
  try {
    makeFolder(folder);
    return new Database(join(folder, LOCK_FILE));
  } catch (error) {
    throw unusable(folder, error);
  }
}

function unusable(folder: string, error: unknown): DataFolderUnusableError {
  return new DataFolderUnusableError(
    `The data folder ${folder} cannot be used: ${messageOf(error)}. It must be a folder this process may write`,
    { cause: error },
  );
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY';
}

/** Through a second file and a rename, so that a reader never sees half of it. */
function writeOwner(ownerFile: string, own: ProcessIdentity): void {
  const draft = `${ownerFile}.${own.pid}`;
  writeFileSync(draft, `${JSON.stringify(own)}\n`, { mode: 0o600 });
  renameSync(draft, ownerFile);
}

function describeOwner(ownerFile: string, own: ProcessIdentity): string {
  const owner = readOwner(ownerFile);
  // Between taking the lock and writing its name, a new owner shows its predecessor's.
  if (owner === undefined || isCertainlyDead(owner, own)) return 'another process that is just starting or stopping';
  return `process ${owner.pid} on ${owner.host}`;
}

function readOwner(ownerFile: string): ProcessIdentity | undefined {
  try {
    return parseIdentity(readFileSync(ownerFile, 'utf8'));
  } catch {
    return undefined;
  }
}
