import { describe, expect, it } from '@jest/globals';
import { withoutMark } from './without-mark.js';

describe('withoutMark', () => {
  it.each([
    ['a text without it', 'plain', 'plain'],
    ['a mark in the midst', 'a-MARK-b', 'a--b'],
    ['a mark that closes when another is taken out', 'MAMARKRK', ''],
    ['marks in marks in marks', 'MMAMARKRKARK', ''],
  ])('leaves no mark in %s', (_, text, left) => {
    expect(withoutMark(text, 'MARK')).toBe(left);
  });
});
