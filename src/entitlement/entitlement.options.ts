import { SystemClock, type Clock } from '../kernel/index.js';
import { InvalidEntitlementOptionsError } from './entitlement.errors.js';
import { UNKNOWN_PERMISSIONS, type PermissionSource } from './permission-source.port.js';

/** What `EntitlementModule.forRoot` accepts. Every field may be left out. */
export interface EntitlementModuleOptions {
  /** Login of the coordinator's own account, which is never entitled. @default 'mosaic' */
  readonly botName?: string;
  /** Ids of the only accounts that may start work, where they have write permission too. @default everybody who has it */
  readonly allowedUserIds?: readonly number[];
  /** Ids of accounts that never may, such as other bots. @default none */
  readonly blockedUserIds?: readonly number[];
  /** @default nothing can be asked: everybody whom a delivery names counts, unless there is a list */
  readonly permissions?: PermissionSource;
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

/** The options once checked, with every default filled in. */
export interface EntitlementOptions {
  readonly botName: string;
  readonly allowedUserIds: ReadonlySet<number>;
  readonly blockedUserIds: ReadonlySet<number>;
  readonly permissions: PermissionSource;
  readonly clock: Clock;
}

export const ENTITLEMENT_OPTIONS = Symbol('ENTITLEMENT_OPTIONS');

/** @throws {InvalidEntitlementOptionsError} if an id is not a whole number from 1, or stands in both lists */
export function resolveEntitlementOptions(given: EntitlementModuleOptions): EntitlementOptions {
  const { allowedUserIds = [], blockedUserIds = [] } = given;
  const wrong = [...allowedUserIds, ...blockedUserIds].filter((id) => !Number.isSafeInteger(id) || id < 1);
  if (wrong.length > 0) {
    throw new InvalidEntitlementOptionsError(`Expected ids of accounts, whole numbers from 1, got ${wrong.join(', ')}`);
  }
  const both = allowedUserIds.filter((id) => blockedUserIds.includes(id));
  if (both.length > 0) {
    throw new InvalidEntitlementOptionsError(`Accounts cannot be allowed and blocked at once: ${both.join(', ')}`);
  }
  return {
    botName: given.botName ?? 'mosaic',
    allowedUserIds: new Set(allowedUserIds),
    blockedUserIds: new Set(blockedUserIds),
    permissions: given.permissions ?? UNKNOWN_PERMISSIONS,
    clock: given.clock ?? new SystemClock(),
  };
}
