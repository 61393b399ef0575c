import { CodedError, type Difficulty } from '../kernel/index.js';

/** Why one profile cannot take an issue. */
export interface UnfitProfile {
  readonly profile: string;
  /** In a sentence, with the numbers that decided. */
  readonly reason: string;
}

/** An estimate that is no number of tokens: zero, negative, infinite or not a number. Unknown is never zero. */
export class InvalidEstimateError extends CodedError<'AGENTS_ESTIMATE_INVALID'> {
  override readonly code = 'AGENTS_ESTIMATE_INVALID';

  constructor(readonly estimatedTokens: number) {
    super(`Expected an estimate of at least one token, got ${estimatedTokens}. Parse the issue again.`);
  }
}

/** No profile can take an issue. Split the issue, or configure a profile that can: the reasons say what each one lacks. */
export class NoCapableAgentError extends CodedError<'AGENTS_NONE_CAPABLE'> {
  override readonly code = 'AGENTS_NONE_CAPABLE';

  constructor(
    readonly need: { readonly estimatedTokens: number; readonly difficulty: Difficulty },
    /** One for each profile, in the order of the profiles. */
    readonly reasons: readonly UnfitProfile[],
  ) {
    const each = reasons.map(({ profile, reason }) => `${profile}: ${reason}`).join('; ');
    super(
      `No agent profile can take an issue of ${need.estimatedTokens.toLocaleString('en-US')} tokens that is ${need.difficulty}. ` +
        (each === '' ? 'No profile is configured.' : `${each}.`),
    );
  }
}
