import { Global, Module } from '@nestjs/common';

import { DeadMansSwitch } from './command-runner/index.js';
import { APP_CONFIG, type AppConfig } from './config/index.js';
import { CLOCK, type Clock } from './kernel/index.js';
import { ALWAYS_LEADING, type Leadership, type Replicas, type Signals } from './orchestration/index.js';
import { ownerIdOf } from './owner-id.js';
import { DATABASE, SqlLeadership, SqlReplicas, SqlSignals, type CoordinatorDatabase } from './persistence/index.js';
import { QueueService } from './queue/index.js';

/** What a coordinator needs of those that share its database. */
export interface Fellows {
  readonly leadership: Leadership;
  readonly replicas: Replicas;
  readonly signals: Signals;
}

export const FELLOWS = Symbol('FELLOWS');

/**
 * Of a lease: renewed at each third of it, it may end after two thirds without a sign of life. Agents are dead by then.
 */
const SILENT_SHARE = 0.5;

/** How often a process makes itself known again: those not seen for days are forgotten. */
const REGISTERED_EVERY_MS = 3_600_000;

/** Makes a coordinator one of those that share its database. On an embedded one it is alone. */
@Global()
@Module({
  providers: [
    {
      provide: FELLOWS,
      inject: [DATABASE, SqlReplicas, SqlSignals, QueueService, CLOCK],
      useFactory: (
        database: CoordinatorDatabase,
        replicas: SqlReplicas,
        signals: SqlSignals,
        { holder }: QueueService,
        clock: Clock,
      ): Fellows => ({
        leadership: database.isShared ? new SqlLeadership(database, replicas, { holder }) : ALWAYS_LEADING,
        replicas: new KnownReplicas(replicas, holder, clock),
        signals,
      }),
    },
    {
      provide: DeadMansSwitch,
      inject: [APP_CONFIG, CLOCK],
      // Alone, a coordinator that was paused goes on: nobody took anything over.
      useFactory: ({ database, dataFolder, times }: AppConfig, clock: Clock) =>
        database.url === null
          ? null
          : new DeadMansSwitch({ ownerId: ownerIdOf(dataFolder), silenceMs: times.leaseMs * SILENT_SHARE, clock }),
    },
  ],
  exports: [FELLOWS],
})
export class ReplicasModule {}

/** Makes this process known before it asks, and again now and then. */
class KnownReplicas implements Replicas {
  private registeredAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly replicas: SqlReplicas,
    private readonly holder: string,
    private readonly clock: Clock,
  ) {}

  async deadHolders(): Promise<readonly string[]> {
    const now = this.clock.monotonic();
    if (now - this.registeredAt >= REGISTERED_EVERY_MS) {
      await this.replicas.register(this.holder);
      this.registeredAt = now;
    }
    return this.replicas.deadHolders();
  }
}
