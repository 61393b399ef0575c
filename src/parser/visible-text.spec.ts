import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { visibleText, withoutInvisible } from './visible-text.js';

describe('visibleText', () => {
  it.each([
    ['zero-width characters', 'a\u200bb\u200dc\ufeff', 'abc'],
    ['direction marks', 'a\u202eb\u2066c\u2069', 'abc'],
    ['tag characters', 'a\u{e0041}\u{e0042}b', 'ab'],
    ['variation selectors', 'a\ufe0f\u{e0100}b', 'ab'],
    ['fillers', 'a\u3164\u115f\uffa0\u2800b', 'ab'],
    ['controls', 'a\u0000\u001b[31m\u0085b', 'a[31mb'],
    ['halves of a pair', 'a\ud800b', 'ab'],
    ['character references', 'a&#8203;b&#x200B;c&ZeroWidthSpace;d&shy;e', 'abcde'],
    ['a reference within a reference', 'a&#82&#8203;03;b', 'a b'],
    ['a reference with a character within', 'a&#82\u200b03;b', 'ab'],
    ['a comment', 'a<!-- b -->c', 'a c'],
    ['a comment over lines', 'a<!-- b\nc -->d', 'a\nd'],
    ['the shortest comments', 'a<!-->b<!--->c', 'a b c'],
    ['a comment in code, as raw HTML has no code', '<p>`<!-- b -->`</p>', '<p>` `</p>'],
    ['a comment that is never closed', 'a <!-- b\nc', 'a '],
    ['a comment made of another', 'a <!-<!-- -->- b -->', 'a <!- - b -->'],
    ['a comment whose start is broken up', 'a <!\u200b-- b --> c', 'a   c'],
  ])('takes away %s', (_, text, seen) => {
    expect(visibleText(text)).toBe(seen);
  });

  it.each([
    ['tabs and newlines', 'a\tb\nc'],
    ['letters of any script', 'Grüße 漢字 नमस्ते'],
    ['emoji', '🚀'],
    ['other references', '&lt;!-- b --&gt; &#65; &#x110000;'],
    ['an opened comment within a code span', 'Write `<!--` to start'],
  ])('keeps %s', (_, text) => {
    expect(visibleText(text)).toBe(text);
  });

  it('makes newlines plain', () => {
    expect(visibleText('a\r\nb\rc\u2028d')).toBe('a\nb\nc\nd');
  });

  it('changes nothing when it is applied again', () => {
    const piece = fc.constantFrom(
      '<!--',
      '-->',
      '<!-',
      '-',
      '`',
      '\n',
      '\r',
      'a',
      ' ',
      '&#82',
      '03;',
      '&shy;',
      '\u200b',
      '&',
      '\ud83d',
      '\ude80',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const seen = visibleText(pieces.join(''));

        expect(visibleText(seen)).toBe(seen);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves nothing invisible, of whatever text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(withoutInvisible(text)).not.toMatch(/\p{Default_Ignorable_Code_Point}|\p{Cs}/u);
      }),
    );
  });
});
