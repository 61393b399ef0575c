import { setImmediate as otherWork } from 'node:timers/promises';
import { sql, type RawBuilder } from 'kysely';
import type { DroppedRecords, RecordLimits, RecordStore, RetainedJobs } from '../retention/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';

/** How many rows one statement looks at: others must get their turn at the database in between. */
const ROWS_PER_STATEMENT = 500;
const ENDED_STATES = ['completed', 'cancelled'];
/** What is left of a payload. */
const NO_PAYLOAD = '{}';
/** What a row of a history holds, about: its text is a sentence. */
const HISTORY_ROW_BYTES = 250;

type History = 'job_events' | 'runs';

interface Dropped {
  rows: number;
  bytes: number;
}

/**
 * Drops old records: payloads of deliveries, and all but the last event of jobs that ended.
 *
 * Jobs themselves, their progress and what was spent stay. There is one row of them an issue, and a delivery that is
 * replayed, or an issue that is opened again, must find it.
 */
export class SqlRetention implements RecordStore, RetainedJobs {
  constructor(private readonly database: CoordinatorDatabase) {}

  async live(): Promise<ReadonlySet<string>> {
    const rows = await this.database.queries
      .selectFrom('jobs')
      .select('id')
      .where('state', 'not in', ENDED_STATES)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  async endedAt(jobIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const moments = new Map<string, number>();
    for (let start = 0; start < jobIds.length; start += ROWS_PER_STATEMENT) {
      const rows = await this.database.queries
        .selectFrom('jobs')
        .select(['id', 'updated_at'])
        .where('id', 'in', jobIds.slice(start, start + ROWS_PER_STATEMENT))
        .where('state', 'in', ENDED_STATES)
        .execute();
      for (const { id, updated_at: at } of rows) moments.set(id, at);
    }
    return moments;
  }

  async drop({ before, idsBefore, maxBytes }: RecordLimits): Promise<DroppedRecords> {
    const deliveries = await this.forgetDeliveries(idsBefore);
    const parsedTexts = await this.forgetParsedTexts(idsBefore);
    const payloads = await this.dropPayloads(before);
    const events = await this.dropHistory('job_events', before);
    const runs = await this.dropHistory('runs', before);
    let excessBytes = (await this.bytes()) - maxBytes;
    if (excessBytes > 0) excessBytes -= await added(payloads, this.dropPayloads(null, excessBytes));
    if (excessBytes > 0) excessBytes -= await added(events, this.dropHistory('job_events', null, excessBytes));
    if (excessBytes > 0) excessBytes -= await added(runs, this.dropHistory('runs', null, excessBytes));
    return {
      payloads: payloads.rows,
      deliveries,
      events: events.rows,
      runs: runs.rows,
      parsedTexts,
      excessBytes: Math.max(0, excessBytes),
    };
  }

  /** How many bytes payloads and histories hold. */
  private async bytes(): Promise<number> {
    let bytes = 0;
    await this.inStretches('deliveries', async (after, last) => {
      for (const row of await this.payloads(after, last).execute()) bytes += Number(row.bytes);
      return true;
    });
    for (const history of ['job_events', 'runs'] as const) {
      const { rows } = await this.database.queries
        .selectFrom(history)
        .select((row) => row.fn.countAll<number>().as('rows'))
        .executeTakeFirstOrThrow();
      bytes += Number(rows) * HISTORY_ROW_BYTES;
    }
    return bytes;
  }

  /** The payloads of deliveries that had their effect, in a stretch. */
  private payloads(after: number, last: number) {
    return this.database.queries
      .selectFrom('deliveries')
      .select(['sequence', sql<number>`octet_length(${PAYLOAD})`.as('bytes')])
      .where('sequence', '>', after)
      .where('sequence', '<=', last)
      .where('settled_at', 'is not', null)
      .where(sql<boolean>`${PAYLOAD} <> ${sql.lit(NO_PAYLOAD)}`)
      .orderBy('sequence');
  }

  /**
   * @param before null: whatever their age
   * @param enoughBytes after so many it ends; null: it goes through all
   */
  private async dropPayloads(before: number | null, enoughBytes: number | null = null): Promise<Dropped> {
    const dropped = { rows: 0, bytes: 0 };
    await this.inStretches('deliveries', async (after, last) => {
      const found = this.payloads(after, last).where((row) => row.not(hasLiveJob));
      const rows = await (before === null ? found : found.where('received_at', '<', before)).execute();
      const chosen = [];
      for (const { sequence, bytes } of rows) {
        if (dropped.bytes >= (enoughBytes ?? Number.POSITIVE_INFINITY)) break;
        chosen.push(sequence);
        dropped.bytes += Number(bytes);
      }
      dropped.rows += chosen.length;
      if (chosen.length > 0) {
        await this.database.queries
          .updateTable('deliveries')
          .set({ issue: NO_PAYLOAD })
          .where('sequence', 'in', chosen)
          .execute();
      }
      return enoughBytes === null || dropped.bytes < enoughBytes;
    });
    return dropped;
  }

  /** Those that were set aside too: by then nobody will look at them any more. */
  private async forgetDeliveries(before: number): Promise<number> {
    let forgotten = 0;
    await this.inStretches('deliveries', async (after, last) => {
      const { numDeletedRows } = await this.database.queries
        .deleteFrom('deliveries')
        .where('sequence', '>', after)
        .where('sequence', '<=', last)
        .where('received_at', '<', before)
        .where((row) => row.or([row('settled_at', 'is not', null), row('fault', 'is not', null)]))
        .where((row) => row.not(hasLiveJob))
        .executeTakeFirstOrThrow();
      forgotten += Number(numDeletedRows);
      return true;
    });
    return forgotten;
  }

  private async forgetParsedTexts(before: number): Promise<number> {
    const { numDeletedRows } = await this.database.queries
      .deleteFrom('parsed_texts')
      .where('created_at', '<', before)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }

  /**
   * Drops rows of jobs that ended, but for the last event of each: from it the job's state can be told.
   *
   * @param before when they ended at the latest; null: whenever
   * @param enoughBytes after about so many it ends; null: it goes through all
   */
  private async dropHistory(
    history: History,
    before: number | null,
    enoughBytes: number | null = null,
  ): Promise<Dropped> {
    const dropped = { rows: 0, bytes: 0 };
    await this.inStretches(history, async (after, last) => {
      const { numDeletedRows } = await this.database.queries
        .deleteFrom(history)
        .where('sequence', '>', after)
        .where('sequence', '<=', last)
        .where(history === 'runs' ? hasRunEnded : isFollowed)
        .where(hasJobEnded(history, before))
        .executeTakeFirstOrThrow();
      dropped.rows += Number(numDeletedRows);
      dropped.bytes = dropped.rows * HISTORY_ROW_BYTES;
      return enoughBytes === null || dropped.bytes < enoughBytes;
    });
    return dropped;
  }

  /** @param work is given what comes before a stretch and its last; false ends it */
  private async inStretches(
    table: History | 'deliveries',
    work: (after: number, last: number) => Promise<boolean>,
  ): Promise<void> {
    let after = 0;
    for (;;) {
      const rows = await this.database.queries
        .selectFrom(table)
        .select('sequence')
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(ROWS_PER_STATEMENT)
        .execute();
      const last = rows.at(-1)?.sequence;
      if (last === undefined || !(await work(after, last))) return;
      after = last;
      await otherWork();
    }
  }
}

const ENDED = sql.join(ENDED_STATES.map((state) => sql.lit(state)));

/** As text, because PostgreSQL compares no JSON and tells no length of it. */
const PAYLOAD = sql`cast(issue as text)`;

/** Whether the job of a delivery's issue has not ended. */
const hasLiveJob = sql<boolean>`exists (
  select 1 from jobs where jobs.id = deliveries.issue_id and jobs.state not in (${ENDED})
)`;

/** Whether an event is not the last one of its job. */
const isFollowed = sql<boolean>`exists (
  select 1 from job_events as later where later.job_id = job_events.job_id and later.sequence > job_events.sequence
)`;

const hasRunEnded = sql<boolean>`runs.ended_at is not null`;

/** Whether the job of a row has ended, and when. */
function hasJobEnded(history: History, before: number | null): RawBuilder<boolean> {
  const inTime = before === null ? sql`1 = 1` : sql`jobs.updated_at < ${before}`;
  return sql`exists (
    select 1 from jobs where jobs.id = ${sql.ref(`${history}.job_id`)} and jobs.state in (${ENDED}) and ${inTime}
  )`;
}

async function added(sum: Dropped, more: Promise<Dropped>): Promise<number> {
  const { rows, bytes } = await more;
  sum.rows += rows;
  return bytes;
}
