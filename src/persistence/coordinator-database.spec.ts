import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { parseIssueRef } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import { openDatabase, type CoordinatorDatabase } from './coordinator-database.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import type { Migration } from './migrations/migration.js';
import { SqlJobStore } from './sql-job-store.js';

describe('openDatabase', () => {
  let folder: TemporaryFolder;
  let dataFolder: string;
  const opened: CoordinatorDatabase[] = [];

  beforeEach(() => {
    folder = makeTemporaryFolder();
    dataFolder = join(folder.path, 'data');
  });

  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    folder.remove();
  });

  async function open(migrations: readonly Migration[] = ALL_MIGRATIONS): Promise<CoordinatorDatabase> {
    const database = await openDatabase({ dataFolder, clock: new FakeClock() }, { migrations });
    opened.push(database);
    return database;
  }

  async function versions({ queries }: CoordinatorDatabase): Promise<readonly number[]> {
    const rows = await queries.selectFrom('schema_migrations').select('version').orderBy('version').execute();
    return rows.map(({ version }) => version);
  }

  async function tableNames({ queries }: CoordinatorDatabase): Promise<readonly string[]> {
    return (await queries.introspection.getTables()).map(({ name }) => name);
  }

  async function pragma({ queries }: CoordinatorDatabase, name: string): Promise<unknown> {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(queries);
    return Object.values(rows[0] ?? {})[0];
  }

  const known = ALL_MIGRATIONS.map(({ version }) => version);
  const last = known.at(-1) ?? 0;

  /** A step to come, the first one or the second. */
  function step(after: 1 | 2, ...statements: string[]): Migration {
    const version = last + after;
    return { version, name: `step ${version}`, statements: () => statements };
  }

  it('makes a database that syncs each commit, in files of its owner alone', async () => {
    const database = await open();

    expect(await pragma(database, 'journal_mode')).toBe('wal');
    expect(await pragma(database, 'synchronous')).toBe(2);
    expect(await pragma(database, 'foreign_keys')).toBe(1);
    expect(await pragma(database, 'busy_timeout')).toBe(2_000);
    await database.assertWritable();
    for (const file of ['coordinator.db', 'coordinator.db-wal']) {
      expect(statSync(join(dataFolder, file)).mode & 0o777).toBe(0o600);
    }
  });

  it.each([[''], ['data'], ['./data'], [undefined]])('refuses %j as a data folder', async (given) => {
    await expect(openDatabase({ dataFolder: given as string })).rejects.toMatchObject({
      code: 'PERSISTENCE_OPTIONS_INVALID',
      message: expect.stringContaining('absolute'),
    });
  });

  it('refuses a folder that is open already', async () => {
    await open();

    await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_LOCKED' });
  });

  it('refuses a file that is no database, and leaves it and the folder free', async () => {
    mkdirSync(dataFolder);
    const text = 'These are notes that somebody keeps under an unlucky name. '.repeat(200);
    writeFileSync(join(dataFolder, 'coordinator.db'), text);

    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', engineCode: 'SQLITE_NOTADB' });
    await expect(open()).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(readFileSync(join(dataFolder, 'coordinator.db'), 'utf8')).toBe(text);
  });

  it('refuses a folder in the place of the file', async () => {
    mkdirSync(join(dataFolder, 'coordinator.db'), { recursive: true });

    await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
    await expect(open()).rejects.toMatchObject({ code: 'DATA_FOLDER_UNUSABLE' });
  });

  it('brings the schema forward step by step, each once', async () => {
    const second = step(1, 'create table second (a integer)', 'insert into second values (1)');
    const third = step(2, 'insert into second select a + 1 from second');
    await (await open()).close();
    await (await open([...ALL_MIGRATIONS, second])).close();

    const database = await open([...ALL_MIGRATIONS, second, third]);

    expect(await versions(database)).toEqual([...known, last + 1, last + 2]);
    const { rows } = await sql`select a from second order by a`.execute(database.queries);
    expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
    const [first] = await database.queries.selectFrom('schema_migrations').selectAll().execute();
    expect(first).toEqual({ version: 1, name: 'jobs and deliveries', applied_at: new FakeClock().now() });
  });

  it('numbers its steps from 1 without gaps', () => {
    expect(ALL_MIGRATIONS.map(({ version }) => version)).toEqual(ALL_MIGRATIONS.map((_, at) => at + 1));
  });

  it('undoes a step that fails, keeps those before it, and does not start', async () => {
    const good = step(1, 'create table good (a integer)');
    const bad = step(2, 'create table half (a integer)', 'insert into nowhere values (1)');

    await expect(open([...ALL_MIGRATIONS, good, bad])).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(new RegExp(`schema ${last + 2} \\(step ${last + 2}\\).*nowhere`)),
    });

    const database = await open([...ALL_MIGRATIONS, good]);
    expect(await versions(database)).toEqual([...known, last + 1]);
    expect(await tableNames(database)).not.toContain('half');
  });

  it('refuses a database of a newer schema, and changes nothing of it', async () => {
    await (await open([...ALL_MIGRATIONS, step(1, 'create table later (a integer)')])).close();
    const before = readFileSync(join(dataFolder, 'coordinator.db'));

    await expect(open()).rejects.toMatchObject({
      code: 'SCHEMA_TOO_NEW',
      message: expect.stringContaining(`has schema ${last + 1}, and this program knows up to ${last}`),
    });

    expect(readFileSync(join(dataFolder, 'coordinator.db')).equals(before)).toBe(true);
    await expect(open([...ALL_MIGRATIONS, step(1)])).resolves.toBeDefined();
  });

  it('refuses any schema where it knows no step', async () => {
    await (await open()).close();

    await expect(open([])).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' });
  });

  it('ends every lease, because whoever held one is dead', async () => {
    const limits = { global: 9, perRepository: 9, perProfile: {} };
    const database = await open();
    const store = new SqlJobStore(database);
    const issue = parseIssueRef('acme/web#1');
    await store.put({ issue, title: '', profile: 'glm', priority: 0, blockers: [], details: {} }, 'Assigned');
    await store.claim({ holder: 'host:7', leaseMs: 3_600_000, limits });
    const taken = parseIssueRef('acme/web#2');
    await store.put({ issue: taken, title: '', profile: 'glm', priority: 0, blockers: [], details: {} }, 'Assigned');
    await store.claim({ holder: 'host:7', leaseMs: 3_600_000, limits });
    await store.move({ jobId: 'acme/web#2', from: 'running', to: 'available', reason: 'Assigned again' });
    await database.close();

    const reopened = new SqlJobStore(await open());

    expect(await reopened.reopenAbandoned([], 'Its coordinator ended')).toMatchObject([
      { from: 'running', job: { id: 'acme/web#1', state: 'available', fencingToken: 1 } },
    ]);
    expect(await reopened.find('acme/web#2')).toMatchObject({ state: 'available', lease: null });
  });
});

