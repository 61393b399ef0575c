import { constants } from 'node:fs';
import { open, realpath, unlink } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** A report's text, or in one sentence why there is none. */
export type Report = { readonly text: string } | { readonly problem: string };

/**
 * Reads a report that a gate wrote. The tree is not trusted: the file must be a regular one with one name, and neither
 * it nor a folder on its way may be a symbolic link, so that a report cannot show what lies outside the checkout.
 *
 * @param path relative to the checkout
 */
export async function readReport(checkout: string, path: string, maxBytes: number): Promise<Report> {
  const place = await placeOf(checkout, path);
  if ('problem' in place) return place;
  // NONBLOCK, because opening a named pipe would wait for somebody to write.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file;
  try {
    file = await open(place.file, flags);
  } catch (error) {
    return { problem: sentenceOf(error, path) };
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.nlink > 1) return { problem: `The report ${path} is not a plain file` };
    if (stats.size > maxBytes) return { problem: `The report ${path} has ${stats.size} bytes, more than ${maxBytes}` };
    return { text: await file.readFile('utf8') };
  } finally {
    await file.close();
  }
}

/**
 * Deletes a report that lies in the checkout before its gates ran: it came with the commit, and says what its author
 * wished. What cannot be deleted is left to {@link readReport}, which refuses it.
 */
export async function removeStaleReport(checkout: string, path: string): Promise<void> {
  const place = await placeOf(checkout, path);
  if ('problem' in place) return;
  await unlink(place.file).catch(() => undefined);
}

async function placeOf(
  checkout: string,
  path: string,
): Promise<{ readonly file: string } | { readonly problem: string }> {
  try {
    const root = await realpath(checkout);
    const folder = dirname(join(root, path));
    if (folder !== root && !folder.startsWith(root + sep))
      return { problem: `The report ${path} is outside the checkout` };
    if ((await realpath(folder)) !== folder) return { problem: `The report ${path} is behind a symbolic link` };
    return { file: join(folder, basename(path)) };
  } catch (error) {
    return { problem: sentenceOf(error, path) };
  }
}

function sentenceOf(error: unknown, path: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `The report ${path} was not written`;
  if (code === 'ELOOP') return `The report ${path} is a symbolic link`;
  return `The report ${path} cannot be read: ${code ?? String(error)}`;
}
