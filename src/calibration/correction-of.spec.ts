import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { correctionOf } from './correction-of.js';

const samplesOf = (...ratios: readonly number[]) =>
  ratios.map((ratio) => ({ estimatedTokens: 10_000, peakTokens: 10_000 * ratio }));

const positive = fc.integer({ min: 1, max: 2_000_000 });
const samples = fc.array(fc.record({ estimatedTokens: positive, peakTokens: positive }), { maxLength: 40 });

describe('correctionOf', () => {
  it.each([[[]], [[3]], [[3, 3]]])('corrects nothing after %j', (ratios) => {
    expect(correctionOf(samplesOf(...ratios))).toEqual({ factor: 1, samples: ratios.length, median: null });
  });

  it('goes half of the way after three jobs, and most of it after twenty', () => {
    expect(correctionOf(samplesOf(4, 4, 4)).factor).toBe(2);
    expect(correctionOf(samplesOf(...Array<number>(20).fill(1.6))).factor).toBeCloseTo(1.505, 3);
  });

  it('takes the middle between the two middle ones of an even number', () => {
    expect(correctionOf(samplesOf(9, 1, 2, 3)).median).toBe(2.5);
    expect(correctionOf(samplesOf(9, 1, 2)).median).toBe(2);
  });

  it('looks at the twenty newest only', () => {
    const newest = Array<number>(20).fill(1);

    expect(correctionOf(samplesOf(...newest, ...Array<number>(80).fill(3)))).toEqual({
      factor: 1,
      samples: 20,
      median: 1,
    });
  });

  it('is never below a half nor above three', () => {
    expect(correctionOf(samplesOf(...Array<number>(20).fill(0.01))).factor).toBe(0.5);
    expect(correctionOf(samplesOf(...Array<number>(20).fill(100))).factor).toBe(3);
    fc.assert(
      fc.property(samples, (given) => {
        const { factor } = correctionOf(given);
        return factor >= 0.5 && factor <= 3;
      }),
    );
  });

  it('lies between 1 and the median', () => {
    fc.assert(
      fc.property(samples, (given) => {
        const { factor, median } = correctionOf(given);
        const end = median ?? 1;
        // To three places, as it is rounded.
        expect(factor).toBeGreaterThanOrEqual(Math.max(0.5, Math.min(1, end)) - 0.0005);
        expect(factor).toBeLessThanOrEqual(Math.min(3, Math.max(1, end)) + 0.0005);
      }),
    );
  });

  it('does not depend on the order of what counts', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(positive, positive), { maxLength: 20 }), (pairs) => {
        const given = pairs.map(([estimatedTokens, peakTokens]) => ({ estimatedTokens, peakTokens }));
        expect(correctionOf([...given].reverse())).toEqual(correctionOf(given));
      }),
    );
  });

  it('does not follow one wild job beyond the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.6, max: 1.4, noNaN: true }), { minLength: 4, maxLength: 19 }),
        (ratios) => {
          const { median } = correctionOf(samplesOf(1_000, ...ratios));
          expect(median).toBeLessThanOrEqual(Math.max(...ratios));
        },
      ),
    );
  });

  it('does not fall when a job took more', () => {
    fc.assert(
      fc.property(samples, fc.nat(39), fc.integer({ min: 1, max: 1_000_000 }), (given, place, more) => {
        const grown = given.map((sample, index) =>
          index === place ? { ...sample, peakTokens: sample.peakTokens + more } : sample,
        );
        expect(correctionOf(grown).factor).toBeGreaterThanOrEqual(correctionOf(given).factor);
      }),
    );
  });
});
