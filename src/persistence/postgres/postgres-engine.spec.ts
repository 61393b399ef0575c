import { inspect } from 'node:util';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { deliveryWith } from '../../../test/contracts/delivery-log.contract.js';
import { GUARDED_ROLE, describePostgres } from '../../../test/support/postgres.js';
import { SilentProxy } from '../../../test/support/silent-proxy.js';
import { createTestDatabase } from '../../../test/support/test-database.js';
import { makeTemporaryFolder, type TemporaryFolder } from '../../../test/support/temporary-folder.js';
import { parseIssueRef } from '../../kernel/index.js';
import { FakeClock } from '../../testing/index.js';
import { openDatabase, type CoordinatorDatabase, type DatabaseParts } from '../coordinator-database.js';
import { ALL_MIGRATIONS } from '../migrations/all-migrations.js';
import type { Migration } from '../migrations/migration.js';
import type { PersistenceModuleOptions } from '../persistence.options.js';
import { SqlDeliveryLog } from '../sql-delivery-log.js';
import { SqlJobStore } from '../sql-job-store.js';

const KNOWN = ALL_MIGRATIONS.map(({ version }) => version);
const NEXT = KNOWN.length + 1;
const UNAVAILABLE = { code: 'DATABASE_UNAVAILABLE' };
const REFUSED = { code: 'DELIVERY_LOG_UNAVAILABLE' };

let folders: TemporaryFolder[] = [];
const opened: CoordinatorDatabase[] = [];

beforeEach(() => {
  Logger.overrideLogger(false);
});

afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  for (const folder of folders) folder.remove();
  folders = [];
});

async function open(
  databaseUrl: string,
  options: Partial<PersistenceModuleOptions> = {},
  parts: DatabaseParts = {},
): Promise<CoordinatorDatabase> {
  const folder = makeTemporaryFolder();
  folders.push(folder);
  const database = await openDatabase({ dataFolder: join(folder.path, 'data'), databaseUrl, ...options }, parts);
  opened.push(database);
  return database;
}

async function valueOf<T>(database: CoordinatorDatabase, query: string): Promise<T | undefined> {
  const { rows } = await sql.raw<{ value: T }>(`select ${query} as value`).execute(database.queries);
  return rows[0]?.value;
}

function versionsOf({ queries }: CoordinatorDatabase): Promise<readonly number[]> {
  const rows = queries.selectFrom('schema_migrations').select('version').orderBy('version').execute();
  return rows.then((all) => all.map(({ version }) => version));
}

function step(version: number, ...statements: string[]): Migration {
  return { version, name: `step ${version}`, statements: () => statements };
}

