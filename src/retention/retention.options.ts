import { SystemClock, type Clock } from '../kernel/index.js';
import type { FolderStore } from './folder-store.port.js';
import type { FreeSpace } from './free-space.port.js';
import type { RecordStore } from './record-store.port.js';
import type { RetainedJobs } from './retained-jobs.port.js';
import { InvalidRetentionOptionsError } from './retention.errors.js';

const DAY_MS = 86_400_000;
const MEGABYTE = 1_048_576;
/** For who has no jobs: nothing belongs to any. */
const NO_JOBS: RetainedJobs = {
  live: () => Promise.resolve(new Set()),
  endedAt: () => Promise.resolve(new Map()),
};

/** What `RetentionModule.forRoot` accepts. Every field may be left out. */
export interface RetentionModuleOptions {
  /**
   * For how long what belongs to jobs that ended is kept, and the payloads of deliveries, in milliseconds.
   * @default 2592000000
   */
  readonly keepMs?: number;
  /**
   * For how long ids of deliveries are known, in milliseconds. Not below `keepMs`.
   * @default 63072000000
   */
  readonly keepDeliveryIdsMs?: number;
  /**
   * How many bytes folders may hold together.
   * @default 21474836480
   */
  readonly maxFolderBytes?: number;
  /**
   * How many bytes payloads and histories may hold together.
   * @default 1073741824
   */
  readonly maxRecordBytes?: number;
  /**
   * How many bytes of the disk are kept free of work, so that the database can go on. 0: none.
   * @default 536870912
   */
  readonly reserveBytes?: number;
  /**
   * How often everything is looked through, in milliseconds.
   * @default 3600000
   */
  readonly pruneIntervalMs?: number;
  /** @default knows no job */
  readonly jobs?: RetainedJobs;
  /** @default null, for none */
  readonly records?: RecordStore | null;
  /** Whether this process, of those that share the records, is to prune them. @default always */
  readonly leads?: () => Promise<boolean>;
  /** @default [] */
  readonly folders?: readonly FolderStore[];
  /** The disk that is watched. @default null, for none */
  readonly disk?: FreeSpace | null;
  /** A folder on that disk for the file that holds an eighth of the reserve; null: no such file. @default null */
  readonly ballastFolder?: string | null;
  /** Names of the agent profiles, which are closed while there is no room. @default [] */
  readonly profiles?: readonly string[];
  /** @default SystemClock */
  readonly clock?: Clock;
}

/** The options once checked, with every default filled in. */
export type RetentionOptions = Required<RetentionModuleOptions>;

export const RETENTION_OPTIONS = Symbol('RETENTION_OPTIONS');

/** @throws {InvalidRetentionOptionsError} if a time or a size is out of range */
export function resolveRetentionOptions(given: RetentionModuleOptions): RetentionOptions {
  const options: RetentionOptions = {
    keepMs: given.keepMs ?? 30 * DAY_MS,
    keepDeliveryIdsMs: given.keepDeliveryIdsMs ?? 730 * DAY_MS,
    maxFolderBytes: given.maxFolderBytes ?? 20_480 * MEGABYTE,
    maxRecordBytes: given.maxRecordBytes ?? 1_024 * MEGABYTE,
    reserveBytes: given.reserveBytes ?? 512 * MEGABYTE,
    pruneIntervalMs: given.pruneIntervalMs ?? 3_600_000,
    jobs: given.jobs ?? NO_JOBS,
    records: given.records ?? null,
    leads: given.leads ?? (() => Promise.resolve(true)),
    folders: given.folders ?? [],
    disk: given.disk ?? null,
    ballastFolder: given.ballastFolder ?? null,
    profiles: given.profiles ?? [],
    clock: given.clock ?? new SystemClock(),
  };
  for (const name of ['keepMs', 'maxFolderBytes', 'maxRecordBytes', 'pruneIntervalMs'] as const) {
    refuseUnless(Number.isSafeInteger(options[name]) && options[name] > 0, `${name} above 0`, options[name]);
  }
  const { keepMs, keepDeliveryIdsMs, reserveBytes } = options;
  refuseUnless(Number.isSafeInteger(reserveBytes) && reserveBytes >= 0, 'reserveBytes of 0 or more', reserveBytes);
  refuseUnless(keepDeliveryIdsMs >= keepMs, `keepDeliveryIdsMs of at least keepMs (${keepMs})`, keepDeliveryIdsMs);
  return options;
}

function refuseUnless(isRight: boolean, expected: string, got: number): void {
  if (!isRight) throw new InvalidRetentionOptionsError(`Expected ${expected}, got ${got}`);
}
