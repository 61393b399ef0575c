import { isAbsolute } from 'node:path';
import { SystemClock, type Clock } from '../kernel/index.js';
import { InvalidPersistenceOptionsError } from './persistence.errors.js';

/** What `PersistenceModule.forRoot` and `openDatabase` accept. */
export interface PersistenceModuleOptions {
  /** What is this process's alone, absolute; the embedded database too. Created, for its owner alone, where it is missing. */
  readonly dataFolder: string;
  /**
   * Address of a PostgreSQL database that several processes may share, such as `postgres://user:password@host/name`; null
   * for an embedded one in the data folder. A secret, where it holds a password. `readPostgresAddress` says what it may ask
   * for of TLS.
   * @default null
   */
  readonly databaseUrl?: string | null;
  /**
   * How many connections to PostgreSQL there are at most, from 2. One more listens for wake-ups.
   * @default 10
   */
  readonly poolSize?: number;
  /**
   * How long PostgreSQL may work on one statement, in milliseconds. From 1000.
   * @default 10000
   */
  readonly statementTimeoutMs?: number;
  /**
   * How long a statement waits for a lock that another one holds, in milliseconds. From 100.
   * @default 5000
   */
  readonly lockTimeoutMs?: number;
  /**
   * How long is waited for a connection to PostgreSQL, in milliseconds. From 100.
   * @default 4000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long an opening waits for a PostgreSQL that is not there or just starts, in milliseconds.
   * @default 0
   */
  readonly startWaitMs?: number;
  /** Where the stores' times come from; the system's clock when left out. */
  readonly clock?: Clock;
}

/** The options once checked, with every default filled in. */
export type PersistenceOptions = Required<PersistenceModuleOptions>;

const LEAST = {
  poolSize: 2,
  statementTimeoutMs: 1_000,
  lockTimeoutMs: 100,
  connectTimeoutMs: 100,
  startWaitMs: 0,
} as const;

/** @throws {InvalidPersistenceOptionsError} if the data folder is no absolute path, or a limit out of range */
export function resolvePersistenceOptions(given: PersistenceModuleOptions): PersistenceOptions {
  const options = {
    dataFolder: given.dataFolder,
    databaseUrl: given.databaseUrl ?? null,
    poolSize: given.poolSize ?? 10,
    statementTimeoutMs: given.statementTimeoutMs ?? 10_000,
    lockTimeoutMs: given.lockTimeoutMs ?? 5_000,
    connectTimeoutMs: given.connectTimeoutMs ?? 4_000,
    startWaitMs: given.startWaitMs ?? 0,
    clock: given.clock ?? new SystemClock(),
  };
  const { dataFolder } = options;
  if (typeof dataFolder !== 'string' || !isAbsolute(dataFolder)) {
    throw new InvalidPersistenceOptionsError(
      `Expected dataFolder to be an absolute path, got ${JSON.stringify(dataFolder)}`,
    );
  }
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof typeof LEAST];
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new InvalidPersistenceOptionsError(`Expected ${name} to be a whole number from ${least}, got ${value}`);
  }
  return options;
}
