import { CodedError } from '../kernel/index.js';

/** A reading that cannot be turned into a share of the window, such as a window of zero tokens. */
export class InvalidContextReadingError extends CodedError<'CONTEXT_READING_INVALID'> {
  override readonly code = 'CONTEXT_READING_INVALID';
}

/** Thresholds that are out of range or out of order. Thrown while the module starts. */
export class InvalidContextMonitorOptionsError extends CodedError<'CONTEXT_MONITOR_OPTIONS_INVALID'> {
  override readonly code = 'CONTEXT_MONITOR_OPTIONS_INVALID';
}
