import { realpath } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The folder in which a gate runs, or in one sentence why there is none. The tree is not trusted: a link on the way
 * could make a gate judge what is not the commit's.
 *
 * @param checkout its real path
 */
export async function gateDirectory(
  checkout: string,
  directory: string | null,
): Promise<{ readonly folder: string } | { readonly problem: string }> {
  if (directory === null) return { folder: checkout };
  const folder = join(checkout, directory);
  try {
    if ((await realpath(folder)) === folder) return { folder };
  } catch {
    return { problem: `Its directory ${directory} is not in the commit` };
  }
  return { problem: `Its directory ${directory} is behind a symbolic link` };
}
