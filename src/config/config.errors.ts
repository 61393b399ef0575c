import { CodedError } from '../kernel/index.js';

/** The environment cannot be used. Lists every mistake at once, by variable name; never a value. */
export class InvalidConfigurationError extends CodedError<'CONFIG_INVALID'> {
  override readonly code = 'CONFIG_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
