import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { messageOf, type Clock } from '../kernel/index.js';
import { lockDataFolder, type DataFolderLock } from './data-folder-lock.js';
import { assertSchemaIsKnown, migrate } from './migrate.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import type { Migration } from './migrations/migration.js';
import { DataFolderUnusableError } from './persistence.errors.js';
import { resolvePersistenceOptions, type PersistenceModuleOptions } from './persistence.options.js';
import type { Tables } from './schema.js';
import { CoordinatorSqliteDialect, SQLITE_COLUMN_TYPES, SqliteConnection } from './sqlite-dialect.js';

const DATABASE_FILE = 'coordinator.db';

/**
 * The embedded database of one data folder, open and of the newest schema, and the right to it.
 *
 * Its calls run in this process's own thread, one after the other, each for as long as the disk takes.
 */
export class CoordinatorDatabase {
  /** @internal Made by `openDatabase`. */
  constructor(
    /** For the stores of this module. */
    readonly queries: Kysely<Tables>,
    /** Where the stores' times come from. */
    readonly clock: Clock,
    private readonly connection: SqliteConnection,
    private readonly lock: DataFolderLock,
  ) {}

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

  /** Lets what is under way finish, then closes the file and gives the data folder up. May be called twice. */
  async close(): Promise<void> {
    // Kysely has one connection: whoever gets it comes after all that asked before.
    await this.queries.connection().execute(async () => this.connection.close());
    this.lock.release();
  }
}

/**
 * Opens the database of a data folder, brings its schema up to date, and ends every lease: the lock on the folder
 * proves that whoever held one is dead, so that its jobs can be reopened at once.
 *
 * @param migrations other than the program's own in tests of this function
 * @throws {InvalidPersistenceOptionsError} if the options are wrong
 * @throws {DataFolderLockedError} if another process works in the folder
 * @throws {DataFolderUnusableError} if the folder cannot be created or written
 * @throws {SchemaTooNewError} if a newer version of the program has used it
 * @throws {MigrationFailedError} if the schema cannot be brought up to date
 * @throws {DatabaseUnavailableError} if the file is damaged, no database, or cannot be written
 */
export async function openDatabase(
  given: PersistenceModuleOptions,
  migrations: readonly Migration[] = ALL_MIGRATIONS,
): Promise<CoordinatorDatabase> {
  const { dataFolder, clock } = resolvePersistenceOptions(given);
  const lock = lockDataFolder(dataFolder);
  try {
    const connection = openFile(join(dataFolder, DATABASE_FILE));
    try {
      const queries = new Kysely<Tables>({ dialect: new CoordinatorSqliteDialect(connection) });
      await assertSchemaIsKnown(queries, migrations);
      connection.configure();
      await migrate(queries, migrations, SQLITE_COLUMN_TYPES, clock.now());
      await queries.updateTable('jobs').set({ lease_ends_at: 0 }).where('state', '=', 'running').execute();
      return new CoordinatorDatabase(queries, clock, connection, lock);
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openFile(file: string): SqliteConnection {
  try {
    // The engine would make the file readable for everybody; its companions take after it.
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new DataFolderUnusableError(`The database ${file} cannot be used: ${messageOf(error)}`, { cause: error });
  }
  return SqliteConnection.open(file);
}
