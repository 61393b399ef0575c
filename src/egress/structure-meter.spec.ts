import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StructureMeter } from './structure-meter.js';

const MOST = 1024 * 1024;

describe('StructureMeter', () => {
  it.each(['[', ' ', '[1,', '{"":', '"",'])('ends a body of %j without parsing it', (piece) => {
    const meter = new StructureMeter();
    const chunk = Buffer.from(piece.repeat(64 * 1024));

    const taken = Array.from({ length: 40 }, () => meter.take(chunk));

    expect([taken[0], taken.at(-1)]).toEqual([true, false]);
  });

  it('lets texts of any length through, however they are cut', () => {
    const text = `{"a":"${String.raw`x\"y\\`.repeat(500_000)}","b":"${'['.repeat(2 * MOST)}"}`;
    const bytes = Buffer.from(text);
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 20 });

    fc.assert(
      fc.property(cuts, (at) => {
        const meter = new StructureMeter();
        const edges = [0, ...at.sort((a, b) => a - b), bytes.length];

        expect(edges.slice(1).every((end, index) => meter.take(bytes.subarray(edges[index], end)))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it('counts every byte outside of texts, cut at every place', () => {
    const document = Buffer.from(String.raw`{"a\\":"\"[","b":[1,"\\"]}`);
    const once = Math.floor(MOST / (document.length - 16));
    const pieces = [...document].map((byte) => Buffer.from([byte]));
    const meter = new StructureMeter();

    const taken = Array.from({ length: once * 2 }, () => pieces.every((piece) => meter.take(piece)));

    expect(taken.slice(0, once / 2).every(Boolean)).toBe(true);
    expect(taken.at(-1)).toBe(false);
  });
});
