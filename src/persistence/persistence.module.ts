import { ConfigurableModuleBuilder, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { openDatabase, type CoordinatorDatabase } from './coordinator-database.js';
import type { PersistenceModuleOptions } from './persistence.options.js';
import { SqlBaseMeasurementStore } from './sql-base-measurement-store.js';
import { SqlCalibrationStore } from './sql-calibration-store.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlMetadataCache } from './sql-metadata-cache.js';
import { SqlRetention } from './sql-retention.js';
import { SqlReplicas } from './sql-replicas.js';
import { SqlRunStore } from './sql-run-store.js';
import { SqlSignals } from './sql-signals.js';
import { SqlSpendLedger } from './sql-spend-ledger.js';

/** The open CoordinatorDatabase. */
export const DATABASE = Symbol('DATABASE');

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<PersistenceModuleOptions>({
  moduleName: 'Persistence',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/** Closes the database last: in the phases of shutdown before this one, others still finish what they write. */
@Injectable()
class DatabaseCloser implements OnApplicationShutdown {
  constructor(@Inject(DATABASE) private readonly database: CoordinatorDatabase) {}

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}

function storeProvider<Store>(store: new (database: CoordinatorDatabase) => Store) {
  return { provide: store, useFactory: (database: CoordinatorDatabase) => new store(database), inject: [DATABASE] };
}

/**
 * Keeps deliveries, jobs, runs, what was parsed, measured and spent, and what jobs took: in an embedded database in a data
 * folder, or on a PostgreSQL server that several processes share. The data folder is locked against other processes either
 * way. Starting fails with a coded error where `openDatabase` does.
 *
 * Global by default: a second call with the same folder would be refused by the first one's lock.
 */
@Module({
  providers: [
    {
      provide: DATABASE,
      useFactory: (given: PersistenceModuleOptions) => openDatabase(given),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    DatabaseCloser,
    storeProvider(SqlBaseMeasurementStore),
    storeProvider(SqlCalibrationStore),
    storeProvider(SqlDeliveryLog),
    storeProvider(SqlJobStore),
    storeProvider(SqlMetadataCache),
    storeProvider(SqlRetention),
    storeProvider(SqlReplicas),
    storeProvider(SqlRunStore),
    storeProvider(SqlSignals),
    storeProvider(SqlSpendLedger),
  ],
  exports: [
    DATABASE,
    SqlBaseMeasurementStore,
    SqlCalibrationStore,
    SqlDeliveryLog,
    SqlJobStore,
    SqlMetadataCache,
    SqlRetention,
    SqlReplicas,
    SqlRunStore,
    SqlSignals,
    SqlSpendLedger,
  ],
})
export class PersistenceModule extends ConfigurableModuleClass {}
