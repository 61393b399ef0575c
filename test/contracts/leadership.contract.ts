import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Leadership } from '../../src/orchestration/index.js';
import type { FakeClock } from '../../src/testing/index.js';

/** A lead that nobody has yet, the clock that its terms go by, and the coordinators that share it. */
export interface LeadershipOnTrial {
  readonly clock: FakeClock;
  for(holder: string): Promise<Leadership>;
  close(): Promise<void>;
}

/** What every Leadership that is shared must do. Call it once for each implementation. */
export function describeLeadership(name: string, make: () => Promise<LeadershipOnTrial>): void {
  describe(`${name}, as a Leadership`, () => {
    let trial: LeadershipOnTrial;
    let one: Leadership;
    let other: Leadership;
    let termMs: number;

    beforeEach(async () => {
      trial = await make();
      one = await trial.for('one');
      other = await trial.for('other');
      termMs = one.termMs ?? NaN;
    });

    afterEach(() => trial.close());

    it('gives the lead to the first who asks, in a term of its own', async () => {
      expect(await one.hold()).toBe(1);
      expect(await other.hold()).toBeNull();
      expect(await one.hold()).toBe(1);
    });

    it('gives it to one of several who ask at once', async () => {
      const terms = await Promise.all([one.hold(), other.hold(), one.hold(), other.hold()]);

      const leading = [await one.hold(), await other.hold()].filter((term) => term !== null);
      expect(leading).toEqual([1]);
      expect(new Set(terms)).toEqual(new Set([1, null]));
    });

    it('lasts a whole term from whenever it was asked for', async () => {
      await one.hold();
      for (let asked = 0; asked < 12; asked += 1) {
        trial.clock.advance(termMs / 6);
        await one.hold();
        trial.clock.advance(termMs - 1);
        expect(await other.hold()).toBeNull();
        expect(await one.hold()).toBe(1);
      }
    });

    it('goes to another once it has ended, in a higher term, and the former leader is told', async () => {
      await one.hold();
      trial.clock.advance(2 * termMs);

      expect(await other.hold()).toBe(2);
      expect(await one.hold()).toBeNull();
    });

    it('begins a higher term for a leader that asks too late, too', async () => {
      await one.hold();
      trial.clock.advance(2 * termMs);

      expect(await one.hold()).toBe(2);
    });

    it('is free at once when it is given up', async () => {
      await one.hold();

      await one.release();

      expect(await other.hold()).toBe(2);
    });

    it('is not given up by whoever does not have it', async () => {
      await one.hold();

      await other.release();

      expect(await other.hold()).toBeNull();
      expect(await one.hold()).toBe(1);
    });
  });
}
