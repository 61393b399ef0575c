import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, issueKey, type IssueRef } from '../kernel/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaHistory, readTo } from './gitea-history.js';
import type { GiteaComment, ReadMark } from './gitea.types.js';
import { markerOf, ownComments } from './own-comments.js';

/** What is known of the bot's comments on an issue. */
interface Known {
  readTo: ReadMark;
  /** By id: which marker it has. */
  readonly markers: Map<number, string>;
}

/** Of so many issues it is known which comments are the bot's; those looked at longest ago are read anew. */
const MOST_KNOWN = 1_000;

/**
 * Finds the bot's own comments by their marker. The comments of an issue are read once as long as the process lives, and
 * from then on those that are new or were edited: an issue may have thousands.
 */
@Injectable()
export class GiteaOwnComments {
  /** By issue, that which was looked at last at the end. */
  private readonly known = new Map<string, Known>();

  constructor(
    @Inject(GiteaClient) private readonly client: GiteaClient,
    @Inject(GiteaHistory) private readonly history: GiteaHistory,
  ) {}

  /** The bot's comments with this marker as they are now, oldest first. */
  async find(ref: IssueRef, marker: string, login: string): Promise<readonly GiteaComment[]> {
    const known = this.take(issueKey(ref));
    const news = await this.history.comments(ref, known.readTo);
    for (const { id, author, body } of news) {
      const found = isSameLogin(author?.login, login) ? markerOf(body) : null;
      if (found === null) known.markers.delete(id);
      else known.markers.set(id, found);
    }
    known.readTo = readTo(known.readTo, news);
    this.keep(issueKey(ref), known);
    const ids = [...known.markers].filter(([, found]) => found === marker).map(([id]) => id);
    const read = await Promise.all(
      ids.map(async (id) => news.find((comment) => comment.id === id) ?? this.readAgain(ref, known, id)),
    );
    return ownComments(
      read.filter((comment) => comment !== null),
      marker,
      login,
    );
  }

  /** Looks whether it is still there, and says the same: people may delete it. */
  private async readAgain(ref: IssueRef, known: Known, id: number): Promise<GiteaComment | null> {
    const comment = await this.client.comment(ref, id);
    if (comment === null) known.markers.delete(id);
    return comment;
  }

  private take(key: string): Known {
    const known = this.known.get(key);
    this.known.delete(key);
    return known ?? { readTo: { id: 0, at: null }, markers: new Map() };
  }

  private keep(key: string, known: Known): void {
    this.known.set(key, known);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KNOWN && oldest !== undefined) this.known.delete(oldest);
  }
}
