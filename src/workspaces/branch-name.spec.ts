import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { branchName, branchOfDraft, branchPrefix, draftBranch, isBranchName, isWorkBranch } from './branch-name.js';

/** The answer of git itself: git-check-ref-format(1). */
const isValidForGit = (branch: string): boolean =>
  !branch.includes('\0') && spawnSync('git', ['check-ref-format', `refs/heads/${branch}`]).status === 0;

const text = fc.string({ unit: 'binary', maxLength: 300 });

describe('branchName', () => {
  it.each([
    ['Fix the parser', 'coordinator/7-fix-the-parser'],
    ['  [COORD-004] Größe: déjà vu!  ', 'coordinator/7-coord-004-gro-e-deja-vu'],
    ['a'.repeat(60), `coordinator/7-${'a'.repeat(40)}`],
    ['one two three four five six seven eight nine', 'coordinator/7-one-two-three-four-five-six-seven-eight'],
    [`${'a'.repeat(10)} ${'b'.repeat(60)}`, `coordinator/7-${'a'.repeat(10)}-${'b'.repeat(29)}`],
    ['修正', 'coordinator/7-issue'],
    ['', 'coordinator/7-issue'],
    ['../../main --force .lock', 'coordinator/7-main-force-lock'],
  ])('makes of %j %s', (title, expected) => {
    expect(branchName(7, title)).toBe(expected);
  });

  it('makes of every title a branch that is ours, and says it again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), text, (number, title) => {
        const branch = branchName(number, title);

        expect(isWorkBranch(branch) && isBranchName(branch)).toBe(true);
        expect(branch.startsWith(branchPrefix(number))).toBe(true);
        expect(branchName(number, title)).toBe(branch);
      }),
    );
  });

  it('makes names that git accepts', () => {
    fc.assert(
      fc.property(text, (title) => {
        expect(isValidForGit(branchName(1, title))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});

describe('isWorkBranch', () => {
  it.each(['main', 'coordinator/main', 'coordinator/0-x', 'coordinator/7-', 'coordinator/7-X', 'coordinator/7-x\n'])(
    'does not take %j for one of ours',
    (branch) => {
      expect(isWorkBranch(branch)).toBe(false);
    },
  );
});

describe('isBranchName', () => {
  const odd = (
    'main release/1.x größe a.lockx x@y a-b_c @ HEAD -x a..b a/.b a.lock a.lock/b a~ a^ a:b a? a* a[ a\\b a//b /a a/ a. ' +
    'a@{b . a\tb a\u007fb'
  )
    .split(' ')
    .concat('', 'a b');

  it('accepts nothing that git refuses', () => {
    expect(odd.filter((name) => isBranchName(name) && !isValidForGit(name))).toEqual([]);
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '.', '/', '-', '@', '{', '*', 'lock'), maxLength: 8 }),
        (name) => {
          fc.pre(isBranchName(name));

          return isValidForGit(name);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses of what git accepts only what could be taken for something else', () => {
    expect(odd.filter((name) => !isBranchName(name) && isValidForGit(name))).toEqual(['@', 'HEAD', '-x']);
    expect(isBranchName('x'.repeat(200))).toBe(true);
    expect(isBranchName('x'.repeat(201))).toBe(false);
  });
});

describe('draftBranch', () => {
  it('is no work branch, and leads back to the one it is of', () => {
    const draft = draftBranch('coordinator/7-fix');

    expect(draft).toBe('coordinator/wip/7-fix');
    expect(isWorkBranch(draft)).toBe(false);
    expect(branchOfDraft(draft)).toBe('coordinator/7-fix');
  });

  it.each(['coordinator/7-fix', 'coordinator/wip/fix', 'coordinator/wip/', 'wip/7-fix', 'main'])(
    'is not what %j is',
    (branch) => {
      expect(branchOfDraft(branch)).toBeNull();
    },
  );
});
