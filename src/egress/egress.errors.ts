import { CodedError } from '../kernel/index.js';

/** A gate cannot be opened as asked for. */
export abstract class EgressError<Code extends string = string> extends CodedError<Code> {}

/** The Unix socket of a gate cannot be made: the folder is not writable, or its path is too long for a socket. */
export class EgressSocketError extends EgressError<'EGRESS_SOCKET_FAILED'> {
  override readonly code = 'EGRESS_SOCKET_FAILED';
}

/** The address, key or name of a model cannot be used. */
export class InvalidModelRouteError extends EgressError<'EGRESS_ROUTE_INVALID'> {
  override readonly code = 'EGRESS_ROUTE_INVALID';
}

/** Options of the egress that are out of range, or a host that is none. Thrown while the module starts. */
export class InvalidEgressOptionsError extends CodedError<'EGRESS_OPTIONS_INVALID'> {
  override readonly code = 'EGRESS_OPTIONS_INVALID';
}
