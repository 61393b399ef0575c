import Database from 'libsql';
import {
  CompiledQuery,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  type SqliteStatement,
} from 'kysely';
import { messageOf } from '../kernel/index.js';
import { bindable } from './bindable.js';
import type { ColumnTypes } from './column-types.js';
import { DatabaseUnavailableError, UnstorableValueError } from './persistence.errors.js';

/** Everything that is SQLite's own stands in this file; queries and migrations are plain SQL. */

export const SQLITE_COLUMN_TYPES: ColumnTypes = {
  sequence: 'integer primary key autoincrement',
  text: 'text',
  whole: 'integer',
  measured: 'integer',
  real: 'real',
  moment: 'integer',
  json: (column) => `text check (json_valid(${column}))`,
  lookFor: (table) => `select count(*) as found from sqlite_master where type = 'table' and name = '${table}'`,
  wakeOn: () => [],
};

/**
 * How long a write waits for another program, such as a backup, that has the file locked. The process stands still
 * meanwhile.
 */
const BUSY_TIMEOUT_MS = 2_000;

/** In the order they are set. What each must read afterwards: a pragma that is not understood is silently ignored. */
const PRAGMAS: readonly (readonly [name: string, value: string, reads: string | number])[] = [
  ['busy_timeout', String(BUSY_TIMEOUT_MS), BUSY_TIMEOUT_MS],
  ['journal_mode', 'WAL', 'wal'],
  // FULL syncs the log with each commit; NORMAL lost acknowledged rows in power cuts.
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  // 16 MB of pages: the indexes that a claim reads stay in memory at 100,000 jobs.
  ['cache_size', '-16000', -16000],
];

/** How many prepared statements are kept. The queries of this module are fewer. */
const KEPT_STATEMENTS = 200;

/** One connection to an SQLite file, in the form Kysely asks for. Every failure is a coded error. */
export class SqliteConnection implements SqliteDatabase {
  private readonly statements = new Map<string, SqliteStatement>();
  private isOpen = true;

  private constructor(private readonly connection: Database.Database) {}

  /** @throws {DatabaseUnavailableError} if the file cannot be opened or is no database */
  static open(file: string): SqliteConnection {
    return translated(() => new SqliteConnection(new Database(file)));
  }

  /**
   * Sets what makes the database durable, and checks that it took.
   *
   * @throws {DatabaseUnavailableError} if a setting is not in force
   */
  configure(): void {
    for (const [name, value, wanted] of PRAGMAS) {
      const found = translated(() => {
        this.connection.pragma(`${name} = ${value}`);
        return this.connection.prepare(`pragma ${name}`).raw().all().flat()[0];
      });
      if (found === wanted) continue;
      throw new DatabaseUnavailableError(
        `The database refuses the setting ${name} = ${value}: it has ${JSON.stringify(found)}`,
        null,
      );
    }
  }

  get inTransaction(): boolean {
    return this.isOpen && this.connection.inTransaction;
  }

  prepare(sql: string): SqliteStatement {
    // A statement outlives its connection, and would go on writing to a file whose lock was released.
    if (!this.isOpen) throw new DatabaseUnavailableError('The database is closed: the coordinator is stopping', null);
    const kept = this.statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = checked(translated(() => this.connection.prepare(sql)));
    if (this.statements.size >= KEPT_STATEMENTS) this.statements.clear();
    this.statements.set(sql, statement);
    return statement;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.statements.clear();
    this.connection.close();
  }
}

/** Kysely's dialect for SQLite, with transactions that take the right to write when they begin. */
export class CoordinatorSqliteDialect extends SqliteDialect {
  constructor(private readonly connection: SqliteConnection) {
    super({ database: connection });
  }

  override createDriver(): Driver {
    return new CoordinatorSqliteDriver(this.connection);
  }
}

class CoordinatorSqliteDriver extends SqliteDriver {
  constructor(private readonly connection: SqliteConnection) {
    super({ database: connection });
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // One that begins by reading may not write any more once another program has written.
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // A full disk ends the transaction by itself, and rolling back nothing is an error that would hide the first.
    if (this.connection.inTransaction) await super.rollbackTransaction(connection);
  }
}

function checked(statement: Database.Statement): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => translated(() => statement.all(parameters.map(bindable))),
    run: (parameters) => translated(() => statement.run(parameters.map(bindable))),
    iterate: (parameters) => statement.iterate(parameters.map(bindable)) as IterableIterator<unknown>,
  };
}

function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UnstorableValueError) throw error;
    const engineCode = error instanceof Database.SqliteError ? error.code : null;
    throw new DatabaseUnavailableError(`The database refused: ${messageOf(error)}`, engineCode, { cause: error });
  }
}
