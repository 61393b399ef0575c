import { CodedError } from '../kernel/index.js';

/** Options of this module that are out of range. Thrown while the module starts. */
export class InvalidRetentionOptionsError extends CodedError<'RETENTION_OPTIONS_INVALID'> {
  override readonly code = 'RETENTION_OPTIONS_INVALID';
}
