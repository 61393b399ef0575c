import { describe, expect, it } from '@jest/globals';
import { formatDuration, readDuration } from './duration.js';

describe('readDuration', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1.5h', 5_400_000],
    ['2 d', 172_800_000],
    ['250ms', 250],
    [90, 90_000],
    [0.5, 500],
    [0, 0],
    ['90', null],
    ['1e3s', null],
    ['-1s', null],
    ['1h30m', null],
    ['constructor', null],
    [-1, null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [true, null],
    [null, null],
  ])('reads %j as %j milliseconds', (value, expected) => {
    expect(readDuration(value)).toBe(expected);
  });
});

describe('formatDuration', () => {
  it.each([
    [12.4, '12 ms'],
    [1000, '1 s'],
    [1234, '1.2 s'],
    [90_000, '90 s'],
    [600_000, '10 min'],
  ])('shows %s', (ms, expected) => {
    expect(formatDuration(ms)).toBe(expected);
  });
});
