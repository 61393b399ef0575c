import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { SystemRandomness } from '../kernel/index.js';
import { placeOf } from './place-of.js';

const RANDOMNESS = new SystemRandomness();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'place-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the name of a folder of workspaces', () => {
  it('stays, and is another than that of any other folder', async () => {
    const here = join(folder, 'here');
    const name = await placeOf(here, RANDOMNESS);

    expect(await placeOf(here, RANDOMNESS)).toBe(name);
    expect(await placeOf(join(folder, 'there'), RANDOMNESS)).not.toBe(name);
  });

  it('is one for all who ask first at the same time', async () => {
    const names = await Promise.all(Array.from({ length: 20 }, () => placeOf(folder, RANDOMNESS)));

    expect(new Set(names).size).toBe(1);
    expect(await readdir(folder)).toEqual(['place']);
  });

  it('is refused where something else was written over it', async () => {
    await writeFile(join(folder, 'place'), 'no name at all\n');

    await expect(placeOf(folder, RANDOMNESS)).rejects.toMatchObject({ code: 'WORKSPACES_PLACE_UNREADABLE' });
  });

  it('is not made where it cannot be read or written', async () => {
    await writeFile(join(folder, 'file'), '');

    await expect(placeOf(join(folder, 'file'), RANDOMNESS)).rejects.toThrow('ENOTDIR');
    await expect(placeOf(folder, { uuid: () => 'no/such/folder', fraction: () => 0 })).rejects.toThrow('ENOENT');
  });
});
