import { describe, expect, it } from '@jest/globals';
import { isSameLogin } from './same-login.js';

describe('isSameLogin', () => {
  it.each([
    ['ann', 'Ann', true],
    ['ann', 'anne', false],
    [undefined, 'ann', false],
  ])('says of %j and %j: %j', (one, other, same) => {
    expect(isSameLogin(one, other)).toBe(same);
  });
});
