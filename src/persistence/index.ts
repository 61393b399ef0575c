export { CoordinatorDatabase, openDatabase, type DatabaseParts } from './coordinator-database.js';
export {
  CorruptRowError,
  DataFolderLockedError,
  DataFolderUnusableError,
  DatabaseUnavailableError,
  InvalidPersistenceOptionsError,
  MigrationFailedError,
  SchemaTooNewError,
  UnstorableValueError,
} from './persistence.errors.js';
export { DATABASE, PersistenceModule } from './persistence.module.js';
export type { PersistenceModuleOptions } from './persistence.options.js';
export { SqlBaseMeasurementStore } from './sql-base-measurement-store.js';
export { SqlCalibrationStore } from './sql-calibration-store.js';
export { SqlDeliveryLog } from './sql-delivery-log.js';
export { SqlJobStore } from './sql-job-store.js';
export { SqlLeadership, type SqlLeadershipOptions } from './sql-leadership.js';
export { SqlMetadataCache } from './sql-metadata-cache.js';
export { SqlRetention } from './sql-retention.js';
export { SqlReplicas } from './sql-replicas.js';
export { SqlRunStore } from './sql-run-store.js';
export { SqlSignals } from './sql-signals.js';
export { SqlSpendLedger } from './sql-spend-ledger.js';
