import { GiteaAnswerError, GiteaTooLargeError } from './gitea.errors.js';
import { PageWalk, type ReadPage } from './page-walk.js';

/** A list of Gitea, and what is known of its entries. */
export interface PagedList<T> {
  readonly readPage: ReadPage<T>;
  /** How many entries Gitea gives at most. Asked where a page is too large. */
  readonly largestPage: () => Promise<number>;
  /** The same for the same entry, and for no other. */
  readonly keyOf: (entry: T) => unknown;
  /**
   * What stands in for an entry that is too large to be read.
   *
   * @default nothing
   */
  readonly inPlaceOf?: (error: GiteaTooLargeError) => T | null;
  /**
   * How many entries can be asked for at least.
   *
   * @default 1
   */
  readonly smallestPage?: number;
  /**
   * How many entries are read, rounded up to whole pages; the rest is left.
   *
   * @default all of them, and an error where they have no end
   */
  readonly most?: number;
}

const MAX_PAGES = 1000;
const MAX_WALKS = 4;
/** So many entries of one list that are too large are more than it is read for. */
const MOST_TOO_LARGE = 20;

/**
 * Reads page after page until the count is reached, a page is empty, or a page brings nothing new: Gitea cuts limits
 * without a word, some lists have no count, and some ignore the page and repeat everything (go-gitea#18082).
 *
 * @throws {GiteaAnswerError} if it does not end
 * @throws {GiteaTooLargeError} if too much of it is too large
 */
export async function readAllPages<T>(list: PagedList<T>): Promise<T[]> {
  return [...(await walk(list)).found.values()];
}

/**
 * As `readAllPages`, for lists whose gaps would be taken for news. Entries move between pages while they are read, so
 * a walk counts when it found as many as Gitea says there are, or exactly what the walk before it found.
 *
 * @throws {GiteaAnswerError} if the list changes faster than it can be read
 */
export async function readWholeList<T>(list: PagedList<T>): Promise<T[]> {
  let former: ReadonlyMap<unknown, T> | null = null;
  for (let walks = 0; walks < MAX_WALKS; walks += 1) {
    const { found, isWhole } = await walk(list);
    const known: ReadonlyMap<unknown, T> | null = former;
    const isAsBefore = known !== null && known.size === found.size && [...found.keys()].every((key) => known.has(key));
    if (isWhole || isAsBefore) return [...found.values()];
    former = found;
  }
  throw new GiteaAnswerError('A list of Gitea changes faster than it can be read');
}

async function walk<T>(list: PagedList<T>): Promise<{ found: Map<unknown, T>; isWhole: boolean }> {
  const { keyOf, inPlaceOf, most = Infinity } = list;
  const pages = new PageWalk(list.readPage, list.largestPage, list.smallestPage);
  const found = new Map<unknown, T>();
  let tooLarge = 0;
  let leftOut = 0;
  for (let steps = 1; steps <= MAX_PAGES; steps += 1) {
    const step = await pages.next();
    const before = found.size;
    for (const entry of step.entries) found.set(keyOf(entry), entry);
    if (step.tooLarge !== null) {
      tooLarge += 1;
      const instead = inPlaceOf?.(step.tooLarge) ?? null;
      if (instead === null) leftOut += 1;
      else found.set(keyOf(instead), instead);
      if (tooLarge > MOST_TOO_LARGE) throw step.tooLarge;
      continue;
    }
    const isWhole = found.size + leftOut === step.total;
    if (isWhole || found.size === before || found.size >= most) return { found, isWhole };
  }
  throw new GiteaAnswerError(`A list of Gitea has no end after ${MAX_PAGES} pages`);
}
