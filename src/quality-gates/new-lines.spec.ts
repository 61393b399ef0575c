import { describe, expect, it } from '@jest/globals';
import { newLinesIn } from './new-lines.js';

describe('newLinesIn', () => {
  it('names lines that are new or more than before, whatever their numbers', () => {
    const base = ['a.js:1:2: bad', 'b.js:3:4: bad', '2 problems'];

    expect(newLinesIn(['a.js:7:1: bad', '1 problems'], base)).toEqual([]);
    expect(newLinesIn(['a.js:1:2: bad', 'a.js:9:9: bad', 'c.js:1:1: bad'], base)).toEqual([
      'a.js:9:9: bad',
      'c.js:1:1: bad',
    ]);
  });

  it('names none of what is too long to compare', () => {
    expect(newLinesIn(null, ['x'])).toBeNull();
  });
});