describePostgres('openDatabase on PostgreSQL', (server) => {
  it('makes the schema once, however many start at the same moment', async () => {
    const url = await server().createDatabase();

    const databases = await Promise.all([1, 2, 3, 4].map(() => open(url)));

    for (const database of databases) expect(await versionsOf(database)).toEqual(KNOWN);
  });

  it('undoes a step that fails, keeps those before it, and does not start', async () => {
    const url = await server().createDatabase();
    const bad = step(NEXT, 'create table half (a integer)', 'insert into nowhere values (1)');

    await expect(open(url, {}, { migrations: [...ALL_MIGRATIONS, bad] })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/nowhere/),
    });

    const database = await open(url);
    expect(await versionsOf(database)).toEqual(KNOWN);
    expect(await valueOf(database, `to_regclass('half')::text`)).toBeNull();
  });

  it('refuses a database of a newer schema', async () => {
    const url = await server().createDatabase();
    await open(url, {}, { migrations: [...ALL_MIGRATIONS, step(NEXT)] });

    await expect(open(url)).rejects.toMatchObject({ code: 'SCHEMA_TOO_NEW' });
    await expect(open(url, {}, { migrations: [...ALL_MIGRATIONS, step(NEXT)] })).resolves.toBeDefined();
  });

  it('refuses a database that keeps text otherwise than as UTF-8', async () => {
    await server().ask(`create database ascii encoding 'SQL_ASCII' locale 'C' template template0`);

    await expect(open(server().url('ascii'))).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('SQL_ASCII; use UTF8'),
    });
  });

  it('looks at tables that were filled and never counted', async () => {
    const url = await createTestDatabase(server());
    const before = await open(url);
    const issue = parseIssueRef('acme/web#1');
    const draft = { issue, title: '', profile: 'glm', priority: 0, blockers: [], details: {} };
    await new SqlJobStore(before).put(draft, 'Assigned');
    const statistics = `(select count(*) from pg_stats where tablename = 'jobs')`;
    expect(await valueOf(before, statistics)).toBe(0);

    const database = await open(url);

    expect(await valueOf(database, statistics)).toBeGreaterThan(10);
  });

  it('commits durably, whatever the database is set to', async () => {
    const url = await createTestDatabase(server());
    await server().ask(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);

    expect(await valueOf(await open(url), `current_setting('synchronous_commit')`)).toBe('on');
  });

  it.each([
    ['nobody listens', 'postgres://u:pass-0123456789@127.0.0.1:9/name', 'ECONNREFUSED'],
    ['there is no such host', 'postgres://u:pass-0123456789@nowhere.invalid/name', 'ENOTFOUND'],
  ])('says where it found no server when %s, and never the password', async (_when, url, engineCode) => {
    const fault: unknown = await open(url, { connectTimeoutMs: 2_000 }).catch((error: unknown) => error);

    expect(fault).toMatchObject({ ...UNAVAILABLE, message: expect.stringMatching(/^PostgreSQL at \S+\/name refused/) });
    expect([engineCode, 'EAI_AGAIN']).toContain((fault as { engineCode: string }).engineCode);
    expect(inspect(fault, { depth: 9 })).not.toContain('pass-0123456789');
  });

  /** Time passes when somebody sleeps, and something happens meanwhile. */
  class EventfulClock extends FakeClock {
    sleeps = 0;

    constructor(private readonly meanwhile: () => Promise<void> = () => Promise.resolve()) {
      super();
    }

    override async sleep(ms: number): Promise<void> {
      this.sleeps += 1;
      this.advance(ms);
      await this.meanwhile();
    }
  }

  it('waits for a server that is not there yet', async () => {
    const url = await createTestDatabase(server());
    await server().kill();
    const clock = new EventfulClock(() => server().resume());

    const database = await open(url, { startWaitMs: 60_000, clock });

    expect(await versionsOf(database)).toEqual(KNOWN);
    expect(clock.sleeps).toBeGreaterThan(0);
  });

  it('gives up on a server that is not there in time', async () => {
    const clock = new EventfulClock();

    await expect(open('postgres://u@127.0.0.1:9/name', { startWaitMs: 2_000, clock })).rejects.toMatchObject({
      ...UNAVAILABLE,
      engineCode: 'ECONNREFUSED',
    });

    expect(clock.sleeps).toBe(4);
  });

  it('waits for nothing where the server is there and refuses', async () => {
    const clock = new EventfulClock();
    const missing = new URL(await createTestDatabase(server()));
    missing.pathname = '/missing';

    await expect(open(missing.href, { startWaitMs: 60_000, clock })).rejects.toMatchObject(UNAVAILABLE);

    expect(clock.sleeps).toBe(0);
  });

  it('says that a password is wrong, and never which', async () => {
    await server().ask(`create role ${GUARDED_ROLE} superuser login password 'right-0123456789'`);
    const url = new URL(await createTestDatabase(server()));
    url.username = GUARDED_ROLE;
    url.password = 'wrong-0123456789';
    const fault: unknown = await open(url.href).catch((error: unknown) => error);

    expect(fault).toMatchObject({ ...UNAVAILABLE, engineCode: '28P01', message: expect.stringContaining('password') });
    expect(inspect(fault, { depth: 9 })).not.toContain('0123456789');
    url.password = 'right-0123456789';
    await expect(open(url.href).then((database) => database.ping())).resolves.toBeUndefined();
  });

  it('refuses a server that takes no encrypted connections where they are asked for, and says what to do', async () => {
    const url = await createTestDatabase(server());

    await expect(open(`${url}?sslmode=require`)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('add sslmode=disable'),
    });
  });

  it('reaches a server by its socket', async () => {
    const name = new URL(await createTestDatabase(server())).pathname;
    const database = await open(`postgres://postgres@${name}?host=${server().socketFolder}&port=${server().port}`);

    await expect(database.assertWritable()).resolves.toBeUndefined();
  });
});

