import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { restoreBaseFiles } from './restore-base-files.js';

describe('restoreBaseFiles', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'restored-'));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  const restore = (base: Readonly<Record<string, string>>) =>
    restoreBaseFiles(checkout, (path) => Promise.resolve(base[path] ?? null));

  it('leaves alone what is the same, and what the base commit has nothing of', async () => {
    await writeFile(join(checkout, 'Makefile'), 'test:');
    await writeFile(join(checkout, 'gradlew'), 'new');

    expect(await restore({ Makefile: 'test:' })).toEqual({ changed: [] });
    expect(await readFile(join(checkout, 'gradlew'), 'utf8')).toBe('new');
  });

  it('puts back what is changed, deleted or a link, and removes what would stand in its place', async () => {
    await symlink('/etc/hostname', join(checkout, 'GNUmakefile'));
    await writeFile(join(checkout, 'makefile'), 'test: ; true');
    await symlink('/etc/hostname', join(checkout, 'mvnw'));
    await writeFile(join(checkout, 'gradlew'), 'exit 0');

    expect(await restore({ Makefile: 'test:', mvnw: 'maven', gradlew: 'gradle' })).toEqual({
      changed: ['GNUmakefile', 'makefile', 'Makefile', 'mvnw', 'gradlew'],
    });
    expect((await readdir(checkout)).sort()).toEqual(['Makefile', 'gradlew', 'mvnw']);
    expect(await readFile(join(checkout, 'mvnw'), 'utf8')).toBe('maven');
  });

  it('says what cannot be put back', async () => {
    await mkdir(join(checkout, 'Makefile'));

    expect(await restore({ Makefile: 'test:' })).toEqual({
      problem: expect.stringMatching(/^Makefile, which is a command of gates, cannot be put back: /),
    });
  });
});
