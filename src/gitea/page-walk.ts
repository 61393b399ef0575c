import { GiteaTooLargeError } from './gitea.errors.js';

/** Reads one page, counted from 1, of so many entries at most. */
export type ReadPage<T> = (
  page: number,
  size: number,
) => Promise<{ readonly entries: readonly T[]; readonly total: number | null }>;

/** What one step brought: a page, or a single entry that is too large to be read. */
export interface Step<T> {
  readonly entries: readonly T[];
  /** How many Gitea says there are; null where it does not. */
  readonly total: number | null;
  readonly tooLarge: GiteaTooLargeError | null;
}

/** How many entries are asked for at once. Gitea cuts it without a word to what it allows. */
const PAGE_SIZE = 50;
/** The most entries of the pages that are read where a large one is too large. */
const SMALLER = 10;

/**
 * Goes through a list of Gitea, page by page. Lists hold whole texts: a page that is too large is read in smaller ones,
 * down to single entries. One that is too large by itself is named and passed over, and what is after it is read in
 * large pages again.
 */
export class PageWalk<T> {
  private page = 1;
  /** How many entries were gone past; counted once a page was too large. */
  private offset = 0;
  /** The sizes of pages, each a multiple of the next; null as long as no page was too large. */
  private sizes: readonly number[] | null = null;
  /** Which of the sizes is next. */
  private level = 0;

  /**
   * @param largestPage how many entries Gitea gives at most: a page of any other size would begin elsewhere
   * @param smallest how many entries can be asked for at least; so many are passed over where one of them is too large
   */
  constructor(
    private readonly readPage: ReadPage<T>,
    private readonly largestPage: () => Promise<number>,
    private readonly smallest = 1,
  ) {}

  /** The next page, or the next entry that is too large. */
  async next(): Promise<Step<T>> {
    const size = this.sizes === null ? PAGE_SIZE : (this.sizes[this.level] ?? 1);
    const page = this.sizes === null ? this.page : this.offset / size + 1;
    try {
      const read = await this.readPage(page, size);
      this.goOn(size);
      return { ...read, tooLarge: null };
    } catch (error) {
      if (!(error instanceof GiteaTooLargeError)) throw error;
      if (await this.shrink()) return this.next();
      this.goOn(this.sizes?.at(-1) ?? 1);
      return { entries: [], total: null, tooLarge: error };
    }
  }

  private goOn(by: number): void {
    this.page += 1;
    this.offset += by;
    const { offset, sizes } = this;
    // The smallest size always fits.
    this.level = sizes?.findIndex((size) => offset % size === 0) ?? 0;
  }

  /** Whether there is a smaller size. */
  private async shrink(): Promise<boolean> {
    if (this.sizes === null) {
      const largest = Math.min(PAGE_SIZE, await this.largestPage());
      this.sizes = sizesFrom(largest, this.smallest);
      this.offset = (this.page - 1) * largest;
    }
    this.level += 1;
    return this.level < this.sizes.length;
  }
}

function sizesFrom(largest: number, smallest: number): readonly number[] {
  const fitting = Array.from({ length: SMALLER }, (_, at) => SMALLER - at).filter((size) => size >= smallest);
  const smaller = fitting.find((size) => largest % size === 0) ?? largest;
  const last = fitting.findLast((size) => smaller % size === 0) ?? smaller;
  return [...new Set([largest, smaller, last])];
}

/**
 * Asks for the pages after the first at once, as many as show that a list has ended: mostly it has one page, and each would
 * wait for the one before. The first is asked for alone, so that a list that cannot be read costs no more for it.
 */
export function endTogether<T>(readPage: ReadPage<T>, count: number): ReadPage<T> {
  const ahead = new Map<string, ReturnType<ReadPage<T>>>();
  return (page, size) => {
    const key = `${page} ${size}`;
    const answer = ahead.get(key) ?? readPage(page, size);
    ahead.delete(key);
    for (let other = page + 1; page === 2 && other < 2 + count; other += 1) {
      const early = readPage(other, size);
      // Whoever waits for it is told; it may be nobody.
      early.catch(() => undefined);
      ahead.set(`${other} ${size}`, early);
    }
    return answer;
  };
}