describePostgres(
  'Encrypted connections to PostgreSQL',
  (server) => {
    const isEncrypted = (database: CoordinatorDatabase) =>
      valueOf<number>(database, '(select ssl::int from pg_stat_ssl where pid = pg_backend_pid())');

    it('take a certificate of a known authority for the very host', async () => {
      const url = await createTestDatabase(server());
      const database = await open(`${url}?sslmode=verify-full&sslrootcert=${server().certificateFile}`);

      expect(await isEncrypted(database)).toBe(1);
    });

    it.each(['require', 'verify-ca', 'verify-full'])('refuse a certificate of nobody known with %s', async (mode) => {
      const url = await createTestDatabase(server());

      await expect(open(`${url}?sslmode=${mode}`)).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining('self-signed certificate'),
      });
    });

    it('refuse one for another host, unless only the authority counts', async () => {
      const url = (await createTestDatabase(server())).replace('127.0.0.1', 'localhost');
      const authority = `sslrootcert=${server().certificateFile}`;

      await expect(open(`${url}?sslmode=verify-full&${authority}`)).rejects.toMatchObject({
        engineCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
      });
      expect(await isEncrypted(await open(`${url}?sslmode=verify-ca&${authority}`))).toBe(1);
    });

    it('take any with no-verify, and are not made with disable, or on this machine', async () => {
      const url = await createTestDatabase(server());

      expect(await isEncrypted(await open(`${url}?sslmode=no-verify`))).toBe(1);
      expect(await isEncrypted(await open(`${url}?sslmode=disable`))).toBe(0);
      expect(await isEncrypted(await open(url))).toBe(0);
    });
  },
  { tls: true },
);

