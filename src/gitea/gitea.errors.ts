import { CodedError } from '../kernel/index.js';

/** Options the client cannot work with. Thrown while the module starts. */
export class InvalidGiteaOptionsError extends CodedError<'GITEA_OPTIONS_INVALID'> {
  override readonly code = 'GITEA_OPTIONS_INVALID';
}

/** An owner, repository, commit or marker that cannot stand in a URL or a comment. Nothing was sent. */
export class InvalidGiteaNameError extends CodedError<'GITEA_NAME_INVALID'> {
  override readonly code = 'GITEA_NAME_INVALID';
}

/** No answer came: no connection, a connection that broke, or the time limit. The request may have taken effect. */
export class GiteaUnreachableError extends CodedError<'GITEA_UNREACHABLE'> {
  override readonly code = 'GITEA_UNREACHABLE';
}

/** Gitea answered with a status other than success. */
export class GiteaRequestError extends CodedError<'GITEA_REQUEST_FAILED'> {
  override readonly code = 'GITEA_REQUEST_FAILED';

  constructor(
    readonly status: number,
    message: string,
    /** How long Gitea asked to be left alone, in milliseconds; null when it did not. */
    readonly retryAfterMs: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Gitea does not know the token (401), or the bot may not do this (403). Asking again will not help. */
export class GiteaAuthError extends CodedError<'GITEA_AUTH_REFUSED'> {
  override readonly code = 'GITEA_AUTH_REFUSED';

  constructor(
    readonly status: 401 | 403,
    message: string,
  ) {
    super(message);
  }
}

/** An answer that is no JSON or lacks what it must have. The request may have taken effect. */
export class GiteaAnswerError extends CodedError<'GITEA_ANSWER_INVALID'> {
  override readonly code = 'GITEA_ANSWER_INVALID';
}

/** An answer that is larger than answers may be. Asking again gives the same: nobody repeats it. A write took effect. */
export class GiteaTooLargeError extends CodedError<'GITEA_ANSWER_TOO_LARGE'> {
  override readonly code = 'GITEA_ANSWER_TOO_LARGE';

  constructor(
    message: string,
    /** How the answer begins. */
    readonly head: string = '',
  ) {
    super(message);
  }
}
