import { describe, expect, it } from '@jest/globals';
import { ALL_CHEATS } from './cheats/all-cheats.js';
import { NOT_YET_CAUGHT } from './cheats/not-yet-caught.js';

describe('The corpus of cheats', () => {
  it('is known by everything that it can still do', () => {
    const titles = ALL_CHEATS.map(({ title }) => title);

    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toEqual(expect.arrayContaining([...NOT_YET_CAUGHT.keys()]));
  });
});
