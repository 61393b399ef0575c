import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ReadBaseFile } from './detected-gate.js';
import { parsedObject } from './parsed-object.js';
import { readPlainFile } from './report-file.js';

const MANIFEST = 'package.json';
const MAX_BYTES = 4 * 1024 * 1024;

/** Whether the scripts of a checkout are those of its base commit, or in one sentence why that cannot be had. */
export type RestoredScripts = { readonly changed: boolean } | { readonly problem: string };

/**
 * Puts the scripts of the base commit's package.json into the checkout's. `npm run test` is a command of the base commit
 * only if what it stands for is: else an agent could write its own test script, or one that runs before it.
 *
 * The file is left as it is, to the byte, where the scripts are the same.
 */
export async function restoreBaseScripts(checkout: string, read: ReadBaseFile): Promise<RestoredScripts> {
  const baseText = await read(MANIFEST);
  if (baseText === null) return { changed: false };
  const current = await readPlainFile(checkout, MANIFEST, MAX_BYTES);
  if ('problem' in current)
    return { problem: `${MANIFEST}, which the base commit has, cannot be used: ${current.problem}` };
  const base = parsedObject(baseText);
  const manifest = parsedObject(current.text);
  if (isDeepStrictEqual(manifest['scripts'], base['scripts'])) return { changed: false };
  const restored = { ...manifest, scripts: base['scripts'] };
  const file = join(checkout, MANIFEST);
  await unlink(file);
  await writeFile(file, `${JSON.stringify(restored, null, 2)}\n`, { flag: 'wx' });
  return { changed: true };
}
