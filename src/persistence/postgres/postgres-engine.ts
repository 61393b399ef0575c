import { Logger } from '@nestjs/common';
import { Kysely, PostgresDialect, sql, type RawBuilder } from 'kysely';
import { messageOf, type Clock } from '../../kernel/index.js';
import type { ColumnTypes } from '../column-types.js';
import type { DatabaseEngine, Subject } from '../database-engine.js';
import { assertSchemaIsKnown, migrate } from '../migrate.js';
import type { Migration } from '../migrations/migration.js';
import { DatabaseUnavailableError } from '../persistence.errors.js';
import type { Queries, Tables } from '../schema.js';
import { readPostgresAddress, type PostgresAddress } from './postgres-address.js';
import { PostgresConnections, connectionSettings, type PostgresTimes } from './postgres-connections.js';
import { isAway } from './postgres-failure.js';
import { WAKE_CHANNEL, WakeListener } from './wake-listener.js';

/** Everything that is PostgreSQL's own stands in this folder; queries and migrations are plain SQL. */

export const POSTGRES_COLUMN_TYPES: ColumnTypes = {
  sequence: 'bigint generated always as identity primary key',
  text: 'text collate "C"',
  whole: 'bigint',
  measured: 'double precision',
  real: 'double precision',
  // Exact for whole milliseconds; SQLite keeps a fraction of one too.
  moment: 'double precision',
  // Not jsonb, which changes what is stored, and refuses texts that JSON allows.
  json: () => 'json',
  lookFor: (table) => `select count(to_regclass('${table}')) as found`,
  wakeOn: (table, when) => [
    `create or replace function ${WAKE_CHANNEL}() returns trigger language plpgsql as $$
      begin perform pg_notify('${WAKE_CHANNEL}', ''); return null; end
    $$`,
    `create trigger ${table}_wake after insert on ${table} for each row
      ${when === undefined ? '' : `when (${when})`} execute function ${WAKE_CHANNEL}()`,
  ],
};

/** The first of the two numbers of our advisory locks: what else uses the database must not meet them by chance. */
const LOCKS = 1_836_282_977;
/** The second. Never changed: replicas of two versions must exclude each other. */
const LOCK_OF: Readonly<Record<Subject | 'schema', number>> = {
  schema: 1,
  jobs: 2,
  calibration: 3,
  'base-measurements': 4,
};

const LONGEST_NOTE_BYTES = 7_900;
const OLDEST_SERVER = 140_000;
/** Between two looks for a server that is not there. */
const START_PAUSE_MS = 500;

const logger = new Logger('PostgresEngine');
/** A step of the schema may take long, and the one that another replica has begun is waited for. */
const MIGRATION_TIMES: Omit<PostgresTimes, 'connectMs'> = { statementMs: 600_000, lockMs: 600_000 };

/** How to reach a server, and how much of it to use. */
export interface PostgresSettings {
  readonly databaseUrl: string;
  /** How many connections for queries there are at most. One more listens. */
  readonly poolSize: number;
  readonly times: PostgresTimes;
  /** How long the first connection waits for a server that is not there or just starts, in milliseconds. */
  readonly startWaitMs: number;
  readonly clock: Clock;
  /** Instead of the server's clock, for tests that let leases end. */
  readonly leaseNow: (() => number) | undefined;
}

/** A PostgreSQL database that any number of processes share. Leases are measured by the server's clock alone. */
class PostgresEngine implements DatabaseEngine {
  readonly isShared = true;
  readonly locksRows = true;
  private closing: Promise<void> | null = null;

  constructor(
    readonly queries: Kysely<Tables>,
    private readonly connections: PostgresConnections,
    private readonly listener: WakeListener,
    private readonly testLeaseNow: (() => number) | undefined,
  ) {}

  leaseNow(): RawBuilder<number> {
    return this.testLeaseNow === undefined
      ? sql`floor(extract(epoch from clock_timestamp()) * 1000)::double precision`
      : sql`${this.testLeaseNow()}::double precision`;
  }

  async exclude(transaction: Queries, subject: Subject): Promise<void> {
    await sql`select pg_advisory_xact_lock(${sql.lit(LOCKS)}, ${sql.lit(LOCK_OF[subject])})`.execute(transaction);
  }

