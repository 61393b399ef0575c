import { join } from 'node:path';
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Clock } from '../kernel/index.js';
import { lockDataFolder, type DataFolderLock } from './data-folder-lock.js';
import type { DatabaseEngine, Subject } from './database-engine.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import type { Migration } from './migrations/migration.js';
import { resolvePersistenceOptions, type PersistenceModuleOptions } from './persistence.options.js';
import { openPostgres } from './postgres/postgres-engine.js';
import type { Queries, Tables } from './schema.js';
import { openSqlite } from './sqlite-engine.js';

const DATABASE_FILE = 'coordinator.db';

/** The database of this process, open and of the newest schema, and the right to its data folder. */
export class CoordinatorDatabase {
  /** @internal Made by `openDatabase`. */
  constructor(
    private readonly engine: DatabaseEngine,
    /** Where the stores' times come from, but for those of leases and of what is tried again. */
    readonly clock: Clock,
    /** The data folder of this process alone, absolute. */
    readonly dataFolder: string,
    private readonly lock: DataFolderLock,
  ) {}

  /** For the stores of this module. */
  get queries(): Kysely<Tables> {
    return this.engine.queries;
  }

  /** Whether other processes work on the same database. */
  get isShared(): boolean {
    return this.engine.isShared;
  }

  /** Whether rows that are read are to be locked where they must not change before the transaction ends. */
  get locksRows(): boolean {
    return this.engine.locksRows;
  }

  /** The present moment as leases are measured, in whole milliseconds since 1970, for use in a query. */
  leaseNow(): RawBuilder<number> {
    return this.engine.leaseNow();
  }

  /** Does all of the work or nothing of it. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.queries.transaction().execute(work);
  }

  /** As `transaction`, and while it lasts no other one works on the subject, whichever process it is of. */
  exclusive<T>(subject: Subject, work: (queries: Queries) => Promise<T>): Promise<T> {
    return this.transaction(async (queries) => {
      await this.engine.exclude(queries, subject);
      return work(queries);
    });
  }

  /** Tells the other processes of something, now. Where there are none nothing happens. */
  wake(about: string): Promise<void> {
    return this.engine.wake(about);
  }

  /**
   * Calls back with what was told by `wake`, or with an empty text when another process may have left something to do: a
   * delivery, or a job whose state changed. Never for an embedded database. What must not be missed is looked for now and
   * then all the same.
   *
   * Returns what ends the calls.
   */
  onWake(callback: (about: string) => void): () => void {
    return this.engine.onWake(callback);
  }

  /**
   * Reads something.
   *
   * @throws {DatabaseUnavailableError} if the database does not answer
   */
  async ping(): Promise<void> {
    await sql`select 1 from write_probe`.execute(this.queries);
  }

  /**
   * Writes something, durably: what a delivery needs to be accepted. Costs one sync of the disk.
   *
   * @throws {DatabaseUnavailableError} if nothing can be written, such as on a full disk
   */
  async assertWritable(): Promise<void> {
    // A count, because writing what is there already writes nothing.
    await this.queries
      .updateTable('write_probe')
      .set((probe) => ({ writes: probe('writes', '+', 1) }))
      .execute();
  }

  /** Lets what is under way finish, then closes the database and gives the data folder up. May be called twice. */
  async close(): Promise<void> {
    await this.engine.close();
    this.lock.release();
  }
}

/** What tests of this module replace. */
export interface DatabaseParts {
  /** @default the program's own */
  readonly migrations?: readonly Migration[];
  /** The clock of leases of a PostgreSQL database, in milliseconds since 1970. @default the server's */
  readonly leaseNow?: () => number;
}

/**
 * Takes the data folder, opens the database, in the folder or on the server that `databaseUrl` names, and brings its schema
 * up to date.
 *
 * An embedded database is this process's alone: every lease in it is ended, for the lock on the folder proves that whoever
 * held one is dead. On a server others may live, and leases stay: see `SqlReplicas`.
 *
 * @throws {InvalidPersistenceOptionsError} if the options are wrong
 * @throws {DataFolderLockedError} if another process works in the folder
 * @throws {DataFolderUnusableError} if the folder cannot be created or written
 * @throws {SchemaTooNewError} if a newer version of the program has used it
 * @throws {MigrationFailedError} if the schema cannot be brought up to date
 * @throws {DatabaseUnavailableError} if the server is not there, or the file is damaged, no database, or cannot be written
 */
export async function openDatabase(
  given: PersistenceModuleOptions,
  { migrations = ALL_MIGRATIONS, leaseNow }: DatabaseParts = {},
): Promise<CoordinatorDatabase> {
  const { dataFolder, clock, databaseUrl, poolSize, ...limits } = resolvePersistenceOptions(given);
  const lock = lockDataFolder(dataFolder);
  try {
    const times = {
      connectMs: limits.connectTimeoutMs,
      statementMs: limits.statementTimeoutMs,
      lockMs: limits.lockTimeoutMs,
    };
    const engine =
      databaseUrl === null
        ? await openSqlite(join(dataFolder, DATABASE_FILE), clock, migrations)
        : await openPostgres(
            { databaseUrl, poolSize, times, startWaitMs: limits.startWaitMs, clock, leaseNow },
            migrations,
          );
    return new CoordinatorDatabase(engine, clock, dataFolder, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}
