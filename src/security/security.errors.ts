import { CodedError } from '../kernel/index.js';

/** Options that would let forged requests in, or let nobody in. Thrown while the module starts. Never names a secret. */
export class InvalidSecurityOptionsError extends CodedError<'SECURITY_OPTIONS_INVALID'> {
  override readonly code = 'SECURITY_OPTIONS_INVALID';
}
