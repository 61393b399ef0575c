import { CodedError } from '../../kernel/index.js';

/** A test or a demonstration asked the fake for something it does not have, or that Gitea's web pages would refuse. */
export class FakeGiteaError extends CodedError<'FAKE_GITEA_REFUSED'> {
  override readonly code = 'FAKE_GITEA_REFUSED';
}

/** An answer of the REST interface other than success. */
export class ApiRefusal extends CodedError<'FAKE_GITEA_API_REFUSAL'> {
  override readonly code = 'FAKE_GITEA_API_REFUSAL';

  /**
   * @param body sent as it is: null for an empty body, a string for a bare JSON string; left out, Gitea's
   * `{message, url}` is made of the message
   */
  constructor(
    readonly status: number,
    message: string,
    readonly body?: string | null,
  ) {
    super(message);
  }
}

/** Gitea's 404 for what is not there and for what the asker may not see (services/context/api.go `APIErrorNotFound`). */
export function notFound(): ApiRefusal {
  return new ApiRefusal(404, 'not found');
}

/**
 * Gitea's answer to an inner failure: in production the message is empty, unless an administrator asks
 * (services/context/api.go `APIErrorInternal`).
 */
export function innerFailure(): ApiRefusal {
  return new ApiRefusal(500, '');
}
