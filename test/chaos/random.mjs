/** Random numbers that a seed repeats (mulberry32). */
export class SeededRandom {
  constructor(seed) {
    this.state = seed >>> 0;
  }

  /** From 0 to below 1. */
  fraction() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(from, to) {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  /** True so often, from 0 to 1. */
  chance(share) {
    return this.fraction() < share;
  }

  /** One of a list; undefined of an empty one. */
  pick(list) {
    return list[Math.floor(this.fraction() * list.length)];
  }
}
