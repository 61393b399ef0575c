import { Inject, Injectable } from '@nestjs/common';
import type { IssueRef } from '../kernel/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaHttp } from './gitea-http.js';
import { issuePath } from './gitea-paths.js';
import type { GiteaTimelineEntry } from './gitea-people.types.js';
import { GiteaAnswerError, GiteaTooLargeError } from './gitea.errors.js';
import type { GiteaComment, ReadMark } from './gitea.types.js';
import { PageWalk, endTogether } from './page-walk.js';
import { readTimelineEntry } from './read-people.js';
import { isPassingFailure } from './retry.js';
import { sinceQuery } from './since-query.js';

const MAX_PAGES = 1_000;
/** So many pages without a line end a timeline: Gitea takes lines out of a page that it has already read. */
const EMPTY_PAGES = 2;
/**
 * How much before a mark is read again, in milliseconds: a line gets its moment before its number, and what is written at
 * the same time may become visible in another order.
 */
const OVERLAP_MS = 60_000;
/**
 * Moments are asked for in steps of so many milliseconds, so that the same is asked at one look after the other: what is
 * known to be too large is then not read again.
 */
const STEP_MS = 300_000;

/** What was done to issues and said on them, from a mark on: what was read before is not read again. */
@Injectable()
export class GiteaHistory {
  constructor(
    @Inject(GiteaHttp) private readonly http: GiteaHttp,
    @Inject(GiteaClient) private readonly client: GiteaClient,
  ) {}

  /**
   * The comments that were written or edited since about the mark; every one without its moment. Those that are too large
   * to be read are left out.
   */
  async comments(ref: IssueRef, mark: ReadMark): Promise<readonly GiteaComment[]> {
    try {
      return await this.client.comments(ref, sinceOf(mark));
    } catch (error) {
      if (!(error instanceof GiteaTooLargeError)) throw await this.asOfIssue(ref, error);
    }
    // The timeline has them too, and has pages.
    const lines = await this.lines(ref, mark);
    return lines.filter(({ type }) => type === 'comment').map(({ id, by, body, at }) => ({ id, author: by, body, at }));
  }

  /**
   * Every line that the bot may see, from about the mark on. A page may be empty before the last: references from
   * repositories it may not see are left out after the page was cut (routers/api/v1/repo/issue_comment.go
   * `ListIssueCommentsAndTimeline`); the count that comes with it is that of the page.
   */
  async lines(ref: IssueRef, mark: ReadMark): Promise<readonly GiteaTimelineEntry[]> {
    const query = sinceQuery(sinceOf(mark));
    const readPage = this.http.pages([...issuePath(ref), 'timeline'], readTimelineEntry, query);
    const pages = new PageWalk(endTogether(readPage, EMPTY_PAGES), () => this.http.largestPage());
    const found = new Map<number, GiteaTimelineEntry>();
    let empty = 0;
    for (let step = 1; step <= MAX_PAGES; step += 1) {
      const { entries, tooLarge } = await pages.next();
      if (tooLarge !== null) continue;
      const seen = entries.filter((entry) => entry !== null);
      const isRepeated = seen.length > 0 && seen.every(({ id }) => found.has(id));
      for (const entry of seen) found.set(entry.id, entry);
      empty = entries.length === 0 ? empty + 1 : 0;
      if (isRepeated || empty === EMPTY_PAGES) return [...found.values()];
    }
    throw new GiteaAnswerError(`The timeline of an issue has no end after ${MAX_PAGES} pages`);
  }

  /** Gitea answers 500 for the comments of an issue that is gone; reading the issue tells which it was. */
  private async asOfIssue(ref: IssueRef, error: unknown): Promise<unknown> {
    if (!isPassingFailure(error)) return error;
    return this.client.issue(ref).then(
      () => error,
      (of: unknown) => (of instanceof GiteaTooLargeError ? error : of),
    );
  }
}

/** The mark, or that of the newest of these where it is newer. One whose moment is not known keeps the older moment. */
export function readTo(mark: ReadMark, seen: readonly { readonly id: number; readonly at: number | null }[]): ReadMark {
  return seen.reduce((newest, { id, at }) => (id > newest.id ? { id, at: at ?? newest.at } : newest), mark);
}

function sinceOf({ at }: ReadMark): number | null {
  return at === null ? null : Math.max(0, Math.floor((at - OVERLAP_MS) / STEP_MS) * STEP_MS);
}
