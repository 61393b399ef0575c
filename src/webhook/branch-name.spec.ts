import { describe, expect, it } from '@jest/globals';
import { isBranchName } from './branch-name.js';

describe('isBranchName', () => {
  it.each(['main', 'release/1.2', 'a', 'größe', 'feature/x@y', 'x.locked', 'x'.repeat(255)])(
    'is true of %s',
    (name) => {
      expect(isBranchName(name)).toBe(true);
    },
  );

  it.each([
    '',
    '-x',
    '--upload-pack=x',
    '.x',
    '/x',
    'x/',
    'x.',
    'a//b',
    'a/.b',
    'a..b',
    'a b',
    'a\nb',
    'a\0b',
    'a\u007fb',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    '@',
    'a@{1}',
    'a.lock',
    'a.lock/b',
    'x'.repeat(256),
  ])('is false of %j', (name) => {
    expect(isBranchName(name)).toBe(false);
  });
});
