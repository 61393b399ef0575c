import { sql, type ExpressionBuilder, type Selectable } from 'kysely';
import { tokenCount, utcDay, type SpendEntry, type SpendLedger, type SpendTotal } from '../budgets/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import type { SpendTable, Tables } from './schema.js';

type SpendRow = Selectable<SpendTable>;

const COUNTS = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'unpriced_tokens',
  'cost_micro_usd',
] as const;

/** How many rows one statement writes: well under SQLite's limit of 32,766 values. */
const ROWS_PER_STATEMENT = 1_000;

/**
 * Keeps what was spent in the database, one row for each run and day, to which is added. The entries of one call share
 * one transaction, and with it one sync of the disk.
 */
export class SqlSpendLedger implements SpendLedger {
  constructor(private readonly database: CoordinatorDatabase) {}

  async add(entries: readonly SpendEntry[]): Promise<void> {
    // No statement may change one row twice.
    const rows = merged(entries.map(toRow));
    await this.database.transaction(async (transaction) => {
      for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
        await transaction
          .insertInto('spend')
          .values(rows.slice(start, start + ROWS_PER_STATEMENT))
          .onConflict((conflict) =>
            conflict
              .columns(['run_id', 'day', 'profile', 'issue_id'])
              .doUpdateSet((row) =>
                Object.fromEntries(
                  COUNTS.map((count) => [count, row(`spend.${count}`, '+', row.ref(`excluded.${count}`))]),
                ),
              ),
          )
          .execute();
      }
    });
  }

  async ofRun(runId: string): Promise<SpendTotal> {
    return this.database.queries.selectFrom('spend').select(sums).where('run_id', '=', runId).executeTakeFirstOrThrow();
  }

  async ofIssue(issueId: string): Promise<SpendTotal> {
    return this.database.queries
      .selectFrom('spend')
      .select(sums)
      .where('issue_id', '=', issueId)
      .executeTakeFirstOrThrow();
  }

  async ofDay(day: string): Promise<ReadonlyMap<string, SpendTotal>> {
    const rows = await this.database.queries
      .selectFrom('spend')
      .select('profile')
      .select(sums)
      .where('day', '=', day)
      .groupBy('profile')
      .execute();
    return new Map(rows.map(({ profile, ...total }) => [profile, total]));
  }
}

/** Sums of whole numbers are whole numbers, and exact. */
function sums(row: ExpressionBuilder<Tables, 'spend'>) {
  const tokens = sql<number>`coalesce(sum(${row.ref('input_tokens')} + ${row.ref('output_tokens')} + ${row.ref('cache_read_tokens')} + ${row.ref('cache_write_tokens')}), 0)`;
  return [
    tokens.as('tokens'),
    sql<number>`coalesce(sum(${row.ref('cost_micro_usd')}), 0)`.as('costMicroUsd'),
    sql<number>`coalesce(sum(${row.ref('unpriced_tokens')}), 0)`.as('unpricedTokens'),
  ] as const;
}

function toRow({ at, runId, issueId, profile, tokens, costMicroUsd }: SpendEntry): SpendRow {
  const count = tokenCount(tokens);
  return {
    run_id: runId,
    day: utcDay(at),
    profile,
    issue_id: issueId,
    input_tokens: tokens.inputTokens,
    output_tokens: tokens.outputTokens,
    cache_read_tokens: tokens.cacheReadTokens,
    cache_write_tokens: tokens.cacheWriteTokens,
    unpriced_tokens: costMicroUsd === null ? count : 0,
    cost_micro_usd: costMicroUsd ?? 0,
  };
}

function merged(rows: readonly SpendRow[]): readonly SpendRow[] {
  const byKey = new Map<string, SpendRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.run_id, row.day, row.profile, row.issue_id]);
    const known = byKey.get(key);
    const sum = known && { ...row, ...Object.fromEntries(COUNTS.map((count) => [count, known[count] + row[count]])) };
    byKey.set(key, sum ?? row);
  }
  // PostgreSQL locks rows as it comes to them: with one order for everybody no two calls wait for each other.
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
