import { describe, expect, it } from '@jest/globals';
import { structuralLines } from './structural-lines.js';

const read = (text: string): string => structuralLines(text).join('\n');

describe('structuralLines', () => {
  it.each([
    ['fenced code', 'a\n```js\n# b\n```\nc', 'a\n \nc'],
    ['a fence of tildes', 'a\n~~~ b`c\n# b\n~~~\nc', 'a\n \nc'],
    ['a fence that is never closed', 'a\n```\n# b', 'a\n '],
    ['a fence in a list', '- ```\n  # b\n  ```\nc', ' \nc'],
    ['a longer fence around a shorter', '````\n```\n# b\n````\nc', ' \nc'],
    ['a fence that tildes do not close', '```\n~~~\n```\nc', ' \nc'],
    ['comments', 'a <!-- b --> c', 'a   c'],
    ['comments over lines', 'a\n<!--\n# b\n-->\nc', 'a\n \nc'],
    ['a comment that is never closed', 'a\n<!--\n# b', 'a\n '],
    ['quoted text', 'a\n> # b\n  > c\nd', 'a\nd'],
    ['empty lines beyond the first', 'a\n\n\n\nb', 'a\n\nb'],
    ['invisible characters', '#\u200b a', '# a'],
  ])('leaves out %s', (_, text, kept) => {
    expect(read(text)).toBe(kept);
  });

  it.each([
    ['code within a line', 'a ```b``` c'],
    ['a line that only begins with code', '```b``` c'],
    ['a comment within a code span', 'write `<!--` first\n# b'],
  ])('keeps %s', (_, text) => {
    expect(read(text)).toBe(text);
  });

  it('reads on after a fence that stands in a comment', () => {
    expect(read('<!--\n```\n-->\n# a')).toBe(' \n# a');
  });

  it('reads on after a comment that stands in a fence', () => {
    expect(read('```\n<!--\n```\n# a')).toBe(' \n# a');
  });

  it('takes a fence of a million marks', () => {
    expect(read(`${'`'.repeat(1_000_000)}\n# a`)).toBe(' ');
  });
});
