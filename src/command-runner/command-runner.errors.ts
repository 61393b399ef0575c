import { CodedError } from '../kernel/index.js';

/** Options of the command runner that are out of range. Thrown while the module starts. */
export class InvalidCommandRunnerOptionsError extends CodedError<'COMMAND_RUNNER_OPTIONS_INVALID'> {
  override readonly code = 'COMMAND_RUNNER_OPTIONS_INVALID';
}

/** A confinement that cannot be made true. The program is not started, and the message is the reason it is told with. */
export class ConfinementRefusedError extends CodedError<'COMMAND_RUNNER_CONFINEMENT_REFUSED'> {
  override readonly code = 'COMMAND_RUNNER_CONFINEMENT_REFUSED';
}
