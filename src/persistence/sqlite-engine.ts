import { closeSync, openSync } from 'node:fs';
import { Kysely, sql, type RawBuilder } from 'kysely';
import { messageOf, type Clock } from '../kernel/index.js';
import type { DatabaseEngine } from './database-engine.js';
import { LeaseClock } from './lease-clock.js';
import { assertSchemaIsKnown, migrate } from './migrate.js';
import type { Migration } from './migrations/migration.js';
import { DataFolderUnusableError } from './persistence.errors.js';
import type { Tables } from './schema.js';
import { CoordinatorSqliteDialect, SQLITE_COLUMN_TYPES, SqliteConnection } from './sqlite-dialect.js';

/**
 * The embedded engine: a file, and one connection to it. Its calls run in this process's own thread, one after the other,
 * each for as long as the disk takes; a transaction takes the right to write when it begins.
 */
class SqliteEngine implements DatabaseEngine {
  readonly isShared = false;
  readonly locksRows = false;
  private readonly leaseClock: LeaseClock;

  constructor(
    readonly queries: Kysely<Tables>,
    private readonly connection: SqliteConnection,
    clock: Clock,
  ) {
    this.leaseClock = new LeaseClock(clock);
  }

  leaseNow(): RawBuilder<number> {
    return sql`${this.leaseClock.now()}`;
  }

  async exclude(): Promise<void> {
    // There is one writer at a time.
  }

  async wake(): Promise<void> {
    // Nobody else works on it.
  }

  onWake(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    // Kysely has one connection: whoever gets it comes after all that asked before.
    await this.queries.connection().execute(async () => this.connection.close());
  }
}

/**
 * Opens a database file, brings its schema up to date, and ends every lease. The caller holds the lock on its folder,
 * which proves that whoever held a lease is dead, so that its jobs can be reopened at once.
 *
 * @throws {DataFolderUnusableError} if the file cannot be created or written
 * @throws {SchemaTooNewError} if a newer version of the program has used it
 * @throws {MigrationFailedError} if the schema cannot be brought up to date
 * @throws {DatabaseUnavailableError} if the file is damaged, no database, or cannot be written
 */
export async function openSqlite(
  file: string,
  clock: Clock,
  migrations: readonly Migration[],
): Promise<DatabaseEngine> {
  const connection = openFile(file);
  try {
    const queries = new Kysely<Tables>({ dialect: new CoordinatorSqliteDialect(connection) });
    await assertSchemaIsKnown(queries, migrations, SQLITE_COLUMN_TYPES);
    connection.configure();
    await migrate(queries, migrations, SQLITE_COLUMN_TYPES, clock.now());
    await queries.updateTable('jobs').set({ lease_ends_at: 0 }).where('state', '=', 'running').execute();
    const nothing = { taken_from: null, taken_lease_ends_at: null };
    await queries.updateTable('jobs').set(nothing).where('taken_from', 'is not', null).execute();
    return new SqliteEngine(queries, connection, clock);
  } catch (error) {
    connection.close();
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
