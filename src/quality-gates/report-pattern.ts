import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that a pattern stands for, relative to the checkout, or in one sentence why they are not known. */
export type MatchingFiles = { readonly paths: readonly string[] } | { readonly problem: string };

/** The most entries of folders that are looked at, and the most files that one pattern may stand for. */
export const MAX_ENTRIES = 100_000;
export const MAX_REPORTS = 5_000;
/** Folders with whole libraries in them, in which a pattern with `**` does not look. */
const PASSED_OVER = ['.git', 'node_modules'];

/** Whether a path stands for several files. */
export function isPattern(path: string): boolean {
  return path.includes('*');
}

/** What is wrong with a pattern, or null. Two `**` could make one look at every folder many times. */
export function patternMistake(path: string): string | null {
  const segments = path.split('/');
  if (segments.filter((segment) => segment === '**').length > 1) return 'may hold ** once';
  if (segments.at(-1) === '**') return 'must end with the name of a file, such as **/TEST-*.xml';
  const isOdd = segments.some(
    (segment) => segment !== '**' && (segment.includes('**') || segment.split('*').length > 4),
  );
  return isOdd ? 'may hold ** as a whole folder only, and * three times in a name' : null;
}

/**
 * The files of a checkout that a pattern stands for, sorted: `*` is any part of a name, `**` any row of folders. No link
 * is followed to a folder; a link in place of a file is in the answer, and left to its reader to refuse.
 */
export async function matchingFiles(checkout: string, pattern: string): Promise<MatchingFiles> {
  const paths: string[] = [];
  let looked = 0;
  const walk = async (folder: string, segments: readonly string[]): Promise<void> => {
    const [first = '', ...rest] = segments;
    if (first === '**') await walk(folder, rest);
    const matches = nameMatcher(first);
    for (const entry of await readdir(join(checkout, folder), { withFileTypes: true })) {
      looked += 1;
      if (looked > MAX_ENTRIES || paths.length > MAX_REPORTS) return;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (first === '**') {
        if (entry.isDirectory() && !PASSED_OVER.includes(entry.name)) await walk(path, segments);
      } else if (matches.test(entry.name)) {
        if (rest.length === 0) paths.push(path);
        else if (entry.isDirectory() && entry.name !== '.git') await walk(path, rest);
      }
    }
  };
  await walk('', pattern.split('/'));
  if (looked > MAX_ENTRIES || paths.length > MAX_REPORTS) {
    return { problem: `Too many files to look at for ${pattern}: at most ${MAX_REPORTS} of ${MAX_ENTRIES}` };
  }
  return { paths: paths.sort() };
}

function nameMatcher(segment: string): RegExp {
  const parts = segment.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
