import { CodedError } from '../kernel/index.js';

/** Options that no decision can be made with. Thrown while the module starts. */
export class InvalidEntitlementOptionsError extends CodedError<'ENTITLEMENT_OPTIONS_INVALID'> {
  override readonly code = 'ENTITLEMENT_OPTIONS_INVALID';
}

/** It cannot be told now whether somebody is entitled, so nobody acts as if it were so. Asking again later may help. */
export class EntitlementUnknownError extends CodedError<'ENTITLEMENT_UNKNOWN'> {
  override readonly code = 'ENTITLEMENT_UNKNOWN';
}
