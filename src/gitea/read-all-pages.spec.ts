import { describe, expect, it } from '@jest/globals';
import { GiteaAnswerError, GiteaTooLargeError } from './gitea.errors.js';
import type { ReadPage } from './page-walk.js';
import { readAllPages, readWholeList, type PagedList } from './read-all-pages.js';

function numbers(readPage: ReadPage<number>, more: Partial<PagedList<number>> = {}): PagedList<number> {
  return { readPage, keyOf: (entry) => entry, largestPage: () => Promise.resolve(2), ...more };
}

function listOf(all: readonly number[], size: number, total: number | null = null) {
  const asked: number[] = [];
  const readPage: ReadPage<number> = (page) => {
    asked.push(page);
    return Promise.resolve({ entries: all.slice((page - 1) * size, page * size), total });
  };
  return { readPage, asked };
}

describe('readAllPages', () => {
  it('stops when the count is reached', async () => {
    const { readPage, asked } = listOf([1, 2, 3, 4, 5], 2, 5);

    expect(await readAllPages(numbers(readPage))).toEqual([1, 2, 3, 4, 5]);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('stops at an empty page where there is no count', async () => {
    const { readPage, asked } = listOf([1, 2, 3, 4], 2);

    expect(await readAllPages(numbers(readPage))).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('stops when a list without pages repeats itself', async () => {
    const readPage: ReadPage<number> = () => Promise.resolve({ entries: [1, 2, 3], total: null });

    expect(await readAllPages(numbers(readPage))).toEqual([1, 2, 3]);
  });

  it('fails on a list without an end', async () => {
    const readPage: ReadPage<number> = (page) => Promise.resolve({ entries: [page], total: null });

    await expect(readAllPages(numbers(readPage))).rejects.toThrow(GiteaAnswerError);
  });
});

describe('readAllPages, where an entry is too large', () => {
  const tooLarge = (...left: readonly number[]): ReadPage<number> => {
    const { readPage } = listOf([1, 2, 3, 4, 5], 2, 5);
    return async (page, size) => {
      const { entries, total } = await readPage(page, size);
      const of = size === 1 ? [page] : entries;
      if (of.some((entry) => left.includes(entry))) throw new GiteaTooLargeError('Too large', String(of[0]));
      return { entries: of.filter((entry) => entry <= 5), total };
    };
  };

  it('leaves it out, and counts it', async () => {
    expect(await readAllPages(numbers(tooLarge(4)))).toEqual([1, 2, 3, 5]);
    expect(await readWholeList(numbers(tooLarge(2, 5)))).toEqual([1, 3, 4]);
  });

  it('takes what stands in for it', async () => {
    const inPlaceOf = ({ head }: GiteaTooLargeError) => -Number(head);

    expect(await readWholeList(numbers(tooLarge(4), { inPlaceOf }))).toEqual([1, 2, 3, -4, 5]);
  });

  it('gives up where too much of it is', async () => {
    const readPage = () => Promise.reject(new GiteaTooLargeError('Too large'));

    await expect(readAllPages(numbers(readPage))).rejects.toThrow(GiteaTooLargeError);
  });

  it('leaves the rest of a list of which no more is wanted', async () => {
    expect(await readAllPages(numbers(listOf([1, 2, 3, 4, 5], 2, 5).readPage, { most: 3 }))).toEqual([1, 2, 3, 4]);
  });
});

describe('readWholeList', () => {
  /** Each walk sees the next of these lists, the last one for ever; `moved` entries slip between its pages. */
  function changing(walks: readonly (readonly number[])[], total: number | null) {
    let walk = -1;
    const readPage: ReadPage<number> = (page) => {
      if (page === 1) walk += 1;
      const all = walks[Math.min(walk, walks.length - 1)] ?? [];
      return Promise.resolve({ entries: all.slice((page - 1) * 2, page * 2), total });
    };
    return { readPage, walks: () => walk + 1 };
  }

  it('takes one walk that found as many as there are', async () => {
    const { readPage, walks } = changing([[1, 2, 3]], 3);

    expect(await readWholeList(numbers(readPage))).toEqual([1, 2, 3]);
    expect(walks()).toBe(1);
  });

  it('walks again when an entry slipped between two pages', async () => {
    const { readPage, walks } = changing(
      [
        [1, 2, 4],
        [1, 2, 3, 4],
      ],
      4,
    );

    expect(await readWholeList(numbers(readPage))).toEqual([1, 2, 3, 4]);
    expect(walks()).toBe(2);
  });

  it('takes what two walks found alike where the count says otherwise or is missing', async () => {
    expect(
      await readWholeList(
        numbers(
          changing(
            [
              [1, 2, 4],
              [1, 2, 3],
            ],
            9,
          ).readPage,
        ),
      ),
    ).toEqual([1, 2, 3]);
    expect(await readWholeList(numbers(changing([[]], null).readPage))).toEqual([]);
  });

  it('fails when no two walks find the same', async () => {
    const { readPage, walks } = changing([[1], [2], [3], [4]], 9);

    await expect(readWholeList(numbers(readPage))).rejects.toThrow(
      'A list of Gitea changes faster than it can be read',
    );
    expect(walks()).toBe(4);
  });
});
