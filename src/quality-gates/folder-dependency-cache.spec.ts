import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { FolderDependencyCache } from './folder-dependency-cache.js';

const PATHS = ['.npm/_cacache', 'go/mod'];

describe('FolderDependencyCache', () => {
  let place: string;
  let folder: string;
  let clock: FakeClock;

  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), 'dependencies-'));
    folder = join(place, 'kept');
    clock = new FakeClock(1_000_000);
  });

  afterEach(() => rm(place, { recursive: true }));

  const start = (limits: { readonly maxBytes?: number; readonly maxEntries?: number } = {}): FolderDependencyCache =>
    new FolderDependencyCache({ folder, clock, ...limits });

  async function home(files: Readonly<Record<string, string>> = {}): Promise<string> {
    const made = await mkdtemp(join(place, 'home-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(made, path)), { recursive: true });
      await writeFile(join(made, path), text);
    }
    return made;
  }
  const text = (from: string, path: string): Promise<string> => readFile(join(from, path), 'utf8');

  it('gives every home copies of what was kept, also after a restart', async () => {
    const cache = start();
    const filled = await home({ '.npm/_cacache/a/b': 'good', '.npm/_logs/x': 'no', 'go/mod/c': 'c' });
    await cache.keep('key', filled, PATHS);
    await writeFile(join(filled, '.npm/_cacache/a/b'), 'poison');
    const [first, second] = [await home(), await home()];

    expect(await cache.restore('key', first, PATHS)).toBe(true);
    expect([await text(first, '.npm/_cacache/a/b'), await text(first, 'go/mod/c')]).toEqual(['good', 'c']);
    expect(existsSync(join(first, '.npm/_logs'))).toBe(false);
    await writeFile(join(first, '.npm/_cacache/a/b'), 'poison');
    expect(await start().restore('key', second, PATHS)).toBe(true);
    expect(await text(second, '.npm/_cacache/a/b')).toBe('good');
    expect(await cache.restore('other', second, PATHS)).toBe(false);
  });

  it('keeps the first of what has one key, and nothing of nothing', async () => {
    const cache = start();
    await cache.keep('key', await home({ 'go/mod/c': 'first' }), PATHS);
    await cache.keep('key', await home({ 'go/mod/c': 'second' }), PATHS);
    await cache.keep('empty', await home({ 'go/mod/empty': '' }), PATHS);
    const restored = await home();

    await cache.restore('key', restored, PATHS);

    expect(await text(restored, 'go/mod/c')).toBe('first');
    expect(await readdir(folder)).toEqual(['key']);
  });

  it('drops what was not used for longest, by number and by size, and what is unfinished', async () => {
    const cache = start({ maxBytes: 25, maxEntries: 3 });
    const keep = async (key: string, bytes: number): Promise<void> => {
      clock.advance(60_000);
      await cache.keep(key, await home({ 'go/mod/c': 'x'.repeat(bytes) }), PATHS);
    };
    await keep('a', 5);
    await keep('b', 5);
    await keep('c', 5);
    clock.advance(60_000);
    await cache.restore('a', await home(), PATHS);
    await mkdir(join(folder, '.new-left'));
    await mkdir(join(folder, 'nonsense'));

    await keep('d', 5);
    expect((await readdir(folder)).sort()).toEqual(['a', 'c', 'd']);
    await keep('e', 20);
    expect((await readdir(folder)).sort()).toEqual(['d', 'e']);
    await keep('f', 26);
    expect((await readdir(folder)).sort()).toEqual(['d', 'e']);
    await cache.drop('d');
    await cache.drop('d');
    expect(await readdir(folder)).toEqual(['e']);
  });

  it('tells what it keeps, how large it is and when it was used, but nothing of what is not finished', async () => {
    const cache = start();
    const none = await cache.entries();
    await cache.keep('key', await home({ 'go/mod/c': 'three' }), PATHS);
    await mkdir(join(folder, '.new-left'));
    await mkdir(join(folder, 'without-size'));
    clock.advance(5_000);
    await cache.restore('key', await home(), PATHS);

    expect([none, await cache.entries()]).toEqual([[], [{ key: 'key', bytes: 5, usedAt: 1_005_000 }]]);
  });

  it('neither reads nor writes behind links that programs put into a home', async () => {
    const cache = start();
    const outside = await home({ '_cacache/secret': 'secret' });
    const linked = await home();
    await symlink(outside, join(linked, '.npm'));
    const linkedItself = await home();
    await mkdir(join(linkedItself, '.npm'));
    await symlink(join(outside, '_cacache'), join(linkedItself, '.npm/_cacache'));

    await expect(cache.keep('key', linked, PATHS)).rejects.toThrow('.npm/_cacache is behind a link or a file');
    await cache.keep('key', linkedItself, PATHS);
    expect(existsSync(folder)).toBe(false);
    await cache.keep('key', await home({ '.npm/_cacache/secret': 'kept' }), PATHS);
    await expect(cache.restore('key', linked, PATHS)).rejects.toThrow('behind a link');
    await cache.restore('key', linkedItself, PATHS);

    expect(await text(outside, '_cacache/secret')).toBe('secret');
    expect(await text(linkedItself, '.npm/_cacache/secret')).toBe('kept');
  });

  it('puts what was kept in the place of what is there', async () => {
    const cache = start();
    await cache.keep('key', await home({ 'go/mod/c': 'kept' }), PATHS);
    const used = await home({ 'go/mod/c': 'old', 'go/mod/d': 'old' });

    await cache.restore('key', used, PATHS);

    expect(await readdir(join(used, 'go/mod'))).toEqual(['c']);
    expect(await text(used, 'go/mod/c')).toBe('kept');
  });

  it('keeps links as links, and nothing that is no file', async () => {
    const cache = start();
    const filled = await home({ 'go/mod/c': 'c' });
    await symlink('/nowhere', join(filled, 'go/mod/link'));
    await cache.keep('key', filled, PATHS);
    const server = createServer();
    const bound = await home({ 'go/mod/c': 'c' });
    await new Promise<void>((resolve) => server.listen(join(bound, 'go/mod/s'), resolve));

    await expect(cache.keep('bound', bound, PATHS)).rejects.toThrow('s is no file');
    await new Promise((resolve) => server.close(resolve));

    expect(await readdir(folder)).toEqual(['key']);
    expect((await readdir(join(folder, 'key', '1'))).sort()).toEqual(['c', 'link']);
  });

  it('says what it fails at', async () => {
    await writeFile(folder, 'no folder');

    await expect(start().keep('key', await home({ 'go/mod/c': 'c' }), PATHS)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(start().drop('key')).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
