/** At once, or when a server has answered. */
export type Soon<T> = T | Promise<T>;
