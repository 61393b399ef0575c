import { CodedError } from '../kernel/index.js';

/** What is wrong with one field of a delivery. Made of constant texts only: nothing of the delivery is repeated. */
export interface DeliveryProblem {
  /** Where it is, such as `issue.number`. */
  readonly field: string;
  /** What it must be. */
  readonly problem: string;
}

/** The field named by a problem of the body as a whole. */
export const WHOLE_BODY = 'request body';

/** An authentic delivery that is not what Gitea sends: not JSON, or without a field that is needed. */
export class MalformedDeliveryError extends CodedError<'DELIVERY_MALFORMED'> {
  override readonly code = 'DELIVERY_MALFORMED';

  constructor(
    readonly problems: readonly DeliveryProblem[],
    options?: ErrorOptions,
  ) {
    super('The delivery is not an event as Gitea, Forgejo or Gogs send it: see problems.', options);
  }
}

/** The store cannot take a delivery now: disk full, database away. The sender is told 503, never 2xx. */
export class DeliveryLogUnavailableError extends CodedError<'DELIVERY_LOG_UNAVAILABLE'> {
  override readonly code = 'DELIVERY_LOG_UNAVAILABLE';
}
