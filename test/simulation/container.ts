import 'reflect-metadata';
import type { Type } from '@nestjs/common';

/** What was made, by its class or token. */
export interface Made {
  get(token: unknown): unknown;
  /** Calls this life-cycle hook of whoever has it, in the order of the module's providers. */
  callHook(name: 'onModuleInit' | 'onApplicationBootstrap'): void;
}

/** Only logs: a simulation has nobody who reads them. */
const LEFT_OUT = new Set(['Journal']);

interface FactoryProvider {
  readonly provide: unknown;
  readonly useFactory: (...given: unknown[]) => unknown;
  readonly inject: readonly unknown[];
}

/**
 * Makes the providers of a module as Nest does, but in microseconds: a simulation starts thousands of processes. Every
 * provider of such a module names what it is made of by `@Inject`.
 *
 * @param options what `forRoot` is given
 * @param given what comes from other modules
 */
export function container(module: Type, options: unknown, given: ReadonlyMap<unknown, unknown>): Made {
  const made = new Map(given);
  const classes = new Set<Type>();
  for (const provider of Reflect.getMetadata('providers', module) as readonly (Type | FactoryProvider)[]) {
    if (typeof provider === 'function') classes.add(provider);
    else made.set(provider.provide, provider.useFactory(...provider.inject.map((token) => made.get(token) ?? options)));
  }

  const get = (token: unknown): unknown => {
    const known = made.get(token);
    if (known !== undefined) return known;
    if (!classes.has(token as Type)) throw new TypeError(`Nobody provides ${String(token)}`);
    const one = token as Type;
    const named = (Reflect.getMetadata('self:paramtypes', one) ?? []) as readonly { index: number; param: unknown }[];
    const parameters = named.toSorted((a, b) => a.index - b.index).map(({ param }) => get(param));
    const instance: unknown = new one(...parameters);
    made.set(one, instance);
    return instance;
  };

  const instances = [...classes].filter(({ name }) => !LEFT_OUT.has(name)).map(get);
  const callHook: Made['callHook'] = (name) => {
    for (const instance of instances as Partial<Record<typeof name, () => unknown>>[]) {
      // As with Nest a hook may be under way for long; one that fails is a provider's own affair here.
      void Promise.resolve(instance[name]?.()).catch(() => undefined);
    }
  };
  return { get, callHook };
}
