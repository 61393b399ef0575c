import type { ForwardedFailure } from '../../egress/index.js';

/**
 * Whether a failed call says that the model's address gave no answer, or that of a broken server: 502 and 504 are also
 * what the way out tells where nobody answered. A server that is too busy is reached.
 */
export function isUnreachable({ status }: Pick<ForwardedFailure, 'status'>): boolean {
  return status === 408 || status === 409 || (status >= 500 && status !== 503 && status !== 529);
}
