import { AsyncLocalStorage } from 'node:async_hooks';

const permits = new AsyncLocalStorage<() => Promise<void>>();

/**
 * Does something whose effects outside ask first, each at its own moment: between the beginning of a piece of work and
 * what it writes in the end there may be minutes.
 *
 * @param permit rejects where nothing may be written any more
 */
export function underPermit<T>(permit: () => Promise<void>, work: () => T): T {
  return permits.run(permit, work);
}

/** For whoever is about to have an effect outside. Rejects as the permit does; without one everything is allowed. */
export async function assertMayWrite(): Promise<void> {
  await permits.getStore()?.();
}
