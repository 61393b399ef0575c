import { sql } from 'kysely';
import type { Leadership } from '../orchestration/index.js';
import type { CoordinatorDatabase } from './coordinator-database.js';
import type { SqlReplicas } from './sql-replicas.js';

const LEAD = 'lead';
/** A lead is stored for longer than a term, so that it need not be prolonged whenever somebody asks. */
const STORED_TERMS = 1.5;

export interface SqlLeadershipOptions {
  /** Names this process, as it does in the leases of jobs. */
  readonly holder: string;
  /**
   * How long whoever was told that it leads may believe it, in milliseconds. Others wait half as long again.
   * @default 8000
   */
  readonly termMs?: number;
}

/** Keeps the lead in the database, by the clock of leases. That of a process that is certainly dead is taken at once. */
export class SqlLeadership implements Leadership {
  readonly termMs: number;
  private readonly holder: string;

  constructor(
    private readonly database: CoordinatorDatabase,
    private readonly replicas: Pick<SqlReplicas, 'isDead'>,
    { holder, termMs = 8_000 }: SqlLeadershipOptions,
  ) {
    this.holder = holder;
    this.termMs = termMs;
  }

  async hold(): Promise<number | null> {
    const term = (await this.present()) ?? (await this.take());
    if (term !== null) return term;
    return (await this.endOfTheDead()) ? this.take() : null;
  }

  async release(): Promise<void> {
    await this.database.queries
      .updateTable('leases')
      .set({ ends_at: 0 })
      .where('name', '=', LEAD)
      .where('holder', '=', this.holder)
      .execute();
  }

  /** The own term, where a whole one is left: then there is nothing to write. */
  private async present(): Promise<number | null> {
    const row = await this.database.queries
      .selectFrom('leases')
      .select('fencing_token')
      .where('name', '=', LEAD)
      .where('holder', '=', this.holder)
      .where('ends_at', '>=', sql<number>`${this.database.leaseNow()} + ${this.termMs}`)
      .executeTakeFirst();
    return row?.fencing_token ?? null;
  }

  /** Takes a lead that nobody holds, or prolongs the own one, in one statement: of several who try, one succeeds. */
  private async take(): Promise<number | null> {
    const now = this.database.leaseNow();
    const { rows } = await sql<{ fencing_token: number }>`
      insert into leases (name, holder, fencing_token, ends_at)
      values (${LEAD}, ${this.holder}, 1, ${now} + ${this.termMs * STORED_TERMS})
      on conflict (name) do update set
        holder = excluded.holder,
        ends_at = excluded.ends_at,
        fencing_token = leases.fencing_token
          + case when leases.holder = excluded.holder and leases.ends_at > ${now} then 0 else 1 end
      where leases.holder = excluded.holder or leases.ends_at <= ${now}
      returning fencing_token
    `.execute(this.database.queries);
    return rows[0]?.fencing_token ?? null;
  }

  /** Ends the term of a process that is dead. False where the leader may live. */
  private async endOfTheDead(): Promise<boolean> {
    const { queries } = this.database;
    const leader = await queries
      .selectFrom('leases')
      .select(['holder', 'fencing_token'])
      .where('name', '=', LEAD)
      .executeTakeFirst();
    if (leader === undefined || !(await this.replicas.isDead(leader.holder))) return false;
    await queries
      .updateTable('leases')
      .set({ ends_at: 0 })
      .where('name', '=', LEAD)
      .where('holder', '=', leader.holder)
      .where('fencing_token', '=', leader.fencing_token)
      .execute();
    return true;
  }
}