  async wake(about: string): Promise<void> {
    // The server takes no longer ones; whoever hears of nothing in particular looks at everything.
    const told = Buffer.byteLength(about) <= LONGEST_NOTE_BYTES ? about : '';
    await sql`select pg_notify(${WAKE_CHANNEL}, ${told})`.execute(this.queries);
  }

  onWake(callback: (about: string) => void): () => void {
    return this.listener.onWake(callback);
  }

  close(): Promise<void> {
    this.closing ??= Promise.all([this.listener.close(), this.connections.end()]).then(() => undefined);
    return this.closing;
  }
}

/**
 * Connects to a database and brings its schema up to date; of several processes that start at once, one does it. The leases
 * in it stay: other processes may live.
 *
 * @throws {InvalidPersistenceOptionsError} if the address cannot be used
 * @throws {DatabaseUnavailableError} if the server cannot be reached, lets nobody in, or is too old
 * @throws {SchemaTooNewError} if a newer version of the program has used the database
 * @throws {MigrationFailedError} if the schema cannot be brought up to date
 */
export async function openPostgres(
  settings: PostgresSettings,
  migrations: readonly Migration[],
): Promise<DatabaseEngine> {
  const address = readPostgresAddress(settings.databaseUrl);
  await onceThere(settings, () => prepareSchema(address, settings, migrations));
  const connections = new PostgresConnections(address, settings.times, settings.poolSize);
  const listener = new WakeListener(connectionSettings(address, settings.times), address.place, settings.clock);
  return new PostgresEngine(queriesOn(connections), connections, listener, settings.leaseNow);
}

function queriesOn(connections: PostgresConnections): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool: connections }) });
}

/** Does what needs the server, again and again while that is away and may soon be there. */
async function onceThere({ startWaitMs, clock }: PostgresSettings, work: () => Promise<void>): Promise<void> {
  const endAt = clock.monotonic() + startWaitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || clock.monotonic() >= endAt) throw error;
      if (attempt === 1) logger.warn('Waiting for the database', { reason: messageOf(error), waitMs: startWaitMs });
      await clock.sleep(START_PAUSE_MS);
    }
  }
}

async function prepareSchema(
  address: PostgresAddress,
  { times: { connectMs }, clock }: PostgresSettings,
  migrations: readonly Migration[],
): Promise<void> {
  // One connection, so that the lock is that of all its transactions. It ends with the connection at the latest.
  const connections = new PostgresConnections(address, { connectMs, ...MIGRATION_TIMES }, 1);
  try {
    const queries = queriesOn(connections);
    await assertServerIsUsable(queries, address);
    await sql`select pg_advisory_lock(${sql.lit(LOCKS)}, ${sql.lit(LOCK_OF.schema)})`.execute(queries);
    await assertSchemaIsKnown(queries, migrations, POSTGRES_COLUMN_TYPES);
    await migrate(queries, migrations, POSTGRES_COLUMN_TYPES, clock.now());
    await analyzeAtFirst(queries);
  } finally {
    await connections.end();
  }
}

/**
 * Counts what is in tables that were filled and never looked at, such as those of a database that was restored: without
 * that the server plans a claim as if they were empty. The server itself does so from time to time.
 */
async function analyzeAtFirst(queries: Kysely<Tables>): Promise<void> {
  const job = await queries.selectFrom('jobs').select('id').limit(1).executeTakeFirst();
  if (job === undefined) return;
  const { rows } = await sql<{ known: number }>`
    select count(*) as known from pg_stats where schemaname = current_schema() and tablename = 'jobs'
  `.execute(queries);
  if (rows[0]?.known === 0) await sql`analyze jobs, job_blockers, job_events, deliveries`.execute(queries);
}

async function assertServerIsUsable(queries: Kysely<Tables>, { place }: PostgresAddress): Promise<void> {
  const { rows } = await sql<{ version: number; encoding: string }>`
    select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding
  `.execute(queries);
  const [server] = rows;
  if (server === undefined || server.version < OLDEST_SERVER) {
    const found = Math.floor((server?.version ?? 0) / 10_000);
    throw new DatabaseUnavailableError(`PostgreSQL at ${place} is version ${found}, and 14 or newer is needed`, null);
  }
  if (server.encoding !== 'UTF8') {
    throw new DatabaseUnavailableError(`The database at ${place} keeps text as ${server.encoding}; use UTF8`, null);
  }
}
