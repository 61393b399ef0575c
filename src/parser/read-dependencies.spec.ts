import { describe, expect, it } from '@jest/globals';
import { formatIssueRef } from '../kernel/index.js';
import { readDependencies } from './read-dependencies.js';
import { readSections } from './sections.js';

const HOME = { owner: 'o', repo: 'r', number: 1 };

function read(text: string) {
  const { blocks, blockedBy, problems } = readDependencies(readSections(text.split('\n')), HOME);
  return { blocks: blocks.map(formatIssueRef), blockedBy: blockedBy.map(formatIssueRef), problems };
}

const blockedBy = (...refs: string[]) => ({ blocks: [], blockedBy: refs, problems: [] });
const blocks = (...refs: string[]) => ({ blocks: refs, blockedBy: [], problems: [] });

describe('readDependencies', () => {
  it('reads both directions under one heading', () => {
    const text = '## Dependencies\n- Blocked by: #147 (COORD-004), other/repo#12\n- Blocks: #149';

    expect(read(text)).toEqual({ blocks: ['o/r#149'], blockedBy: ['o/r#147', 'other/repo#12'], problems: [] });
  });

  it.each([
    ['emphasis around the key', '## Dependencies\n**Blocked by:** #2', blockedBy('o/r#2')],
    ['emphasis before the colon', '## Dependencies\n- **Depends on**: #2', blockedBy('o/r#2')],
    ['no colon', '## Dependencies\ndepends on #2', blockedBy('o/r#2')],
    ['a list below the key', '## Dependencies\nBlocked by:\n- #2\n\n- [x] #3 done', blockedBy('o/r#2', 'o/r#3')],
    ['a list below each key', '## Dependencies\nBlocks:\n- #2\nBlocked by: none', blocks('o/r#2')],
    ['a list without a key', '## Dependencies\n- #2\n- lodash 4', blockedBy('o/r#2')],
    ['references in parentheses alone', '## Dependencies\nBlocked by: (#2)', blockedBy('o/r#2')],
    ['a heading for one direction', '## Blocked by\nThe work in #2\n- #3', blockedBy('o/r#2', 'o/r#3')],
    ['a heading for the other', '### Blocks: #2', blocks('o/r#2')],
    ['nothing', '## Dependencies\n- Blocked by: None\n- Blocks: _No response_\n', blockedBy()],
    ['nothing under a heading', '## Depends on\nn/a', blockedBy()],
    ['the issue itself', '## Blocked by\n#1', blockedBy()],
    ['the same issue twice', '## Blocked by\n#2\n- O/R#2', blockedBy('o/r#2')],
    ['prose after a list', '## Dependencies\nBlocked by:\n- #2\n\nSee the wiki.', blockedBy('o/r#2')],
    ['prose', '## Dependencies\nSee #2.', blockedBy()],
    ['a line elsewhere', 'Depends on #2, #3 because #4 failed', blockedBy('o/r#2', 'o/r#3')],
    ['a listed line elsewhere', '## Notes\n- Blocks: #2', blocks('o/r#2')],
    ['other words elsewhere', 'It blocks #2.\nBlocks the release.\nBlocked by: the review', blockedBy()],
    ['a word that begins like a key', '## Dependencies\nBlocksize #2', blockedBy()],
  ])('reads %s', (_, text, dependencies) => {
    expect(read(text)).toEqual(dependencies);
  });

  it.each([
    '## Dependencies\nBlocked by: repo#2 @all',
    '## Dependencies\nBlocked by:\n- repo#2 @all',
    '## Blocked by\nrepo#2 @all',
  ])('asks what is meant by a line that names no issue: %j', (text) => {
    expect(read(text).problems).toEqual([
      'Which issues are meant by "repo2 all" under the dependencies? Write them as #12 or owner/repository#12.',
    ]);
  });

  it('asks about a few lines only', () => {
    expect(read(`## Blocked by\n${'- x y z\n'.repeat(10)}`).problems).toHaveLength(5);
  });

  it('uses the first two hundred of too many references, and says so', () => {
    const all = Array.from({ length: 150_000 }, (_, index) => `#${index + 2}`).join(' ');

    const { blockedBy: refs, problems } = read(`## Blocked by\n${all}`);

    expect(refs).toHaveLength(200);
    expect(problems).toEqual(['The issue names 150000 dependencies; only the first 200 are used.']);
  });

  it('uses exactly two hundred references without a word', () => {
    const all = Array.from({ length: 200 }, (_, index) => `#${index + 2}`);

    expect(read(`## Blocks\n${all.join(' ')}`)).toEqual(blocks(...all.map((number) => `o/r${number}`)));
  });
});
