import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headAndTail, plainText, shortened } from './plain-text.js';

describe('plainText', () => {
  it('takes colours, links, titles and control characters away and keeps lines', () => {
    const link = '\u001B]8;;https://a\u001B\\text\u001B]8;;\u0007';

    expect(plainText(`\u001B[1;31mred\u001B[0m\r\nnext\rlast\t${link}\u001BM\u0007\u0000!`)).toBe(
      'red\nnext\nlast\ttext!',
    );
  });
});

describe('headAndTail', () => {
  it('keeps what fits', () => {
    expect(headAndTail('abc', 3)).toBe('abc');
  });

  it('never grows beyond its limit and never cuts a character in two', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 50 }), fc.integer({ min: 0, max: 90 }), (text, limit) => {
        const bounded = headAndTail(text, limit);

        expect(bounded.length).toBeLessThanOrEqual(limit);
        expect(Buffer.from(bounded).toString()).toBe(bounded);
        expect(Buffer.from(shortened(text, limit + 1)).toString()).toBe(shortened(text, limit + 1));
      }),
    );
  });

  it('keeps beginning and end', () => {
    expect(headAndTail(`begin${'-'.repeat(200)}end`, 60)).toMatch(/^begin-+\n… 148 characters left out …\n-+end$/);
  });
});
