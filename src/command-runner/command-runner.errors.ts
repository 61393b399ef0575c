import { CodedError } from '../kernel/index.js';

/** Options of the command runner that are out of range. Thrown while the module starts. */
export class InvalidCommandRunnerOptionsError extends CodedError<'COMMAND_RUNNER_OPTIONS_INVALID'> {
  override readonly code = 'COMMAND_RUNNER_OPTIONS_INVALID';
}
