import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readDiffHunks, type DiffHunk } from './diff-hunks.js';

const run = promisify(execFile);

describe('readDiffHunks', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'diff-hunks-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** What git says of two texts; it exits with 1 where they differ. */
  async function diff(name: string, before: string, after: string, context: number): Promise<string> {
    await writeFile(join(folder, 'before'), before);
    await writeFile(join(folder, name), after);
    const options = ['diff', '--no-index', '--no-ext-diff', '--no-color', `-U${context}`];
    const done = await run('git', [...options, '--', 'before', name], {
      cwd: folder,
      env: { PATH: process.env['PATH'] },
    }).catch((error: unknown) => error as { readonly stdout: string });
    return done.stdout;
  }

  it.each([0, 3])('reads what git adds, with %d lines of context', async (context) => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n';
    const after = 'A\nb\nc\nd\nx\ny\ne\nf\nh\ni\nj\n+++ b/z\nend';

    expect(readDiffHunks(await diff('after', before, after, context))).toEqual([
      { path: 'after', start: 1, count: 1, lines: ['A'] },
      { path: 'after', start: 5, count: 2, lines: ['x', 'y'] },
      { path: 'after', start: 12, count: 2, lines: ['+++ b/z', 'end'] },
    ]);
  });

  it('counts no remark on a missing line end', async () => {
    expect(readDiffHunks(await diff('after', 'a\nb', 'a\nB\nc', 3))).toEqual([
      { path: 'after', start: 2, count: 2, lines: ['B', 'c'] },
    ]);
  });

  it('reads names in quotes and with spaces', async () => {
    expect(readDiffHunks(await diff('ä"\\\t.js', '', 'x\n', 0))).toMatchObject([{ path: 'ä"\\\t.js', start: 1 }]);
    expect(readDiffHunks(await diff('a b.js', '', 'x\n', 0))).toMatchObject([{ path: 'a b.js', start: 1 }]);
  });

  it('has no hunk of deleted, renamed and binary files, nor of what is no diff', () => {
    const deleted = '--- a/x\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n';
    const renamed = 'diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n';
    const binary = 'diff --git a/p b/p\nBinary files a/p and b/p differ\n';

    expect(readDiffHunks(deleted + renamed + binary)).toEqual([]);
    expect(readDiffHunks('@@ -1 +1 @@\n-a\n+b\n')).toEqual([]);
    expect(readDiffHunks('+++ b/a\n@@ -0,0 +1,9 @@\n+a\n')).toEqual([{ path: 'a', start: 1, count: 1, lines: ['a'] }]);
  });

  it('adds up to the lines that are new, whatever the texts are', () => {
    const lines = fc.array(fc.constantFrom('+', '-', ' ', '\\ No newline', '@@ -1 +1 @@', '+++ b/x', 'diff --git a b'));
    fc.assert(
      fc.property(lines, lines, (removed, added) => {
        const body = [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)];
        const text = ['+++ b/a', `@@ -1,${removed.length} +1,${added.length} @@`, ...body, ' x'].join('\n');
        const expected: readonly DiffHunk[] =
          added.length > 0 ? [{ path: 'a', start: 1, count: added.length, lines: added }] : [];

        expect(readDiffHunks(text)).toEqual(expected);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('\n@@ -1,2 +1,3 @@\n', '\n+++ "b/\\', '\n+a'))),
        (parts) => {
          expect(readDiffHunks(parts.join('')).every(({ count }) => count > 0)).toBe(true);
        },
      ),
    );
  });
});
