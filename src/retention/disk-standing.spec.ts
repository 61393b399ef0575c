import { describe, expect, it } from '@jest/globals';
import { diskStanding, type DiskStanding } from './disk-standing.js';

describe('diskStanding', () => {
  it.each<[number, DiskStanding, DiskStanding]>([
    [100, 'ample', 'ample'],
    [99, 'ample', 'scarce'],
    [25, 'ample', 'scarce'],
    [24, 'ample', 'spent'],
    [0, 'scarce', 'spent'],
    [100, 'scarce', 'scarce'],
    [124, 'spent', 'scarce'],
    [125, 'scarce', 'ample'],
    [125, 'spent', 'ample'],
  ])('of %d bytes free with a reserve of 100, after it was %s, is %s', (free, before, now) => {
    expect(diskStanding(free, 100, before)).toBe(now);
  });

  it('is always ample without a reserve', () => {
    expect(diskStanding(0, 0, 'ample')).toBe('ample');
  });
});
