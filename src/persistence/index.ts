export { CoordinatorDatabase, openDatabase } from './coordinator-database.js';
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
export { SqlMetadataCache } from './sql-metadata-cache.js';
export { SqlRetention } from './sql-retention.js';
export { SqlRunStore } from './sql-run-store.js';
export { SqlSpendLedger } from './sql-spend-ledger.js';
