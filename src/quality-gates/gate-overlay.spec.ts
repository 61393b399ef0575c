import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { overlayGateFiles, type OverlaySubject } from './gate-overlay.js';

type Files = Readonly<Record<string, string>>;

describe('overlayGateFiles', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'overlaid-'));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  const text = (path: string): Promise<string> => readFile(join(checkout, path), 'utf8');

  async function write(files: Files): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(checkout, path)), { recursive: true });
      await writeFile(join(checkout, path), content);
    }
  }

  /** Overlays a checkout of `head`, told as Workspaces tell it. */
  async function overlay(base: Files, head: Files, rest: Partial<OverlaySubject> = {}) {
    await write(head);
    const paths = [...new Set([...Object.keys(base), ...Object.keys(head)])].filter(
      (path) => base[path] !== head[path],
    );
    const changedFiles = paths.map((path) => {
      const change = !(path in base) ? 'added' : path in head ? 'changed' : 'deleted';
      return { path, change } as const;
    });
    const readBaseFile = async (path: string): Promise<string | null> => base[path] ?? null;
    const listBaseFiles = async (): Promise<readonly string[]> => Object.keys(base);
    return overlayGateFiles({ checkout, readBaseFile, listBaseFiles, changedFiles, ...rest });
  }

  it('puts back what was changed or deleted, and says so of gate files alone', async () => {
    const base = {
      'jest.config.js': 'base',
      '.github/workflows/ci.yml': 'base',
      'a.js': 'base',
      gradlew: '#!/bin/sh\n',
    };

    expect(await overlay(base, { 'jest.config.js': 'head', 'a.js': 'head' })).toEqual({
      touched: ['jest.config.js', '.github/workflows/ci.yml', 'gradlew'],
    });
    expect([await text('jest.config.js'), await text('.github/workflows/ci.yml'), await text('a.js')]).toEqual([
      'base',
      'base',
      'head',
    ]);
    expect((await stat(join(checkout, 'gradlew'))).mode & 0o777).toBe(0o755);
  });

  it('removes what would shadow, and leaves what a new folder has for itself', async () => {
    const base = { 'src/a.js': '', 'package.json': '{}' };
    const head = {
      ...base,
      'jest.config.js': 'shadow',
      'src/.eslintrc.json': 'shadow',
      'packages/new/tsconfig.json': 'own',
      'packages/new/package.json': '{"scripts":{"test":"own"}}',
      'packages/new/.cargo/config.toml': 'shadow',
      'node_modules/.bin/node': 'shadow',
    };

    expect(await overlay(base, head)).toEqual({
      touched: ['jest.config.js', 'src/.eslintrc.json', 'packages/new/.cargo/config.toml', 'node_modules/.bin/node'],
    });
    expect((await readdir(join(checkout, 'packages/new'))).sort()).toEqual(['.cargo', 'package.json', 'tsconfig.json']);
  });

  it('refuses lock files that take a package of the base commit from elsewhere, under whichever name', async () => {
    const lock = (resolved: string): string =>
      JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0', resolved } } });
    const base = { 'package-lock.json': lock('https://registry.npmjs.org/a/-/a-1.0.0.tgz') };
    const problem = { problem: expect.stringMatching(/takes a from file:a\.tgz, which the base commit does not/) };

    expect(await overlay(base, { 'package-lock.json': lock('file:a.tgz') })).toEqual(problem);
    expect(await overlay(base, { ...base, 'npm-shrinkwrap.json': lock('file:a.tgz') })).toEqual(problem);
    await rm(join(checkout, 'npm-shrinkwrap.json'));
    expect(await overlay(base, { 'package-lock.json': lock('https://registry.npmjs.org/a/-/a-2.0.0.tgz') })).toEqual({
      touched: [],
    });
    expect(await overlay({}, { 'go.mod': 'module x' })).toEqual({ touched: [] });
  });

  it('lets a lock file be deleted, and refuses one that is a link', async () => {
    const base = { 'package-lock.json': '{}' };
    expect(await overlay(base, {})).toEqual({ touched: [] });
    await symlink('/etc/hostname', join(checkout, 'package-lock.json'));

    expect(await overlay(base, {}, { changedFiles: [{ path: 'package-lock.json', change: 'changed' }] })).toEqual({
      problem: expect.stringMatching(/^package-lock\.json cannot be used: .*symbolic link/),
    });
  });

  it('takes every added file for one that shadows where the base commit is not listed', async () => {
    await write({ 'new/jest.config.js': 'x' });
    const changedFiles = [{ path: 'new/jest.config.js', change: 'added' }] as const;

    expect(await overlayGateFiles({ checkout, readBaseFile: async () => null, changedFiles })).toEqual({
      touched: ['new/jest.config.js'],
    });
  });

  it('puts back the part of a package.json and a pyproject.toml that defines gates', async () => {
    const base = {
      'a/package.json': '{"scripts":{"test":"jest"}}',
      'pyproject.toml': '[tool.ruff]\nx = 1\n',
      'b/package.json': '{}',
    };
    const head = {
      'a/package.json': '{"scripts":{"test":"true"},"dependencies":{"x":"1"}}',
      'pyproject.toml': '[project]\nname = "x"\n',
      'b/package.json': '{"dependencies":{"x":"1"}}',
    };

    expect(await overlay(base, head)).toEqual({ touched: ['a/package.json', 'pyproject.toml'] });
    expect(JSON.parse(await text('a/package.json'))).toEqual({ scripts: { test: 'jest' }, dependencies: { x: '1' } });
    expect(await text('pyproject.toml')).toBe('[tool.ruff]\nx = 1\n\n[project]\nname = "x"\n');
  });

  it('lets the settings of tools that a new pyproject.toml brings be its packages alone', async () => {
    expect(
      await overlay({ 'a.py': '' }, { 'pyproject.toml': '[tool.pytest]\nx = 1\n[project]\nname = "x"\n' }),
    ).toEqual({
      touched: ['pyproject.toml'],
    });
    expect(await text('pyproject.toml')).toBe('[project]\nname = "x"\n');
  });

  it('puts a deleted package.json back at the top, and lets a package below it be deleted', async () => {
    const base = { 'package.json': '{"scripts":{}}', 'a/package.json': '{}' };

    expect(await overlay(base, {})).toEqual({ touched: ['package.json'] });
    expect(await readdir(checkout)).toEqual(['package.json']);
  });

  it('follows no link, to a file or to a folder', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await symlink(outside, join(checkout, '.cargo'));
    await symlink(join(outside, 'x'), join(checkout, 'tox.ini'));
    await symlink(outside, join(checkout, '.mvn'));
    const changedFiles = [
      { path: '.cargo', change: 'added' },
      { path: 'tox.ini', change: 'changed' },
      { path: '.mvn/jvm.config', change: 'deleted' },
      { path: '.mvn/extra', change: 'added' },
    ] as const;
    const base: Files = { 'tox.ini': 'base', '.mvn/jvm.config': 'base' };

    expect(await overlay(base, {}, { changedFiles })).toEqual({ touched: ['.cargo', 'tox.ini', '.mvn/jvm.config'] });
    expect(await readdir(outside)).toEqual([]);
    expect([await text('tox.ini'), await text('.mvn/jvm.config')]).toEqual(['base', 'base']);
    await rm(outside, { recursive: true });
  });

  it('removes nothing behind a link', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'));
    await writeFile(join(outside, 'jest.config.js'), 'theirs');
    await symlink(outside, join(checkout, 'linked'));

    const changedFiles = [{ path: 'linked/jest.config.js', change: 'added' }] as const;
    expect(await overlay({}, {}, { changedFiles, readBaseFile: async () => null })).toEqual({ touched: [] });
    expect(await readdir(outside)).toEqual(['jest.config.js']);
    await rm(outside, { recursive: true });
  });

  it.each([
    ['is a link on the base commit', null],
    ['is no text there', 'PK\uFFFD'],
  ])('fails a change of a gate file that %s', async (_name, content) => {
    const changedFiles = [{ path: 'gradle/wrapper/gradle-wrapper.jar', change: 'changed' }] as const;

    expect(await overlay({}, {}, { changedFiles, readBaseFile: async () => content })).toEqual({
      problem:
        'gradle/wrapper/gradle-wrapper.jar, which defines gates, is no text on the base commit: only a person can change it',
    });
  });

  it('says what cannot be used or put back', async () => {
    await symlink('/etc/hostname', join(checkout, 'package.json'));
    const changedFiles = [{ path: 'package.json', change: 'changed' }] as const;
    const long = `${'x'.repeat(300)}/tox.ini`;

    expect(await overlay({ 'package.json': '{}' }, {}, { changedFiles })).toEqual({
      problem: 'package.json, which defines gates, cannot be used: The report package.json is a symbolic link',
    });
    expect(await overlay({ [long]: 'x' }, {})).toEqual({
      problem: expect.stringMatching(/tox\.ini, which defines gates, cannot be put back: .*ENAMETOOLONG/),
    });
  });

  it('looks at what lies at the top where nobody tells what the commit changes', async () => {
    const base: Files = {
      'package.json': '{"scripts":{"test":"jest"}}',
      Makefile: 'base',
      'a/tox.ini': 'base',
      mvnw: 'same',
    };
    await write({
      'package.json': '{"scripts":{}}',
      GNUmakefile: 'shadow',
      '.npmrc': 'x',
      'a/tox.ini': 'head',
      mvnw: 'same',
    });

    expect(await overlayGateFiles({ checkout, readBaseFile: async (path) => base[path] ?? null })).toEqual({
      touched: expect.arrayContaining(['package.json', 'GNUmakefile', 'Makefile', '.npmrc']),
    });
    expect((await readdir(checkout)).sort()).toEqual(['Makefile', 'a', 'mvnw', 'package.json']);
    expect(await text('a/tox.ini')).toBe('head');
  });
});
