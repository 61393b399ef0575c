import { SeededRandomness } from '../../src/testing/index.js';

/** Every choice of a simulation: the same seed throws the same dice. */
export class Dice {
  private readonly chance: SeededRandomness;

  constructor(seed: number) {
    // Neighbouring seeds are to have nothing in common.
    this.chance = new SeededRandomness(Math.imul(seed + 1, 0x9e3779b1));
  }

  isLucky(probability: number): boolean {
    return this.chance.fraction() < probability;
  }

  /** A whole number from 0, below this one. */
  below(limit: number): number {
    return Math.floor(this.chance.fraction() * limit);
  }

  /** A whole number from the first to the second, both possible. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** One of them, each as likely as another. */
  pick<T>(all: readonly T[]): T {
    const chosen = all[this.below(all.length)];
    if (chosen === undefined) throw new RangeError('There is nothing to pick from');
    return chosen;
  }

  /** One of them, each as likely as its weight says. */
  weigh<T extends { readonly weight: number }>(all: readonly T[]): T {
    let total = 0;
    for (const { weight } of all) total += weight;
    let left = this.chance.fraction() * total;
    for (const one of all) {
      left -= one.weight;
      if (left < 0) return one;
    }
    return this.pick(all);
  }
}
