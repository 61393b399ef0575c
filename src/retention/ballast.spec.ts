import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { Ballast } from './ballast.js';
import { makeRoomToStart } from './make-room-to-start.js';

const BYTES = 2_500_000;

describe('Ballast', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = makeTemporaryFolder();
  });

  afterEach(() => folder.remove());

  it('takes its room really, also where the file system compresses', async () => {
    await new Ballast(folder.path, BYTES).take();

    const { size, blocks } = statSync(join(folder.path, 'reserve'));
    expect([size, blocks * 512 >= BYTES]).toEqual([BYTES, true]);
    const firstPiece = readFileSync(join(folder.path, 'reserve')).subarray(0, 1_000_000);
    expect(gzipSync(firstPiece).length).toBeGreaterThan(990_000);
    expect(readdirSync(folder.path)).toEqual(['reserve']);
  });

  it('stays as it is when it is taken again, and has another size when that was changed', async () => {
    const file = join(folder.path, 'reserve');
    await new Ballast(folder.path, BYTES).take();
    const { mtimeMs } = statSync(file);

    await new Ballast(folder.path, BYTES).take();
    const same = statSync(file).mtimeMs;
    await new Ballast(folder.path, 1_000).take();

    expect(same).toBe(mtimeMs);
    expect(statSync(file).size).toBe(1_000);
  });

  it('is given up once', async () => {
    const ballast = new Ballast(folder.path, 1_000);
    await ballast.take();

    expect([await ballast.release(), await ballast.release()]).toEqual([true, false]);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('leaves nothing where it cannot be made', async () => {
    await expect(new Ballast(join(folder.path, 'missing'), 1_000).take()).rejects.toThrow('ENOENT');
  });

  it.each([
    ['is given up to start where the disk is full', () => Promise.resolve(4_194_303), true],
    ['is kept to start where there is room', () => Promise.resolve(4_194_304), false],
    ['is kept where the disk says nothing', () => Promise.reject(new Error('ENOENT')), false],
  ])('%s', async (_title, freeBytes, isGivenUp) => {
    writeFileSync(join(folder.path, 'reserve'), 'room');

    const made = await makeRoomToStart(folder.path, { freeBytes });

    expect([made, !existsSync(join(folder.path, 'reserve'))]).toEqual([isGivenUp, isGivenUp]);
  });
});
