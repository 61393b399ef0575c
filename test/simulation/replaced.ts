/** The port with some of its methods replaced. */
export function replaced<T extends object>(port: T, changed: Partial<T>): T {
  const methods = new Map<PropertyKey, unknown>(Object.entries(changed));
  return new Proxy(port, {
    get: (target, key) => {
      const known = methods.get(key);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const bound: unknown = value.bind(target);
      methods.set(key, bound);
      return bound;
    },
  });
}
