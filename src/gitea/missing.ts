import { GiteaRequestError } from './gitea.errors.js';

/** Whether Gitea answered that it is not there, or not for the bot to see. */
export function isMissing(error: unknown): error is GiteaRequestError {
  return error instanceof GiteaRequestError && error.status === 404;
}

/** What stands in where Gitea answers 404. */
export async function orWhenMissing<T>(answer: Promise<T>, instead: NoInfer<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return instead;
    throw error;
  }
}
