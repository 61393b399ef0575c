import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseFolders } from './choose-folders.js';
import { FOLDER_KINDS, type KeptFolder } from './retention.types.js';

function folder(id: string, usedAt: number, bytes = 10, isInUse = false): KeptFolder {
  return { id, kind: 'workspace', bytes, usedAt, isInUse };
}

function dropped(folders: readonly KeptFolder[], before: number, maxBytes: number): readonly string[] {
  return chooseFolders(folders, { before, maxBytes }).drop.map(({ id }) => id);
}

describe('chooseFolders', () => {
  it('drops what was last needed before the moment', () => {
    expect(dropped([folder('at', 5), folder('old', 4), folder('new', 6)], 5, 1_000)).toEqual(['old']);
  });

  it('drops more, what was not needed for longest first, until the rest keeps to the limit', () => {
    const folders = [folder('c', 30), folder('a', 10), folder('d', 40), folder('b', 20)];

    expect(chooseFolders(folders, { before: 0, maxBytes: 20 })).toMatchObject({
      drop: [{ id: 'a' }, { id: 'b' }],
      keptBytes: 20,
      excessBytes: 0,
    });
  });

  it('keeps what is in use, however old and large, and says how much too much that is', () => {
    const folders = [folder('live', 1, 100, true), folder('ended', 50, 10)];

    expect(chooseFolders(folders, { before: 40, maxBytes: 30 })).toMatchObject({
      drop: [{ id: 'ended' }],
      keptBytes: 100,
      excessBytes: 70,
    });
  });

  it('never drops what is in use, leaves nothing old, and stays over the limit only with what is in use', () => {
    const anyFolder = fc.record({
      id: fc.uuid(),
      kind: fc.constantFrom(...FOLDER_KINDS),
      bytes: fc.nat(100),
      usedAt: fc.nat(100),
      isInUse: fc.boolean(),
    });

    expect.hasAssertions();
    fc.assert(
      fc.property(fc.array(anyFolder), fc.nat(100), fc.nat(1_000), (folders, before, maxBytes) => {
        const { drop, keptBytes, excessBytes } = chooseFolders(folders, { before, maxBytes });
        const left = folders.filter((one) => !drop.includes(one));
        const free = left.filter(({ isInUse }) => !isInUse);

        expect(drop.every(({ isInUse }) => !isInUse)).toBe(true);
        expect(free.every(({ usedAt }) => usedAt >= before)).toBe(true);
        expect(keptBytes).toBe(left.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(excessBytes).toBe(Math.max(0, keptBytes - maxBytes));
        expect(excessBytes === 0 || free.length === 0).toBe(true);
      }),
    );
  });
});
