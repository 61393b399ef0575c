import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GuardedFiles } from './guarded-files.js';

describe('GuardedFiles', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guarded-'));
    await mkdir(join(folder, 'home'));
    await mkdir(join(folder, 'tree'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const at = (path: string): string => join(folder, path);
  const text = (path: string): Promise<string> => readFile(at(path), 'utf8');

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), content);
    }
  }

  /** @param files of the base commit, relative to the tree */
  function guard(files: readonly string[], added: readonly string[] = [], manifest: string | null = null) {
    const definitions = [{ directory: null }, { directory: 'app' }];
    return GuardedFiles.of(at('tree'), at('home'), definitions, {
      commit: '',
      checkout: at('tree'),
      readBaseFile: async (path) => (path === 'package.json' ? manifest : null),
      listBaseFiles: async () => files,
      changedFiles: added.map((path) => ({ path, change: 'added' })),
    });
  }

  it('puts back tests and gate files that were changed, deleted or replaced, and lets the rest be', async () => {
    await write({
      'tree/a.test.js': 'a',
      'tree/deep/b.test.js': 'b',
      'tree/new.test.js': 'new',
      'tree/src/tsconfig.json': 'c',
      'tree/package.json': '{}',
      'tree/a.js': 'source',
    });
    const guarded = await guard(['a.test.js', 'deep/b.test.js', 'src/tsconfig.json', 'a.js'], ['new.test.js']);
    await guarded.setUp();
    await write({ 'tree/a.test.js': 'x', 'tree/a.js': 'built', 'tree/package.json': '{"scripts":{}}' });
    await rm(at('tree/deep'), { recursive: true });
    await rm(at('tree/new.test.js'));
    await symlink('a.js', at('tree/new.test.js'));
    await rm(at('tree/src/tsconfig.json'));
    await mkdir(at('tree/src/tsconfig.json'));

    await guarded.restore();

    expect(
      await Promise.all(
        ['a.test.js', 'deep/b.test.js', 'new.test.js', 'src/tsconfig.json', 'a.js', 'package.json'].map((path) =>
          text(`tree/${path}`),
        ),
      ),
    ).toEqual(['a', 'b', 'new', 'c', 'built', '{}']);
  });

  it('writes nothing that says the same', async () => {
    await write({ 'tree/a.test.js': 'a' });
    const guarded = await guard(['a.test.js']);
    await chmod(at('tree/a.test.js'), 0o755);

    await guarded.restore();

    expect((await stat(at('tree/a.test.js'))).mode & 0o777).toBe(0o755);
  });

  it('keeps settings that setup makes, and removes those that come later, where gates run and at home', async () => {
    await mkdir(at('tree/app'));
    const guarded = await guard([]);
    await write({ 'tree/.npmrc': 'setup', 'home/.npmrc': 'setup', 'home/x': 'cache' });
    await guarded.setUp();
    await write({
      'tree/jest.config.js': 'x',
      'tree/app/vitest.config.js': 'x',
      'tree/other/jest.config.js': 'x',
      'home/.m2/settings.xml': 'x',
      'home/y': 'cache',
    });

    await guarded.restore();

    expect((await readdir(at('tree'))).sort()).toEqual(['.npmrc', 'app', 'other']);
    expect(await readdir(at('tree/app'))).toEqual([]);
    expect(await readdir(at('home/.m2'))).toEqual([]);
    expect((await readdir(at('home'))).sort()).toEqual(['.m2', '.npmrc', 'x', 'y']);
  });

  it('lets a makefile be that a build wrote, unless it stands in for one of the commit', async () => {
    await write({ 'tree/app/Makefile': 'own' });
    const guarded = await guard([]);
    await guarded.setUp();
    await write({ 'tree/Makefile': 'built', 'tree/app/GNUmakefile': 'shadow' });

    await guarded.restore();

    expect(await readdir(at('tree/app'))).toEqual(['Makefile']);
    expect(await text('tree/Makefile')).toBe('built');
  });

  it('lets no installed package stand in for node, unless the base commit wants that', async () => {
    const programs = { 'tree/node_modules/.bin/node': 'x', 'tree/node_modules/.bin/jest': 'x' };
    await write(programs);
    const wanted = await guard([], [], '{"devDependencies":{"node":"20"}}');
    await wanted.restore();
    const kept = await readdir(at('tree/node_modules/.bin'));

    await (await guard([])).restore();

    expect(kept.sort()).toEqual(['jest', 'node']);
    expect(await readdir(at('tree/node_modules/.bin'))).toEqual(['jest']);
  });

  it('looks into no folder of packages that is a link', async () => {
    await write({ 'shared/.bin/node': 'x' });
    await symlink(at('shared'), at('tree/node_modules'));

    await (await guard(['node_modules/a.test.js'])).restore();

    expect(await readdir(at('shared/.bin'))).toEqual(['node']);
  });

  it('does not keep what is no text', async () => {
    await write({ 'tree/a.test.js': 'a' });
    await writeFile(at('tree/b.test.js'), Buffer.from([0xff, 0xfe]));
    const guarded = await guard(['a.test.js', 'b.test.js', 'missing.test.js']);
    await writeFile(at('tree/b.test.js'), 'x');

    await guarded.restore();

    expect(await text('tree/b.test.js')).toBe('x');
  });
});
