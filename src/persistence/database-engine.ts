import type { Kysely, RawBuilder } from 'kysely';
import type { Queries, Tables } from './schema.js';

/** On what no two transactions may work at once, whichever process they are of. */
export type Subject = 'jobs' | 'calibration' | 'base-measurements';

/** What differs between the engines under a `CoordinatorDatabase`. */
export interface DatabaseEngine {
  readonly queries: Kysely<Tables>;
  /** Whether other processes work on the same database. */
  readonly isShared: boolean;
  /** Whether a row that is read can be locked until the transaction ends. Where one transaction follows another it need not. */
  readonly locksRows: boolean;
  /**
   * The present moment by the one clock that measures leases, in whole milliseconds since 1970: an expression, because
   * that clock may be the database's.
   */
  leaseNow(): RawBuilder<number>;
  /** Waits until no other transaction works on the subject, and keeps others away until this one ends. */
  exclude(transaction: Queries, subject: Subject): Promise<void>;
  /** Tells every process that listens, this one too. */
  wake(about: string): Promise<void>;
  /** Calls back with what was told, or with nothing when there may be anything new. Returns what ends that. */
  onWake(callback: (about: string) => void): () => void;
  /** Lets what is under way finish, then closes. May be called twice. */
  close(): Promise<void>;
}
