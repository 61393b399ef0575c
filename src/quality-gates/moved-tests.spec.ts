import { describe, expect, it } from '@jest/globals';
import { withoutMoved } from './moved-tests.js';

describe('withoutMoved', () => {
  it('takes a test for moved whose last names are there elsewhere, as often as they are', () => {
    const removed = ['a.test.js › sum › adds', 'b.test.js › halves', 'b.test.js › halves'];

    expect(withoutMoved(removed, ['new/a.test.js › sum › adds', 'c.test.js › halves'])).toEqual(['b.test.js › halves']);
  });

  it('takes a number and a digest for what differs from run to run', () => {
    const removed = ['ended at 12:03', 'in deadbeef01', 'adds'];

    expect(withoutMoved(removed, ['ended at 13:44', 'in 00ffee1234', 'subtracts'])).toEqual(['adds']);
  });
});
