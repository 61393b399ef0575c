import { describe, expect, it } from '@jest/globals';
import { GiteaTooLargeError } from './gitea.errors.js';
import { PageWalk, endTogether } from './page-walk.js';

/** A list of so many entries in which these are too large, on a server that gives no more than `largest` at once. */
function listOf(length: number, tooLarge: readonly number[], largest = 50, smallest = 1) {
  const asked: string[] = [];
  const all = Array.from({ length }, (_, at) => at);
  const readPage = async (page: number, size: number) => {
    asked.push(`${page}:${size}`);
    const limit = Math.min(size, largest);
    const entries = all.slice((page - 1) * limit, page * limit);
    if (entries.some((entry) => tooLarge.includes(entry)))
      throw new GiteaTooLargeError('Too large', String(entries[0]));
    return { entries, total: length };
  };
  return { pages: new PageWalk(readPage, () => Promise.resolve(largest), smallest), asked };
}

async function walk(pages: PageWalk<number>) {
  const found: number[] = [];
  const left: string[] = [];
  for (;;) {
    const { entries, tooLarge } = await pages.next();
    if (entries.length === 0 && tooLarge === null) return { found, left };
    found.push(...entries);
    if (tooLarge !== null) left.push(tooLarge.head);
  }
}

const without = (length: number, left: readonly number[]) =>
  Array.from({ length }, (_, at) => at).filter((at) => !left.includes(at));

describe('PageWalk', () => {
  it('reads large pages as long as they can be read', async () => {
    const { pages, asked } = listOf(120, []);

    expect(await walk(pages)).toEqual({ found: without(120, []), left: [] });
    expect(asked).toEqual(['1:50', '2:50', '3:50', '4:50']);
  });

  it('reads around what is too large, names it, and reads large pages again after it', async () => {
    const { pages, asked } = listOf(120, [67]);

    expect(await walk(pages)).toEqual({ found: without(120, [67]), left: ['67'] });
    const single = Array.from({ length: 10 }, (_, at) => `${61 + at}:1`);
    expect(asked).toEqual(['1:50', '2:50', '6:10', '7:10', ...single, '8:10', '9:10', '10:10', '3:50', '4:50']);
  });

  it.each([
    [20, [0, 19, 39]],
    [7, [6, 7, 13]],
    [3, [0, 1, 2, 3]],
    [1, [1]],
    [30, [89]],
  ])('loses nothing where a server gives %i at most', async (largest, left) => {
    const { pages } = listOf(90, left, largest);

    expect(await walk(pages)).toEqual({ found: without(90, left), left: left.map(String) });
  });

  it.each([
    [50, [67], [66, 67]],
    [15, [7], [5, 6, 7, 8, 9]],
    [1, [7], [7]],
  ])('passes over as many as can be asked for at least, of %i', async (largest, tooLarge, left) => {
    const { pages } = listOf(90, tooLarge, largest, 2);

    expect((await walk(pages)).found).toEqual(without(90, left));
  });

  it('ends with any other failure', async () => {
    const pages = new PageWalk(
      () => Promise.reject(new Error('Gone')),
      () => Promise.resolve(50),
    );

    await expect(pages.next()).rejects.toThrow('Gone');
  });
});

describe('endTogether', () => {
  type Page = { readonly entries: readonly number[]; readonly total: null };

  /** Reads of which each is answered by the test. */
  function reads() {
    const asked: string[] = [];
    const answers: { readonly resolve: (page: Page) => void; readonly reject: (error: Error) => void }[] = [];
    const readPage = (page: number, size: number) => {
      asked.push(`${page}:${size}`);
      return new Promise<Page>((resolve, reject) => answers.push({ resolve, reject }));
    };
    return { asked, answers, readPage };
  }

  const page = (entry: number) => ({ entries: [entry], total: null });

  it('asks for the pages after the first before one of them is answered, and for each once', async () => {
    const { asked, answers, readPage } = reads();
    const together = endTogether(readPage, 2);

    const first = together(1, 50);
    const askedAtFirst = [...asked];
    const second = together(2, 50);
    const askedThen = [...asked];
    for (const [at, answer] of answers.entries()) answer.resolve(page(at));
    const read = [await first, await second, await together(3, 50)];
    void together(4, 50);

    expect(askedAtFirst).toEqual(['1:50']);
    expect(askedThen).toEqual(['1:50', '2:50', '3:50']);
    expect(read).toEqual([page(0), page(1), page(2)]);
    expect(asked).toEqual(['1:50', '2:50', '3:50', '4:50']);
  });

  it('asks anew where pages are of another size', async () => {
    const { asked, readPage } = reads();
    const together = endTogether(readPage, 2);

    void together(2, 50);
    void together(3, 10);

    expect(asked).toEqual(['2:50', '3:50', '3:10']);
  });

  it('says that a page failed to whoever asks for it, and to nobody else', async () => {
    const { answers, readPage } = reads();
    const together = endTogether(readPage, 2);
    const second = together(2, 50);
    answers[1]?.reject(new Error('Away'));
    answers[0]?.resolve(page(1));
    await second;

    await expect(together(3, 50)).rejects.toThrow('Away');
  });
});
