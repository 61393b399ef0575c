import { isAbsolute } from 'node:path';
import { SystemClock, type Clock } from '../kernel/index.js';
import { InvalidPersistenceOptionsError } from './persistence.errors.js';

/** What `PersistenceModule.forRoot` and `openDatabase` accept. */
export interface PersistenceModuleOptions {
  /** Where the database is kept, absolute. Created, for its owner alone, where it is missing. */
  readonly dataFolder: string;
  /** Where the stores' times come from; the system's clock when left out. */
  readonly clock?: Clock;
}

/** The options once checked, with every default filled in. */
export type PersistenceOptions = Required<PersistenceModuleOptions>;

/** @throws {InvalidPersistenceOptionsError} if the data folder is no absolute path */
export function resolvePersistenceOptions({ dataFolder, clock }: PersistenceModuleOptions): PersistenceOptions {
  if (typeof dataFolder !== 'string' || !isAbsolute(dataFolder)) {
    throw new InvalidPersistenceOptionsError(
      `Expected dataFolder to be an absolute path, got ${JSON.stringify(dataFolder)}`,
    );
  }
  return { dataFolder, clock: clock ?? new SystemClock() };
}
