import { GiteaAnswerError } from './gitea.errors.js';

/** Reads one page, counted from 1. */
export type ReadPage<T> = (page: number) => Promise<{ readonly entries: readonly T[]; readonly total: number | null }>;

const MAX_PAGES = 1000;
const MAX_WALKS = 4;

/**
 * Reads page after page until the count is reached, a page is empty, or a page brings nothing new: Gitea cuts limits
 * without a word, some lists have no count, and some ignore the page and repeat everything (go-gitea#18082).
 *
 * @throws {GiteaAnswerError} if it does not end
 */
export async function readAllPages<T>(readPage: ReadPage<T>, keyOf: (entry: T) => unknown): Promise<T[]> {
  return [...(await walk(readPage, keyOf)).found.values()];
}

/**
 * As `readAllPages`, for lists whose gaps would be taken for news. Entries move between pages while they are read, so
 * a walk counts when it found as many as Gitea says there are, or exactly what the walk before it found.
 *
 * @throws {GiteaAnswerError} if the list changes faster than it can be read
 */
export async function readWholeList<T>(readPage: ReadPage<T>, keyOf: (entry: T) => unknown): Promise<T[]> {
  let former: ReadonlyMap<unknown, T> | null = null;
  for (let walks = 0; walks < MAX_WALKS; walks += 1) {
    const { found, total } = await walk(readPage, keyOf);
    const known: ReadonlyMap<unknown, T> | null = former;
    const isAsBefore = known !== null && known.size === found.size && [...found.keys()].every((key) => known.has(key));
    if (found.size === total || isAsBefore) return [...found.values()];
    former = found;
  }
  throw new GiteaAnswerError('A list of Gitea changes faster than it can be read');
}

async function walk<T>(
  readPage: ReadPage<T>,
  keyOf: (entry: T) => unknown,
): Promise<{ found: Map<unknown, T>; total: number | null }> {
  const found = new Map<unknown, T>();
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const { entries, total } = await readPage(page);
    const before = found.size;
    for (const entry of entries) found.set(keyOf(entry), entry);
    if (found.size === before || found.size === total) return { found, total };
  }
  throw new GiteaAnswerError(`A list of Gitea has no end after ${MAX_PAGES} pages`);
}
