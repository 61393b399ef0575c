import { underPermit } from '../kernel/index.js';

/**
 * The same port, some of whose methods ask first whether this coordinator may still act.
 *
 * @param writes the methods that ask
 * @param assertMayWrite rejects where it may not; the method then rejects with that, and nothing is written
 */
export function guardWrites<Port extends object>(
  port: Port,
  writes: readonly (keyof Port)[],
  assertMayWrite: () => Promise<void>,
  within: <T>(call: () => T) => T = (call) => call(),
): Port {
  const guarded: ReadonlySet<PropertyKey> = new Set(writes);
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      const call = (...given: unknown[]): unknown => Reflect.apply(member, target, given);
      if (!guarded.has(name)) return call;
      return async (...given: unknown[]) => {
        await assertMayWrite();
        return within(() => call(...given));
      };
    },
  });
}

/** As `guardWrites`, for a port to the outside: each effect of a call asks again, when it is about to happen. */
export function guardEffects<Port extends object>(
  port: Port,
  effects: readonly (keyof Port)[],
  assertMayWrite: () => Promise<void>,
): Port {
  return guardWrites(port, effects, assertMayWrite, (call) => underPermit(assertMayWrite, call));
}
