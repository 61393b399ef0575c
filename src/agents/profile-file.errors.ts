import { CodedError } from '../kernel/index.js';

/** One thing wrong in a profile file. */
export interface ProfileFileMistake {
  /** Where, such as `profiles[1].prices.input`; empty for the file as a whole. */
  readonly path: string;
  readonly problem: string;
}

/** The operator's profile file does not hold. Lists every mistake; correct the file and start again. */
export class InvalidProfileFileError extends CodedError<'AGENTS_PROFILES_INVALID'> {
  override readonly code = 'AGENTS_PROFILES_INVALID';

  constructor(readonly mistakes: readonly ProfileFileMistake[]) {
    const lines = mistakes.map(({ path, problem }) => (path === '' ? problem : `${path}: ${problem}`));
    super(`The agent profiles are not valid:\n${lines.map((line) => `- ${line}`).join('\n')}`);
  }
}
