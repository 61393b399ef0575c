import { constants } from 'node:fs';
import { open, realpath, unlink } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { isPattern, matchingFiles, type MatchingFiles } from './report-pattern.js';

/** A file's text, or in one sentence why there is none. */
export type PlainFile = { readonly text: string } | { readonly problem: string; readonly isMissing?: true };

/** The texts of a report, one for each of its files, or in one sentence why there are none. */
export type Report = { readonly texts: readonly string[] } | { readonly problem: string };

/**
 * Reads a report that a gate wrote, or all files that a pattern such as `target/surefire-reports/*.xml` stands for. One
 * that cannot be read spoils them all: what it would have told is not known.
 *
 * @param path relative to the checkout
 * @param maxBytes of all files together
 */
export async function readReport(checkout: string, path: string, maxBytes: number): Promise<Report> {
  const texts: string[] = [];
  const paths = await pathsOf(checkout, path);
  if ('problem' in paths) return paths;
  if (paths.paths.length === 0) return { problem: `No report was written that ${path} stands for` };
  let left = maxBytes;
  for (const one of paths.paths) {
    const file = await readPlainFile(checkout, one, left);
    if ('problem' in file) return { problem: file.problem };
    left -= Buffer.byteLength(file.text);
    texts.push(file.text);
  }
  return { texts };
}

/**
 * Deletes reports that lie in the checkout before its gates ran: they came with the commit, and say what its author
 * wished. What cannot be deleted is left to {@link readReport}, which refuses it.
 */
export async function removeStaleReport(checkout: string, path: string): Promise<void> {
  const paths = await pathsOf(checkout, path);
  for (const one of 'paths' in paths ? paths.paths : []) {
    const place = await placeOf(checkout, one);
    if ('file' in place) await unlink(place.file).catch(() => undefined);
  }
}

async function pathsOf(checkout: string, path: string): Promise<MatchingFiles> {
  if (!isPattern(path)) return { paths: [path] };
  try {
    return await matchingFiles(checkout, path);
  } catch (error) {
    return { problem: sentenceOf(error, path) };
  }
}

/**
 * Reads a file of a tree that is not trusted: it must be a regular one with one name, and neither it nor a folder on its
 * way may be a symbolic link, so that it cannot show what lies outside the checkout.
 *
 * @param path relative to the checkout
 */
export async function readPlainFile(checkout: string, path: string, maxBytes: number): Promise<PlainFile> {
  const place = await placeOf(checkout, path);
  if ('problem' in place) return place;
  // NONBLOCK, because opening a named pipe would wait for somebody to write.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let file;
  try {
    file = await open(place.file, flags);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { problem: sentenceOf(error, path), ...(isMissing ? { isMissing } : {}) };
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
