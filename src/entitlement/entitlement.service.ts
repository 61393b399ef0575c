import { Inject, Injectable } from '@nestjs/common';

import { messageOf, repositoryKey } from '../kernel/index.js';
import { decideStanding } from './decide-standing.js';
import { EntitlementUnknownError } from './entitlement.errors.js';
import {
  ENTITLEMENT_OPTIONS,
  resolveEntitlementOptions,
  type EntitlementModuleOptions,
  type EntitlementOptions,
} from './entitlement.options.js';
import type { Repository, Standing } from './entitlement.types.js';

/** How long an answer is believed, in milliseconds. */
const BELIEVED_MS = 60_000;
/** How many answers are kept at most. */
const MOST_KEPT = 1_000;

/**
 * Decides whether somebody may start or steer work in a repository. It asks what they may do there and says yes or no;
 * what follows is its caller's business.
 */
@Injectable()
export class EntitlementService {
  /** By repository and login: answers and since when they are believed, in monotonic time, the oldest first. */
  private readonly kept = new Map<string, { readonly standing: Standing; readonly since: number }>();
  /** By repository and login: questions under way, which later callers join. */
  private readonly asked = new Map<string, Promise<Standing>>();

  constructor(@Inject(ENTITLEMENT_OPTIONS) private readonly options: EntitlementOptions) {}

  /**
   * Entitlement without Nest.
   *
   * @throws {InvalidEntitlementOptionsError} as the module does
   */
  static alone(given: EntitlementModuleOptions = {}): EntitlementService {
    return new EntitlementService(resolveEntitlementOptions(given));
  }

  /** Whether lists of accounts say that not everybody who may write may start work. */
  get hasLists(): boolean {
    const { allowedUserIds, blockedUserIds } = this.options;
    return allowedUserIds.size + blockedUserIds.size > 0;
  }

  /**
   * Whether this account may start or steer work there. An answer is believed for up to a minute.
   *
   * @throws {EntitlementUnknownError} if it cannot be told now: that is neither a yes nor a no, and is not remembered
   */
  standingOf(repository: Repository, login: string): Promise<Standing> {
    const key = `${repositoryKey(repository)} ${login.toLowerCase()}`;
    const kept = this.kept.get(key);
    if (kept !== undefined && this.options.clock.monotonic() - kept.since < BELIEVED_MS) {
      return Promise.resolve(kept.standing);
    }
    const under = this.asked.get(key);
    if (under !== undefined) return under;
    const asked = this.ask(repository, login, key).finally(() => this.asked.delete(key));
    this.asked.set(key, asked);
    return asked;
  }

  private async ask(repository: Repository, login: string, key: string): Promise<Standing> {
    const { permissions, clock } = this.options;
    // From before the question: what is true when the answer comes may be newer.
    const since = clock.monotonic();
    try {
      const standing = decideStanding(login, await permissions.permissionOf(repository, login), this.options);
      this.keep(key, standing, since);
      return standing;
    } catch (error) {
      throw new EntitlementUnknownError(
        `Whether ${login} may start work in ${repositoryKey(repository)} is not known now: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  private keep(key: string, standing: Standing, since: number): void {
    this.kept.delete(key);
    this.kept.set(key, { standing, since });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_KEPT && oldest !== undefined) this.kept.delete(oldest);
  }
}
