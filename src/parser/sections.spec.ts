import { describe, expect, it } from '@jest/globals';
import { readSections } from './sections.js';

const read = (text: string): [string, string[]][] =>
  readSections(text.split('\n'))
    .map(({ meaning, lines }): [string, string[]] => [meaning, lines.filter((line) => line !== '')])
    .filter(([meaning, lines]) => meaning !== 'prose' || lines.length > 0);

describe('readSections', () => {
  it.each([
    ['of any level', '###### Difficulty\nx'],
    ['in any case', '## dIFFICULTY\nx'],
    ['with a colon', '## Difficulty:\nx'],
    ['with emphasis', '## **Difficulty**\nx'],
    ['with a number', '## 3. Difficulty\nx'],
    ['with an emoji', '## 🚦 Difficulty\nx'],
    ['closed by marks', '## Difficulty ##\nx'],
    ['indented', '   ## Difficulty\nx'],
    ['after a tab', '##\tDifficulty\nx'],
    ['with what follows the colon', '## Difficulty:x'],
    ['underlined', 'Difficulty\n---\nx'],
    ['underlined twice', 'Difficulty\n===\nx'],
  ])('knows a heading %s', (_, text) => {
    expect(read(text)).toEqual([['difficulty', ['x']]]);
  });

  it.each([
    ['code', '    ## Difficulty'],
    ['a word with a mark', '##Difficulty'],
    ['seven marks', '####### Difficulty'],
    ['a list before a rule', '- Difficulty\n---'],
    ['a very long line', `## ${'x'.repeat(200)} Difficulty`],
    ['a very long underlined line', `${'x'.repeat(200)}\n---`],
  ])('takes %s for prose', (_, text) => {
    expect(read(`${text}\nx`).filter(([meaning]) => meaning !== 'prose')).toEqual([]);
  });

  it('takes different spaces in a heading for one', () => {
    expect(read('## Acceptance \t criteria\nx')).toEqual([['criteria', ['x']]]);
  });

  it('drops rules across the page', () => {
    expect(read('a\n\n---\nb')).toEqual([['prose', ['a', 'b']]]);
  });

  it('ends a section at the next heading of its level, known or not', () => {
    expect(read('## Difficulty\na\n## Notes\nb\n# Blocks\nc')).toEqual([
      ['difficulty', ['a']],
      ['prose', ['b']],
      ['blocks', ['c']],
    ]);
  });

  it('keeps deeper unknown headings in their section, and starts one at deeper known headings', () => {
    expect(read('# Acceptance criteria\na\n## Speed\nb\n## Depends on\nc')).toEqual([
      ['criteria', ['a', 'b']],
      ['blocked-by', ['c']],
    ]);
  });
});
