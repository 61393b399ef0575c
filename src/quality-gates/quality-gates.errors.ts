import { CodedError } from '../kernel/index.js';

/** One thing that is wrong with a configuration, and where. */
export interface ConfigurationMistake {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
}

/** A `.mosaic/coordinator.yml` that cannot be used. The message lists every mistake with its line. */
export class InvalidGatesConfigurationError extends CodedError<'GATES_CONFIGURATION_INVALID'> {
  override readonly code = 'GATES_CONFIGURATION_INVALID';

  constructor(
    readonly source: string,
    readonly mistakes: readonly ConfigurationMistake[],
  ) {
    super(`${source} is not valid:\n${mistakes.map(({ line, text }) => `- line ${line}: ${text}`).join('\n')}`);
  }
}

/** The gates were ended early, because whoever asked for the verdict does not want it any more. */
export class GatesAbortedError extends CodedError<'GATES_ABORTED'> {
  override readonly code = 'GATES_ABORTED';
}

/** A subject that names no commit or no absolute checkout. */
export class InvalidGateSubjectError extends CodedError<'GATES_SUBJECT_INVALID'> {
  override readonly code = 'GATES_SUBJECT_INVALID';
}

/** Options that are out of range. Thrown while the module starts. */
export class InvalidQualityGatesOptionsError extends CodedError<'GATES_OPTIONS_INVALID'> {
  override readonly code = 'GATES_OPTIONS_INVALID';
}
