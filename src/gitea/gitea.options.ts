import { SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { InvalidGiteaOptionsError } from './gitea.errors.js';

/** What `GiteaModule.forRoot` accepts. */
export interface GiteaModuleOptions {
  /** Where Gitea or Forgejo answers, with the path it is served under: `https://git.example.com`. Only this host is asked. */
  readonly baseUrl: string;
  /**
   * The bot's token, with the scopes `write:issue` and `write:repository`, and `read:user` unless `botName` is given.
   * @default null (nothing is read or written)
   */
  readonly token?: string | null | undefined;
  /**
   * The bot's login. Without it Gitea is asked who the token belongs to.
   * @default null
   */
  readonly botName?: string | null | undefined;
  /**
   * Scope of the labels that are the coordinator's: an issue has one of them at most.
   * @default 'mosaic'
   */
  readonly labelScope?: string | undefined;
  /**
   * How long one request may take, in milliseconds.
   * @default 15000
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often a request that may be repeated is tried, the first time included.
   * @default 4
   */
  readonly attempts?: number | undefined;
  /**
   * How large an answer may be, in bytes. What is larger is read in smaller parts, or not at all.
   * @default 20000000
   */
  readonly maxAnswerBytes?: number | undefined;
  /**
   * Takes secrets out of every text before it is written to Gitea.
   * @default leaves texts as they are
   */
  readonly scrub?: ((text: string) => string) | undefined;
  /** @default the fetch of the machine */
  readonly fetch?: typeof fetch | undefined;
  /** @default the clock of the machine */
  readonly clock?: Clock | undefined;
  /** @default the randomness of the machine */
  readonly randomness?: Randomness | undefined;
}

/** The options once checked, with every default filled in. Only this type is injected. */
export interface GiteaOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string | null;
  readonly botName: string | null;
  readonly labelScope: string;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly maxAnswerBytes: number;
  readonly scrub: (text: string) => string;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export const GITEA_OPTIONS = Symbol('GITEA_OPTIONS');

const SCOPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/;
const TOKEN = /^[\x21-\x7e]+$/;

/** @throws {InvalidGiteaOptionsError} if the address is none, the scope could not stand before a slash, or a number is not
 * positive; the token is never shown */
export function resolveGiteaOptions(given: GiteaModuleOptions): GiteaOptions {
  const options: GiteaOptions = {
    baseUrl: resolveBaseUrl(given.baseUrl),
    token: given.token?.trim() || null,
    botName: given.botName?.trim() || null,
    labelScope: given.labelScope ?? 'mosaic',
    timeoutMs: given.timeoutMs ?? 15_000,
    attempts: given.attempts ?? 4,
    maxAnswerBytes: given.maxAnswerBytes ?? 20_000_000,
    scrub: given.scrub ?? ((text) => text),
    fetch: given.fetch ?? fetch,
    clock: given.clock ?? new SystemClock(),
    randomness: given.randomness ?? new SystemRandomness(),
  };
  for (const name of ['timeoutMs', 'attempts', 'maxAnswerBytes'] as const) {
    if (Number.isInteger(options[name]) && options[name] > 0) continue;
    throw new InvalidGiteaOptionsError(`Expected ${name} to be a whole number above 0, got ${options[name]}`);
  }
  if (!SCOPE.test(options.labelScope)) {
    throw new InvalidGiteaOptionsError(
      'Expected a scope of labels without a slash, such as mosaic, of at most 30 characters',
    );
  }
  if (options.token !== null && !TOKEN.test(options.token)) {
    throw new InvalidGiteaOptionsError('The Gitea token has spaces or characters that cannot stand in a header');
  }
  return options;
}

function resolveBaseUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash;
  if (!isUsable) {
    throw new InvalidGiteaOptionsError(
      'Expected the address of Gitea, such as https://git.example.com, without a query',
    );
  }
  if (url.username || url.password) {
    throw new InvalidGiteaOptionsError(
      'The address of Gitea must not hold a user or password; give the token on its own',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