describePostgres('A database on PostgreSQL', (server) => {
  let url: string;

  beforeEach(async () => {
    url = await createTestDatabase(server());
  });

  it('reads numbers as numbers and JSON as the text it was', async () => {
    const database = await open(url);

    expect(await valueOf(database, '9007199254740991::bigint')).toBe(9_007_199_254_740_991);
    expect(await valueOf(database, '(select sum(x) from (values (1::bigint), (2)) as v (x))')).toBe(3);
    expect(await valueOf(database, `'{"b": 1, "a": 1.50}'::json`)).toBe('{"b": 1, "a": 1.50}');
    await expect(valueOf(database, '9007199254740993::bigint')).rejects.toMatchObject({ code: 'STORED_ROW_CORRUPT' });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it.each([[true], [undefined], [NaN], [{ a: 1 }], [new Date(0)], [[1]]])('refuses to store %p', async (value) => {
    const { queries } = await open(url);

    await expect(sql`select ${value} as stored`.execute(queries)).rejects.toMatchObject({ code: 'VALUE_UNSTORABLE' });
  });

  it('makes no more connections than it may', async () => {
    const database = await open(url, { poolSize: 3 });

    await Promise.all(Array.from({ length: 20 }, () => database.assertWritable()));

    const connections = await server().ask(
      `select pid from pg_stat_activity where application_name = 'mosaic-coordinator' and datname = '${new URL(url).pathname.slice(1)}'`,
    );
    expect(connections).toHaveLength(3);
  });

  it('ends a statement that takes too long, and one that waits too long for a lock', async () => {
    const database = await open(url, { statementTimeoutMs: 1_000, lockTimeoutMs: 100 });

    await expect(valueOf(database, 'pg_sleep(30)::text')).rejects.toMatchObject({ engineCode: '57014' });
    const blocked = database.exclusive('jobs', () => database.exclusive('jobs', () => Promise.resolve()));
    await expect(blocked).rejects.toMatchObject({ engineCode: '55P03' });
    await expect(database.ping()).resolves.toBeUndefined();
  });

  it('gives up a server that says nothing any more, and comes back to it', async () => {
    await using proxy = await SilentProxy.start(server().port);
    const database = await open(url.replace(String(server().port), String(proxy.port)), {
      statementTimeoutMs: 1_000,
      connectTimeoutMs: 500,
    });
    await database.ping();

    proxy.isSilent = true;
    await expect(database.ping()).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.ping()).rejects.toMatchObject(UNAVAILABLE);
    proxy.isSilent = false;

    await expect(database.ping()).resolves.toBeUndefined();
  }, 20_000);

  it('goes on after its connections were ended', async () => {
    const database = await open(url);
    await database.ping();

    await server().ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${new URL(url).pathname.slice(1)}'`,
    );

    await expect(untilUp(database)).resolves.toBeUndefined();
  });

  it('says why a transaction was cut off, fails while the server is away, and goes on when it is back', async () => {
    const database = await open(url);
    const cutOff = database.transaction(async (queries) => {
      await queries.updateTable('write_probe').set({ writes: 99 }).execute();
      await server().kill();
      await queries.updateTable('write_probe').set({ writes: 100 }).execute();
    });

    await expect(cutOff).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.assertWritable()).rejects.toMatchObject(UNAVAILABLE);
    await expect(database.exclusive('jobs', () => Promise.resolve())).rejects.toMatchObject(UNAVAILABLE);
    await server().resume();

    await untilUp(database);
    expect(await valueOf(database, '(select writes from write_probe)')).toBe(0);
  });

  it('hears wake-ups again after the server was away', async () => {
    const database = await open(url);
    let heard = 0;
    let wake: () => void = () => undefined;
    const next = () => new Promise<void>((resolve) => (wake = resolve));
    const first = next();
    const stop = database.onWake(() => {
      heard += 1;
      wake();
    });
    await first;

    const again = next();
    await server().kill();
    await server().resume();
    await again;
    stop();
    await untilUp(database);
    await database.wake('nobody');
    await database.close();

    expect(heard).toBe(2);
  });

  it('closes after what was asked before, and takes nothing after that', async () => {
    const database = await open(url, { poolSize: 2 });
    const writes = Promise.all(Array.from({ length: 9 }, () => database.assertWritable()));

    await Promise.all([database.close(), database.close()]);

    await expect(writes).resolves.toHaveLength(9);
    await expect(database.ping()).rejects.toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining('closed') });
  });

  describe('SqlDeliveryLog', () => {
    const deliveries = (count: number, prefix: string) =>
      Array.from({ length: count }, (_, at) => deliveryWith({ id: `${prefix}-${at}` }));

    it('refuses deliveries while the server is away, and has every one it accepted', async () => {
      const log = new SqlDeliveryLog(await open(url));
      const before = Promise.allSettled(deliveries(150, 'during').map((one) => log.record(one)));
      await new Promise(setImmediate);
      await server().kill();
      const away = await Promise.allSettled(deliveries(150, 'away').map((one) => log.record(one)));
      const during = await before;
      await server().resume();
      const database = await open(url);

      const stored = new Set((await new SqlDeliveryLog(database).unsettled(1_000)).map(({ id }) => id));
      const accepted = during.flatMap(({ status }, at) => (status === 'fulfilled' ? [`during-${at}`] : []));
      expect(accepted.filter((id) => !stored.has(id))).toEqual([]);
      expect(away).toEqual(away.map(() => ({ status: 'rejected', reason: expect.objectContaining(REFUSED) })));
      expect([...stored].filter((id) => id.startsWith('away'))).toEqual([]);
      expect(await log.record(deliveryWith({ id: 'after' }))).toBe('accepted');
    });

    it('takes those of a batch that can be stored when one of them cannot', async () => {
      const log = new SqlDeliveryLog(await open(url));
      const all = [deliveryWith({ id: '1' }), deliveryWith({ id: '2', receivedAt: NaN }), deliveryWith({ id: '3' })];

      const outcomes = await Promise.allSettled(all.map((one) => log.record(one)));

      expect(outcomes).toMatchObject([
        { status: 'fulfilled', value: 'accepted' },
        { status: 'rejected', reason: REFUSED },
        { status: 'fulfilled', value: 'accepted' },
      ]);
    });

    it('does not let each of a batch wait for a lock that the batch has not got', async () => {
      const log = new SqlDeliveryLog(await open(url, { lockTimeoutMs: 300 }));
      const other = await open(url);

      const outcomes = await other.transaction(async (queries) => {
        await sql`lock table deliveries in access exclusive mode`.execute(queries);
        const startedAt = performance.now();
        const settled = await Promise.allSettled(deliveries(50, 'locked').map((one) => log.record(one)));
        return { settled, tookMs: performance.now() - startedAt };
      });

      expect(outcomes.settled.map(({ status }) => status)).toEqual(Array(50).fill('rejected'));
      expect(outcomes.tookMs).toBeLessThan(5_000);
      expect(await log.record(deliveryWith({ id: 'locked-0' }))).toBe('accepted');
    });
  });
});

/** A connection of the pool whose end was not seen yet fails once. */
async function untilUp(database: CoordinatorDatabase): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const isUp = await database.ping().then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await new Promise(setImmediate);
  }
  throw new Error('The database does not come back');
}
