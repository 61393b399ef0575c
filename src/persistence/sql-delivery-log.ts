import { Logger } from '@nestjs/common';
import type { Insertable, Selectable } from 'kysely';
import { issueKey, messageOf } from '../kernel/index.js';
import { DeliveryLogUnavailableError, type Delivery, type DeliveryLog, type IssueSnapshot } from '../webhook/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { readJson } from './json-column.js';
import { DatabaseUnavailableError } from './persistence.errors.js';
import type { DeliveryTable, Queries } from './schema.js';

/** How many rows one statement stores, and how many ids one names: well under SQLite's limit of 32,766 values. */
const ROWS_PER_STATEMENT = 100;
const IDS_PER_STATEMENT = 1_000;

type NewRow = Insertable<DeliveryTable>;

interface Waiting {
  readonly row: NewRow;
  readonly resolve: (outcome: 'accepted' | 'duplicate') => void;
  readonly reject: (reason: DeliveryLogUnavailableError) => void;
}

/**
 * Keeps deliveries in the database.
 *
 * Deliveries that come in one turn of the event loop, or while the database is busy, are stored by one statement: they
 * share one sync of the disk, which is most of what a delivery costs. None is answered before that.
 */
export class SqlDeliveryLog implements DeliveryLog {
  private readonly logger = new Logger(SqlDeliveryLog.name);
  private waiting: Waiting[] = [];
  private isStoring = false;

  constructor(private readonly database: CoordinatorDatabase) {}

  record(delivery: Delivery): Promise<'accepted' | 'duplicate'> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ row: toRow(delivery), resolve, reject });
      if (this.isStoring) return;
      this.isStoring = true;
      setImmediate(() => void this.storeWaiting());
    });
  }

  async unsettled(limit: number): Promise<readonly Delivery[]> {
    const rows = await available(() =>
      this.database.queries
        .selectFrom('deliveries')
        .selectAll()
        .where('settled_at', 'is', null)
        .where('fault', 'is', null)
        .orderBy('sequence')
        .limit(limit)
        .execute(),
    );
    const deliveries: Delivery[] = [];
    for (const row of rows) {
      try {
        deliveries.push(fromRow(row));
      } catch (error) {
        await this.setAside(row.id, messageOf(error));
      }
    }
    return deliveries;
  }

  async settle(ids: readonly string[]): Promise<void> {
    const settledAt = this.database.clock.now();
    for (let start = 0; start < ids.length; start += IDS_PER_STATEMENT) {
      await available(() =>
        this.database.queries
          .updateTable('deliveries')
          .set({ settled_at: settledAt })
          .where('id', 'in', ids.slice(start, start + IDS_PER_STATEMENT))
          .where('settled_at', 'is', null)
          .execute(),
      );
    }
  }

  private async storeWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      try {
        // Who waits is looked at when it is our turn at the database: many come while it is busy.
        await this.database.queries.connection().execute(async (connection) => {
          await store(connection, this.waiting.splice(0, ROWS_PER_STATEMENT));
        });
      } catch (error) {
        // It cannot be reached at all. Whoever sends a delivery must not wait until it is back.
        for (const { reject } of this.waiting.splice(0)) reject(unavailable(error));
      }
    }
    this.isStoring = false;
  }

  /** Keeps a row that cannot be read from being tried again and again; it stays for a person to look at. */
  private async setAside(id: string, fault: string): Promise<void> {
    this.logger.error('A stored delivery cannot be read and is set aside', { delivery: id, reason: fault });
    await available(() =>
      this.database.queries.updateTable('deliveries').set({ fault }).where('id', '=', id).execute(),
    );
  }
}

/** Stores a batch by one statement and answers each of it. Never rejects. */
async function store(queries: Queries, batch: readonly Waiting[]): Promise<void> {
  try {
    const stored = await queries
      .insertInto('deliveries')
      .values(batch.map(({ row }) => row))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .execute();
    const ids = new Set(stored.map(({ id }) => id));
    // The first of several with one id is the one that was stored.
    for (const { row, resolve } of batch) resolve(ids.delete(row.id) ? 'accepted' : 'duplicate');
  } catch (error) {
    // One that cannot be stored must not refuse the others.
    if (batch.length > 1 && mayBeOfOneRow(error)) for (const one of batch) await store(queries, [one]);
    else for (const { reject } of batch) reject(unavailable(error));
  }
}

/**
 * Whether the others of a batch may be stored after this failure. Where the server is gone, or something kept it from
 * answering in time, each of them would only wait for the same.
 */
function mayBeOfOneRow(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailableError)) return true;
  // PostgreSQL's classes of data, constraints, resources and limits; SQLite answers at once, whatever it answers.
  return /^(SQLITE_|22|23|53|54)/.test(error.engineCode ?? '');
}

function toRow({ id, kind, action, issue, sender, receivedAt }: Delivery): NewRow {
  return {
    id,
    kind,
    action,
    issue_id: issueKey(issue.ref),
    issue: JSON.stringify(issue),
    sender,
    received_at: receivedAt,
    settled_at: null,
    fault: null,
  };
}

function fromRow({ id, kind, action, issue, sender, received_at }: Selectable<DeliveryTable>): Delivery {
  const snapshot = readJson<IssueSnapshot>(issue, `delivery ${id}`, 'issue');
  return { id, kind, action, issue: snapshot, sender, receivedAt: received_at };
}

async function available<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unavailable(error);
  }
}

function unavailable(error: unknown): DeliveryLogUnavailableError {
  return new DeliveryLogUnavailableError(`Deliveries cannot be stored now. ${messageOf(error)}`, { cause: error });
}
