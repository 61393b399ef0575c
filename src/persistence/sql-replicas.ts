import { sql, type ExpressionBuilder } from 'kysely';
import type { CoordinatorDatabase } from './coordinator-database.js';
import { folderIdentity } from './folder-identity.js';
import { isCertainlyDead, ownIdentity, parseIdentity, type ProcessIdentity } from './process-identity.js';
import type { Tables } from './schema.js';

/** Who has not been seen for so long, and runs nothing, is forgotten. */
const REMEMBERED_MS = 7 * 86_400_000;

interface Known {
  readonly holder: string;
  readonly identity: string;
  readonly folder: string;
}

/**
 * Tells which of the processes that share a database are dead, without waiting for their leases to end. An embedded one has
 * a single process, whose opening it ended the leases of its predecessor: nobody in it is dead.
 */
export class SqlReplicas {
  private folder: string | null = null;
  private readonly registered = new Set<string>();

  constructor(
    private readonly database: CoordinatorDatabase,
    private readonly own: ProcessIdentity = ownIdentity(),
  ) {}

  /** Makes the process known under the name by which it holds leases. To be repeated now and then, at least daily. */
  async register(holder: string): Promise<void> {
    const { queries } = this.database;
    this.registered.add(holder);
    const row = { identity: JSON.stringify(this.own), folder: this.ownFolder, seen_at: this.database.leaseNow() };
    await queries
      .insertInto('replicas')
      .values({ holder, ...row })
      .onConflict((conflict) => conflict.column('holder').doUpdateSet(row))
      .execute();
    await queries
      .deleteFrom('replicas')
      .where('seen_at', '<', sql<number>`${this.database.leaseNow()} - ${REMEMBERED_MS}`)
      .where((replica) => replica.not(replica.exists(isRunningSomething(replica))))
      .execute();
  }

  /** The holders of leases whose process is certainly dead. Not all that are: see `isDead`. */
  async deadHolders(): Promise<readonly string[]> {
    if (!this.database.isShared) return [];
    const known = await this.database.queries
      .selectFrom('replicas')
      .select(['holder', 'identity', 'folder'])
      .where((replica) => replica.exists(isRunningSomething(replica)))
      .execute();
    return known.filter((replica) => this.isKnownDead(replica)).map(({ holder }) => holder);
  }

  /**
   * Whether the process of a holder is certainly dead: it had this process's data folder, or ran beside it on this machine
   * and runs no longer. Of any other nothing is known.
   */
  async isDead(holder: string): Promise<boolean> {
    if (!this.database.isShared) return false;
    const replica = await this.database.queries
      .selectFrom('replicas')
      .select(['holder', 'identity', 'folder'])
      .where('holder', '=', holder)
      .executeTakeFirst();
    return replica !== undefined && this.isKnownDead(replica);
  }

  private get ownFolder(): string {
    this.folder ??= folderIdentity(this.database.dataFolder);
    return this.folder;
  }

  private isKnownDead({ holder, identity: text, folder }: Known): boolean {
    if (this.registered.has(holder)) return false;
    const identity = parseIdentity(text);
    if (identity === undefined) return false;
    // Several holders of one process have one folder.
    const isOwn = JSON.stringify(identity) === JSON.stringify(parseIdentity(JSON.stringify(this.own)));
    return (folder === this.ownFolder && !isOwn) || isCertainlyDead(identity, this.own);
  }
}

/** The jobs that the replica of the query around this one runs, and those that were taken from it while it ran them. */
function isRunningSomething(replica: ExpressionBuilder<Tables, 'replicas'>) {
  return replica
    .selectFrom('jobs')
    .select('jobs.id')
    .where((job) =>
      job.or([
        job('jobs.lease_holder', '=', job.ref('replicas.holder')),
        job('jobs.taken_from', '=', job.ref('replicas.holder')),
      ]),
    );
}
