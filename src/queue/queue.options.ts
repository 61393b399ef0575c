import { hostname } from 'node:os';

import { InProcessEventBus, SystemClock, SystemRandomness, type Clock, type EventBus } from '../kernel/index.js';
import { InMemoryJobStore } from './in-memory-job-store.js';
import type { JobStore } from './job-store.port.js';
import { InvalidQueueOptionsError } from './queue.errors.js';
import type { ClaimLimits } from './queue.types.js';

/** What `QueueModule.forRoot` accepts. Every field may be left out. */
export interface QueueModuleOptions {
  /**
   * Where jobs live.
   * @default a store in memory
   */
  readonly store?: JobStore;
  /**
   * How much may run at once. Every limit is a whole number; 0 lets nothing run.
   * @default { global: 4, perRepository: 2, perProfile: {} }
   */
  readonly limits?: Partial<ClaimLimits>;
  /**
   * How long a claim holds without being renewed, in milliseconds. From 1000.
   * @default 30000
   */
  readonly leaseMs?: number;
  /**
   * Names this process among those that share the store. No two may have one name.
   * @default the machine's name, the process id and a UUID
   */
  readonly holder?: string;
  /** @default the machine's clock. Used by the default store alone. */
  readonly clock?: Clock;
  /**
   * Is told of every change of a job's state.
   * @default a bus that nobody else listens to
   */
  readonly bus?: EventBus;
}

/** The options once checked, with every default filled in. */
export interface QueueOptions {
  readonly store: JobStore;
  readonly limits: ClaimLimits;
  readonly leaseMs: number;
  readonly holder: string;
  readonly bus: EventBus;
}

export const QUEUE_OPTIONS = Symbol('QUEUE_OPTIONS');

/** Below it, a busy process would lose its leases between two renewals. */
const SHORTEST_LEASE_MS = 1_000;

/** @throws {InvalidQueueOptionsError} if a limit is no whole number from 0, the lease too short or the holder blank */
export function resolveQueueOptions(given: QueueModuleOptions): QueueOptions {
  const limits: ClaimLimits = { global: 4, perRepository: 2, perProfile: {}, ...given.limits };
  const options = {
    leaseMs: given.leaseMs ?? 30_000,
    holder: given.holder ?? `${hostname()}:${process.pid}:${new SystemRandomness().uuid()}`,
    bus: given.bus ?? new InProcessEventBus(),
    store: given.store ?? new InMemoryJobStore(given.clock ?? new SystemClock()),
    limits,
  };
  const faults = [
    ...limitFaults(limits),
    ...(Number.isSafeInteger(options.leaseMs) && options.leaseMs >= SHORTEST_LEASE_MS
      ? []
      : [`leaseMs must be a whole number from ${SHORTEST_LEASE_MS}, got ${options.leaseMs}`]),
    ...(options.holder.trim() === '' ? ['holder must not be blank'] : []),
  ];
  if (faults.length > 0) throw new InvalidQueueOptionsError(`The queue cannot start: ${faults.join('; ')}`);
  return options;
}

function limitFaults({ global, perRepository, perProfile }: ClaimLimits): readonly string[] {
  const named = {
    'limits.global': global,
    'limits.perRepository': perRepository,
    ...Object.fromEntries(Object.entries(perProfile).map(([name, limit]) => [`limits.perProfile.${name}`, limit])),
  };
  return Object.entries(named)
    .filter(([, limit]) => !Number.isSafeInteger(limit) || limit < 0)
    .map(([name, limit]) => `${name} must be a whole number from 0, got ${limit}`);
}