describe('CoordinatorDatabase', () => {
  let folder: TemporaryFolder;
  let database: CoordinatorDatabase;

  beforeEach(async () => {
    folder = makeTemporaryFolder();
    database = await openDatabase({ dataFolder: folder.path });
  });

  afterEach(async () => {
    await database.close();
    folder.remove();
  });

  it('answers a ping while it is open', async () => {
    await expect(database.ping()).resolves.toBeUndefined();

    await database.close();

    await expect(database.ping()).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('closed'),
      engineCode: null,
    });
  });

  it('writes each time it is asked whether it can', async () => {
    await database.assertWritable();
    await database.assertWritable();

    const { rows } = await sql`select writes from write_probe`.execute(database.queries);
    expect(rows).toEqual([{ writes: 2 }]);
  });

  it('tells when it can be read and not written', async () => {
    await sql`pragma query_only = on`.execute(database.queries);

    await expect(database.ping()).resolves.toBeUndefined();
    await expect(database.assertWritable()).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      engineCode: 'SQLITE_READONLY',
    });
  });

  it('closes after what was asked before, and only once', async () => {
    const writes = Promise.all([database.assertWritable(), database.assertWritable()]);

    await Promise.all([database.close(), database.close()]);

    await expect(writes).resolves.toHaveLength(2);
    const again = await openDatabase({ dataFolder: folder.path });
    await again.close();
  });

  it('undoes a transaction that fails, and goes on', async () => {
    const failing = database.queries.transaction().execute(async (transaction) => {
      await transaction.updateTable('write_probe').set({ writes: 99 }).execute();
      throw new Error('Changed our mind');
    });

    await expect(failing).rejects.toThrow('Changed our mind');
    const { rows } = await sql`select writes from write_probe`.execute(database.queries);
    expect(rows).toEqual([{ writes: 0 }]);
  });

  it('tells of a full disk in a transaction, not of its undoing', async () => {
    await sql`create table filler (text text)`.execute(database.queries);
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.queries);
    await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 10)}`.execute(database.queries);
    const filling = database.queries.transaction().execute(async (transaction) => {
      for (;;) await sql`insert into filler values (${'x'.repeat(4_000)})`.execute(transaction);
    });

    await expect(filling).rejects.toMatchObject({ engineCode: 'SQLITE_FULL' });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it.each([[true], [undefined], [NaN], [Infinity], [{ a: 1 }], [new Date(0)], [10n]])(
    'refuses to store %p, which the driver would not survive or would change',
    async (value) => {
      await expect(sql`select ${value} as stored`.execute(database.queries)).rejects.toMatchObject({
        code: 'VALUE_UNSTORABLE',
      });
    },
  );

  it('gives rows one by one to whoever asks for a stream', async () => {
    const rows: unknown[] = [];
    for await (const row of database.queries.selectFrom('write_probe').selectAll().stream()) rows.push(row);

    expect(rows).toEqual([{ id: 1, writes: 0 }]);
  });

  it('answers more different statements than it keeps', async () => {
    for (let number = 0; number < 250; number += 1) {
      const { rows } = await sql`select ${sql.lit(number)} as n`.execute(database.queries);
      expect(rows).toEqual([{ n: number }]);
    }
  });
});
