import { sql } from 'kysely';
import { openDatabase, type CoordinatorDatabase } from '../../src/persistence/coordinator-database.js';
import { LeaseClock } from '../../src/persistence/lease-clock.js';
import { FakeClock } from '../../src/testing/index.js';
import type { PostgresServer } from './postgres.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/** An empty database, with the clock that its stores and its leases go by. */
export interface TestDatabase {
  readonly database: CoordinatorDatabase;
  readonly clock: FakeClock;
  readonly dataFolder: string;
  /** Closes it and deletes the folder. */
  readonly close: () => Promise<void>;
}

/** What a server copies: a database of the newest schema. */
const templates = new WeakMap<PostgresServer, Promise<string>>();
/** Databases that a test has given back, emptied: that takes a fraction of what making one does. */
const emptied = new WeakMap<PostgresServer, string[]>();

/** One of its own, on a real file or on a server. */
export async function openTestDatabase(server?: PostgresServer): Promise<TestDatabase> {
  if (server === undefined) return openWith(undefined, new FakeClock());
  const known = emptied.get(server) ?? [];
  emptied.set(server, known);
  const url = known.pop() ?? (await createTestDatabase(server));
  const opened = await openWith(url, new FakeClock());
  const close = async (): Promise<void> => {
    const isEmpty = await empty(opened.database).then(
      () => true,
      () => false,
    );
    await opened.close();
    if (isEmpty) known.push(url);
  };
  return { ...opened, close };
}

/** Opens a database of a server once more, as another process would, with the same clock or another one. */
export async function openWith(databaseUrl: string | undefined, clock: FakeClock): Promise<TestDatabase> {
  const folder = makeTemporaryFolder();
  const leaseClock = new LeaseClock(clock);
  const given = { dataFolder: folder.path, clock, ...(databaseUrl !== undefined && { databaseUrl }) };
  const database = await openDatabase(given, { leaseNow: () => leaseClock.now() });
  return {
    database,
    clock,
    dataFolder: folder.path,
    close: async () => {
      await database.close();
      folder.remove();
    },
  };
}

/** The address of a new database of the newest schema. */
export async function createTestDatabase(server: PostgresServer): Promise<string> {
  const template = templates.get(server) ?? makeTemplate(server);
  templates.set(server, template);
  return server.createDatabase(await template);
}

/** Opens a database, works with it and closes it, whatever the work did. */
export async function withTestDatabase(
  work: (opened: TestDatabase) => Promise<void>,
  server?: PostgresServer,
): Promise<void> {
  const opened = await openTestDatabase(server);
  try {
    await work(opened);
  } finally {
    await opened.close();
  }
}

async function empty({ queries }: CoordinatorDatabase): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables
    where schemaname = current_schema() and tablename not in ('schema_migrations', 'write_probe')
  `.execute(queries);
  await sql`truncate ${sql.join(rows.map(({ name }) => sql.table(name)))} restart identity`.execute(queries);
  await queries.updateTable('write_probe').set({ writes: 0 }).execute();
}

async function makeTemplate(server: PostgresServer): Promise<string> {
  const url = await server.createDatabase();
  const { close } = await openWith(url, new FakeClock());
  await close();
  return new URL(url).pathname.slice(1);
}
