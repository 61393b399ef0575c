import type { Randomness } from '../kernel/index.js';

/** Chance that repeats: the same seed gives the same values. Mulberry32. */
export class SeededRandomness implements Randomness {
  private state: number;
  private made = 0;

  constructor(seed = 1) {
    this.state = seed >>> 0;
  }

  uuid(): string {
    this.made += 1;
    return `00000000-0000-4000-8000-${this.made.toString(16).padStart(12, '0')}`;
  }

  fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
