import { SystemClock, type Clock } from '../kernel/index.js';
import { InvalidSecurityOptionsError } from './security.errors.js';
import type { Refusal } from './security.types.js';

/** What `SecurityModule.forRoot` accepts. */
export interface SecurityModuleOptions {
  /**
   * The webhook's secrets, each of at least 16 characters. A request signed with any of them is let in, so that one
   * can be replaced while the other still signs.
   */
  readonly secrets: readonly string[];
  /**
   * The guarded paths, such as `webhook/gitea`. A request's path matches when it ends with one, so that a host's
   * global prefix does not matter; upper and lower case are the same, as in Express.
   */
  readonly paths: readonly string[];
  /**
   * The longest body accepted, in bytes.
   * @default 10_000_000
   */
  readonly bodyLimitBytes?: number;
  /**
   * Told of each request that is turned away. Must not throw.
   * @default nobody is told
   */
  readonly onRefused?: (refusal: Refusal) => void;
  /**
   * Times how long a refused sender may go on sending.
   * @default the machine's clock
   */
  readonly clock?: Clock;
}

/** The options once checked, with every default filled in. Only this type is injected. */
export type SecurityOptions = Required<SecurityModuleOptions>;

export const SECURITY_OPTIONS = Symbol('SECURITY_OPTIONS');

const SHORTEST_SECRET = 16;
const PATH = /^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/;

/** Plain JavaScript can hand over a variable that is not set. */
function isShort(secret: unknown): boolean {
  return typeof secret !== 'string' || secret.trim().length < SHORTEST_SECRET;
}

/** @throws {InvalidSecurityOptionsError} if a secret, a path or the limit is missing or unusable */
export function resolveSecurityOptions(given: SecurityModuleOptions): SecurityOptions {
  const options = {
    bodyLimitBytes: 10_000_000,
    onRefused: () => undefined,
    clock: new SystemClock(),
    ...given,
    paths: given.paths.map((path) => path.replace(/^\/|\/$/g, '')),
  };
  if (options.secrets.length === 0) {
    throw new InvalidSecurityOptionsError('Expected at least one secret: without one, every request would be refused');
  }
  // Blanks at either end are no part of a secret's strength, and usually a slip of copying.
  const short = options.secrets.findIndex(isShort);
  if (short >= 0) {
    throw new InvalidSecurityOptionsError(
      `Secret ${short + 1} of ${options.secrets.length} has fewer than ${SHORTEST_SECRET} characters: make a longer one`,
    );
  }
  if (options.paths.length === 0 || !options.paths.every((path) => PATH.test(path))) {
    throw new InvalidSecurityOptionsError(
      `Expected paths of letters, digits and ._~- without patterns, got ${JSON.stringify(given.paths)}`,
    );
  }
  if (!Number.isSafeInteger(options.bodyLimitBytes) || options.bodyLimitBytes < 1) {
    throw new InvalidSecurityOptionsError(
      `Expected bodyLimitBytes to be a whole number above 0, got ${options.bodyLimitBytes}`,
    );
  }
  return options;
}
