import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Randomness } from '../kernel/index.js';
import { PlaceUnreadableError } from './workspaces.errors.js';

const FILE = 'place';

/**
 * The name of a folder, which lies in a file there: the same for all coordinators that see the folder, wherever they
 * see it. Written at the first call.
 *
 * @throws {PlaceUnreadableError} if what is there is no name
 */
export async function placeOf(root: string, randomness: Randomness): Promise<string> {
  const file = join(root, FILE);
  const known = await nameIn(file);
  if (known !== null) return known;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomness.uuid()}`;
  await writeFile(draft, `${randomness.uuid()}\n`);
  // Whole or not at all, and only the first of several: link(2) refuses where there is one.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return placeOf(root, randomness);
}

async function nameIn(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const name = text.trim();
  if (/^[\w-]{8,64}$/.test(name)) return name;
  throw new PlaceUnreadableError(`${file} does not hold the name of the folder. Delete it: a new one is made`);
}
