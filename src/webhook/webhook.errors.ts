import { CodedError } from '../kernel/index.js';

/** The store cannot take a delivery now: disk full, database away. The sender is told 503, never 2xx. */
export class DeliveryLogUnavailableError extends CodedError<'DELIVERY_LOG_UNAVAILABLE'> {
  override readonly code = 'DELIVERY_LOG_UNAVAILABLE';
}
