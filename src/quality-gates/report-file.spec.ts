import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readReport, removeStaleReport } from './report-file.js';
import { MAX_REPORTS, patternMistake } from './report-pattern.js';

describe('readReport and removeStaleReport', () => {
  let folder: string;
  let checkout: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-file-'));
    checkout = join(folder, 'checkout');
    await mkdir(join(checkout, 'coverage'), { recursive: true });
    await writeFile(join(folder, 'secret'), 'secret');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('reads a plain file inside the checkout, up to its limit', async () => {
    await writeFile(join(checkout, 'coverage/lcov.info'), 'LF:1');

    expect(await readReport(checkout, 'coverage/lcov.info', 4)).toEqual({ texts: ['LF:1'] });
    expect(await readReport(checkout, 'coverage/lcov.info', 3)).toEqual({
      problem: 'The report coverage/lcov.info has 4 bytes, more than 3',
    });
  });

  it('reads through a checkout that is itself a link', async () => {
    await writeFile(join(checkout, 'a'), 'b');
    await symlink(checkout, join(folder, 'alias'));

    expect(await readReport(join(folder, 'alias'), 'a', 10)).toEqual({ texts: ['b'] });
  });

  it('says what is missing', async () => {
    await writeFile(join(checkout, 'a'), '');

    expect(await readReport(checkout, 'coverage/x', 10)).toEqual({ problem: 'The report coverage/x was not written' });
    expect(await readReport(checkout, 'nowhere/x', 10)).toEqual({ problem: 'The report nowhere/x was not written' });
    expect(await readReport(checkout, 'a/x', 10)).toEqual({ problem: 'The report a/x was not written' });
  });

  it('follows no link out of the checkout or within it', async () => {
    await symlink(join(folder, 'secret'), join(checkout, 'file'));
    await symlink(folder, join(checkout, 'outside'));
    await symlink('coverage', join(checkout, 'inside'));
    await writeFile(join(checkout, 'coverage/a'), 'a');
    await symlink('loop', join(checkout, 'loop'));

    const problems = await Promise.all(
      ['file', 'outside/secret', 'inside/a', 'loop/x'].map((path) => readReport(checkout, path, 100)),
    );

    expect(problems).toEqual([
      { problem: 'The report file is a symbolic link' },
      { problem: 'The report outside/secret is behind a symbolic link' },
      { problem: 'The report inside/a is behind a symbolic link' },
      { problem: 'The report loop/x is a symbolic link' },
    ]);
  });

  it('refuses a path out of the checkout', async () => {
    expect(await readReport(checkout, '../secret', 100)).toEqual({
      problem: 'The report ../secret is outside the checkout',
    });
  });

  it('refuses whatever is no plain file, without waiting for anybody', async () => {
    await link(join(folder, 'secret'), join(checkout, 'hard'));
    await promisify(execFile)('mkfifo', [join(checkout, 'pipe')]);

    expect(await readReport(checkout, 'coverage', 100)).toEqual({ problem: 'The report coverage is not a plain file' });
    expect(await readReport(checkout, 'hard', 100)).toEqual({ problem: 'The report hard is not a plain file' });
    expect(await readReport(checkout, 'pipe', 100)).toEqual({ problem: 'The report pipe is not a plain file' });
  });

  it('tells any other fault by its code', async () => {
    expect(await readReport(checkout, 'x'.repeat(300), 100)).toEqual({
      problem: expect.stringMatching(/cannot be read: ENAMETOOLONG$/),
    });
    expect(await readReport(checkout, 'a\0b', 100)).toEqual({
      problem: expect.stringMatching(/cannot be read: ERR_INVALID_ARG_VALUE$/),
    });
  });

  it('removes a stale report or the link in its place, and nothing outside', async () => {
    await writeFile(join(checkout, 'coverage/a'), 'a');
    await symlink(join(folder, 'secret'), join(checkout, 'file'));
    await symlink(folder, join(checkout, 'outside'));

    for (const path of ['coverage/a', 'file', 'outside/secret', 'missing', 'coverage'])
      await removeStaleReport(checkout, path);

    await expect(stat(join(checkout, 'coverage/a'))).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(join(checkout, 'file'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readFile(join(folder, 'secret'), 'utf8')).toBe('secret');
    expect((await stat(join(checkout, 'coverage'))).isDirectory()).toBe(true);
  });

  it('reads all files that a pattern stands for, sorted, and looks behind no link', async () => {
    await mkdir(join(checkout, 'a/target/reports'), { recursive: true });
    await mkdir(join(checkout, 'node_modules/x/target'), { recursive: true });
    await mkdir(join(checkout, '.git/target'), { recursive: true });
    await mkdir(join(checkout, 'target/TEST-folder.xml'), { recursive: true });
    for (const path of [
      'a/target/reports/TEST-2.xml',
      'target/TEST-1.xml',
      'target/other.xml',
      '.git/target/TEST-9.xml',
    ])
      await writeFile(join(checkout, path), path);
    await writeFile(join(checkout, 'node_modules/x/target/TEST-8.xml'), '8');
    await symlink(join(checkout, 'a'), join(checkout, 'linked'));

    expect(await readReport(checkout, 'target/*-1.xml', 100)).toEqual({ texts: ['target/TEST-1.xml'] });
    expect(await readReport(checkout, '*/target/reports/*.xml', 100)).toEqual({
      texts: ['a/target/reports/TEST-2.xml'],
    });
    expect(await readReport(checkout, '*/target/TEST-*.xml', 100)).toMatchObject({ problem: expect.any(String) });
    expect(await readReport(checkout, '**/TEST-?.xml', 100)).toEqual({
      problem: 'No report was written that **/TEST-?.xml stands for',
    });
    expect(await readReport(checkout, '**/TEST-*.xml', 100)).toEqual({
      problem: 'The report target/TEST-folder.xml is not a plain file',
    });
    await rm(join(checkout, 'target/TEST-folder.xml'), { recursive: true });
    expect(await readReport(checkout, '**/TEST-*.xml', 100)).toEqual({
      texts: ['a/target/reports/TEST-2.xml', 'target/TEST-1.xml'],
    });
    expect(await readReport(checkout, '**/TEST-*.xml', 30)).toEqual({
      problem: expect.stringMatching(/TEST-1.xml has 17 bytes, more than 3$/),
    });
    await removeStaleReport(checkout, '**/TEST-*.xml');
    expect(await readReport(checkout, '**/TEST-*.xml', 100)).toMatchObject({
      problem: expect.stringMatching(/^No report/),
    });
    expect(await readReport(join(checkout, 'missing'), '*.xml', 100)).toEqual({
      problem: 'The report *.xml was not written',
    });
    await removeStaleReport(join(checkout, 'missing'), '*.xml');
  });

  it('refuses a pattern that stands for a link, or for too many files', async () => {
    await symlink(join(folder, 'secret'), join(checkout, 'a.xml'));
    await mkdir(join(checkout, 'many'));
    for (let n = 0; n <= MAX_REPORTS; n += 1) await writeFile(join(checkout, 'many', `${n}.xml`), '');

    expect(await readReport(checkout, '*.xml', 100)).toEqual({ problem: 'The report a.xml is a symbolic link' });
    expect(await readReport(checkout, 'many/*.xml', 100)).toEqual({
      problem: expect.stringMatching(/^Too many files to look at for many/),
    });
  }, 60_000);

  it.each([
    ['a/*.xml', null],
    ['**/target/TEST-*.xml', null],
    ['**/a/**/b.xml', 'may hold ** once'],
    ['a/**', 'must end with the name of a file, such as **/TEST-*.xml'],
    ['a**/b', 'may hold ** as a whole folder only, and * three times in a name'],
    ['*a*b*c*', 'may hold ** as a whole folder only, and * three times in a name'],
  ])('says of the pattern %s what is wrong', (pattern, mistake) => {
    expect(patternMistake(pattern)).toBe(mistake);
  });
});
