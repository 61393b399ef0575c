import { CodedError } from '../kernel/index.js';

/** The database did not do what it was asked: the disk is full or read-only, the file is damaged, it is closed. */
export class DatabaseUnavailableError extends CodedError<'DATABASE_UNAVAILABLE'> {
  override readonly code = 'DATABASE_UNAVAILABLE';

  /** @param engineCode the engine's own word, such as `SQLITE_FULL` (sqlite.org/rescode.html); null where it has none */
  constructor(
    message: string,
    readonly engineCode: string | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A value no column can hold, such as NaN or undefined. A fault of the caller. */
export class UnstorableValueError extends CodedError<'VALUE_UNSTORABLE'> {
  override readonly code = 'VALUE_UNSTORABLE';
}

/** A stored row cannot be read back: its JSON is broken, or it names a state that does not exist. */
export class CorruptRowError extends CodedError<'STORED_ROW_CORRUPT'> {
  override readonly code = 'STORED_ROW_CORRUPT';
}

/** A newer version of the program has used this database. The program does not start, and changes nothing. */
export class SchemaTooNewError extends CodedError<'SCHEMA_TOO_NEW'> {
  override readonly code = 'SCHEMA_TOO_NEW';
}

/** A step from one schema to the next failed and was undone. The program does not start. */
export class MigrationFailedError extends CodedError<'MIGRATION_FAILED'> {
  override readonly code = 'MIGRATION_FAILED';
}

/** Another process works in the data folder. Two would run agents twice. */
export class DataFolderLockedError extends CodedError<'DATA_FOLDER_LOCKED'> {
  override readonly code = 'DATA_FOLDER_LOCKED';
}

/** The data folder cannot be created or written. */
export class DataFolderUnusableError extends CodedError<'DATA_FOLDER_UNUSABLE'> {
  override readonly code = 'DATA_FOLDER_UNUSABLE';
}

/** Options of this module that are missing or wrong. Thrown while the module starts. */
export class InvalidPersistenceOptionsError extends CodedError<'PERSISTENCE_OPTIONS_INVALID'> {
  override readonly code = 'PERSISTENCE_OPTIONS_INVALID';
}
