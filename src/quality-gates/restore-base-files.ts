import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../kernel/index.js';
import type { ReadBaseFile } from './detected-gate.js';
import { readPlainFile } from './report-file.js';

/**
 * Files at the top of a repository that are commands of gates themselves. In each group one can stand in for another:
 * GNU make prefers a GNUmakefile, so that one that the base commit does not have must go.
 */
const COMMAND_FILES: readonly (readonly string[])[] = [['GNUmakefile', 'makefile', 'Makefile'], ['mvnw'], ['gradlew']];
const MAX_BYTES = 4 * 1024 * 1024;

/** Which files of a checkout were not those of its base commit, or in one sentence why they cannot be had. */
export type RestoredFiles = { readonly changed: readonly string[] } | { readonly problem: string };

/**
 * Puts the makefile and the wrapper scripts of the base commit into the checkout: `make test` is a command of the base
 * commit only if what it stands for is. What the base commit has nothing of is left alone.
 */
export async function restoreBaseFiles(checkout: string, read: ReadBaseFile): Promise<RestoredFiles> {
  const changed: string[] = [];
  for (const group of COMMAND_FILES) {
    const base = new Map<string, string>();
    for (const path of group) {
      const text = await read(path);
      if (text !== null) base.set(path, text);
    }
    if (base.size === 0) continue;
    for (const path of group) {
      const text = base.get(path) ?? null;
      const current = await readPlainFile(checkout, path, MAX_BYTES);
      const isSame = 'text' in current ? current.text === text : text === null && current.isMissing === true;
      if (isSame) continue;
      try {
        await put(join(checkout, path), text);
      } catch (error) {
        return { problem: `${path}, which is a command of gates, cannot be put back: ${messageOf(error)}` };
      }
      changed.push(path);
    }
  }
  return { changed };
}

async function put(file: string, text: string | null): Promise<void> {
  await unlink(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (text !== null) await writeFile(file, text, { flag: 'wx', mode: 0o755 });
}
