import { setImmediate as otherWork } from 'node:timers/promises';
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import { Pool, type ClientBase, type PoolClient } from 'pg';
import { bindable } from '../bindable.js';
import { DatabaseUnavailableError } from '../persistence.errors.js';
import type { PostgresAddress } from './postgres-address.js';
import { failureOf, isBroken } from './postgres-failure.js';
import { POSTGRES_VALUES } from './postgres-values.js';

/** Limits of a connection, each in milliseconds. */
export interface PostgresTimes {
  /** For a connection, a new one or a free one of the pool. */
  readonly connectMs: number;
  /** For one statement. A server that says nothing for a little longer is given up. */
  readonly statementMs: number;
  /** For a lock that somebody else holds. */
  readonly lockMs: number;
}

/** How much longer than a statement may take its answer is waited for: the server ends it first, and says so. */
const ANSWER_GRACE_MS = 2_000;
/** A transaction in which nothing is asked for so long is undone: its process was frozen or is gone. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** A connection that is not used for so long is closed. */
const IDLE_MS = 30_000;

/** The settings of every connection, for `new Pool` and `new Client`. */
export function connectionSettings({ connectionString, ssl }: PostgresAddress, times: PostgresTimes) {
  return {
    connectionString,
    ssl,
    types: POSTGRES_VALUES,
    application_name: 'mosaic-coordinator',
    connectionTimeoutMillis: times.connectMs,
    statement_timeout: times.statementMs,
    lock_timeout: times.lockMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    query_timeout: times.statementMs + ANSWER_GRACE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
}

/**
 * Connections to a server, in the form Kysely asks for. Every failure is a coded error. One that broke is thrown away, and
 * the next request makes a new one: a server that comes back is used again without anybody's doing.
 */
export class PostgresConnections implements PostgresPool {
  private readonly pool: Pool;
  /** How many are lent out, or asked for. */
  private lent = 0;
  private isClosed = false;
  private ending: Promise<void> | null = null;
  private allReturned: () => void = () => undefined;

  constructor(
    private readonly address: PostgresAddress,
    times: PostgresTimes,
    size: number,
  ) {
    this.pool = new Pool({
      ...connectionSettings(address, times),
      max: size,
      idleTimeoutMillis: IDLE_MS,
      // Declared as one that returns nothing; the pool waits for it all the same.
      onConnect: commitDurably as (client: ClientBase) => void,
    });
    // Whoever asks next is told. Without listeners a connection that breaks would end the process.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** @throws {DatabaseUnavailableError} if there is none within the time for it */
  async connect(): Promise<PostgresPoolClient> {
    if (this.isClosed) {
      throw new DatabaseUnavailableError('The database is closed: the coordinator is stopping', null);
    }
    this.lent += 1;
    try {
      return new CheckedClient(await this.pool.connect(), this.address.place, () => this.takeBack());
    } catch (error) {
      this.takeBack();
      throw failureOf(error, this.address.place);
    }
  }

  /** Lets what was asked for before finish. May be called twice. */
  end(): Promise<void> {
    this.ending ??= this.finish();
    return this.ending;
  }

  private async finish(): Promise<void> {
    // Whoever asked for something in this turn gets to ask for its connection.
    await otherWork();
    this.isClosed = true;
    // The pool itself would forget whoever waits for a connection.
    await new Promise<void>((resolve) => {
      this.allReturned = resolve;
      if (this.lent === 0) resolve();
    });
    await this.pool.end();
  }

  private takeBack(): void {
    this.lent -= 1;
    if (this.lent === 0) this.allReturned();
  }
}

/** What is accepted must survive a power cut, whatever the server's settings say; stricter ones stay. */
async function commitDurably(client: ClientBase): Promise<void> {
  await client.query(
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
  );
}

/** One connection as long as it is lent out. */
class CheckedClient implements PostgresPoolClient {
  private fault: Error | null = null;

  constructor(
    private readonly client: PoolClient,
    private readonly place: string,
    private readonly returned: () => void,
  ) {}

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  /** Nobody asks for a stream: the dialect has no cursors. */
  query<R>(cursor: PostgresCursor<R>): never;
  query<R>(sql: string | PostgresCursor<R>, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
    return this.ask(sql as string, parameters);
  }

  private async ask<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    if (this.fault !== null) return this.refuse<R>(sql, this.fault);
    try {
      return (await this.client.query(sql, parameters.map(bindable))) as unknown as PostgresQueryResult<R>;
    } catch (error) {
      const failure = failureOf(error, this.place);
      if (isBroken(error)) this.fault = failure;
      throw failure;
    }
  }

  release(): void {
    this.client.release(this.fault ?? undefined);
    this.returned();
  }

  /** Nothing more can be asked. What is to be undone is undone by the server, and must not hide why. */
  private refuse<R>(sql: string, fault: Error): PostgresQueryResult<R> {
    if (sql !== 'rollback') throw fault;
    return { command: 'SELECT', rowCount: 0, rows: [] };
  }
}
