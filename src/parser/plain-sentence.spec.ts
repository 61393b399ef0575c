import { describe, expect, it } from '@jest/globals';
import { plainSentence } from './plain-sentence.js';

describe('plainSentence', () => {
  it.each([
    ['mentions', 'ask @all now', 'ask all now'],
    ['references', 'closes #12', 'closes 12'],
    ['links', '[a](https://evil.example/x) b', 'ahttps evil.example/x b'],
    ['images and markup', '![a](b) **c** <img src=x> `d`', 'ab c img src=x d'],
    ['newlines and invisible characters', ' a\n\n- b\u200b <!-- c --> ', 'a - b'],
  ])('takes away %s', (_, text, sentence) => {
    expect(plainSentence(text, 100)).toBe(sentence);
  });

  it('keeps plain words and cuts them at the limit', () => {
    expect(plainSentence('Größe: 5 % – “wirklich”?', 22)).toBe('Größe: 5 % – “wirklich');
  });
});
