import { CodedError } from '../kernel/index.js';

/** Options of the sandbox that are out of range. Thrown while the module starts. */
export class InvalidSandboxOptionsError extends CodedError<'SANDBOX_OPTIONS_INVALID'> {
  override readonly code = 'SANDBOX_OPTIONS_INVALID';
}

/** There is no usable sandbox on this machine, and running without one is not allowed. Thrown while the module starts. */
export class SandboxUnusableError extends CodedError<'SANDBOX_UNUSABLE'> {
  override readonly code = 'SANDBOX_UNUSABLE';
}
