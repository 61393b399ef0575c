import { describe, expect, it } from '@jest/globals';
import { formatIssueRef } from '../kernel/index.js';
import { findReferences, leadingReferences } from './issue-references.js';

const HOME = { owner: 'acme', repo: 'app', number: 1 };
const found = (text: string): string[] => findReferences(text, HOME).map(formatIssueRef);
const leading = (text: string): string[] => leadingReferences(text, HOME).map(formatIssueRef);

describe('findReferences', () => {
  it.each([
    ['#147 (COORD-004), other/repo#12', ['acme/app#147', 'other/repo#12']],
    ['[#147](https://git.example/acme/app/issues/147)', ['acme/app#147']],
    ['#2,#3;#4', ['acme/app#2', 'acme/app#3', 'acme/app#4']],
    ['#2 and ACME/App#2', ['acme/app#2']],
    ['**#2**', ['acme/app#2']],
    ['o-1/r.x_y#2.', ['o-1/r.x_y#2']],
  ])('reads %p', (text, refs) => {
    expect(found(text)).toEqual(refs);
  });

  it.each([
    ['the issue itself', '#1 acme/app#1'],
    ['zero', '#0'],
    ['no number', '# 2 #'],
    ['a word after the number', '#2a'],
    ['a number too long', '#1234567890123456'],
    ['a repository without an owner', 'repo#2'],
    ['a path', 'a/b/c#2'],
    ['an address', 'https://git.example/acme/app#2'],
    ['an address of an issue', 'https://git.example/acme/app/issues/2'],
    ['two marks', '##2'],
    ['a name that is none', '../..#2 a/..#2'],
    ['a name too long', `${'a'.repeat(101)}/b#2`],
  ])('leaves out %s', (_, text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('leadingReferences', () => {
  it.each([
    ['#2', ['acme/app#2']],
    ['#2, #3 and other/repo#4', ['acme/app#2', 'acme/app#3', 'other/repo#4']],
    ['#2 (see #9), #3 because #4', ['acme/app#2', 'acme/app#3']],
    ['[#2](https://x), [#3](https://y)', ['acme/app#2', 'acme/app#3']],
    ['the work in #2', []],
    ['', []],
  ])('reads %p', (text, refs) => {
    expect(leading(text)).toEqual(refs);
  });
});
