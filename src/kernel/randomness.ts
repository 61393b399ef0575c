import { randomBytes, randomUUID } from 'node:crypto';

/** Chance, as everything in this package sees it. Replaced in tests, so that a run can be repeated. */
export interface Randomness {
  /** A new UUID, version 4. */
  uuid(): string;
  /** A number from 0 (included) to 1 (excluded), for jitter. */
  fraction(): number;
}

export const RANDOMNESS = Symbol('RANDOMNESS');

/** The operating system's randomness. */
export class SystemRandomness implements Randomness {
  uuid(): string {
    return randomUUID();
  }

  fraction(): number {
    return randomBytes(4).readUInt32BE() / 2 ** 32;
  }
}
