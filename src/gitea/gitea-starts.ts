import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, type IssueRef } from '../kernel/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaPeopleClient } from './gitea-people-client.js';
import type { GiteaTimelineEntry, Person, Start } from './gitea-people.types.js';
import { GiteaAnswerError } from './gitea.errors.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';

const MAX_PAGES = 1_000;
/** So many pages without a line end a timeline: Gitea takes lines out of a page that it has already read. */
const EMPTY_PAGES = 2;
/** What Gitea shows in place of an account that is gone (models/user/user_system.go `NewGhostUser`). */
const GHOST = { id: -1, login: 'Ghost' };

/** Who made issues work for the bot, by their timelines. */
@Injectable()
export class GiteaStarts {
  private login: string | null;

  constructor(
    @Inject(GiteaClient) private readonly client: GiteaClient,
    @Inject(GiteaPeopleClient) private readonly people: GiteaPeopleClient,
    @Inject(GITEA_OPTIONS) options: Pick<GiteaOptions, 'botName'>,
  ) {
    this.login = options.botName;
  }

  /** Whether timelines can be read: there is a token. */
  get canTell(): boolean {
    return this.client.hasToken;
  }

  /** The newest assigning of the bot or opening again; null without a token, and where there is none. */
  async startOf(ref: IssueRef): Promise<Start | null> {
    if (!this.client.hasToken) return null;
    this.login ??= (await this.client.whoAmI()).login;
    const bot = this.login;
    const starts = (await this.timeline(ref)).filter((entry) => isStart(entry, bot));
    const newest = newestOf(starts);
    return newest && { eventId: newest.id, person: newest.by ?? GHOST };
  }

  /** Who took this label away last; null without a token, and where it was set since or never. */
  async labelRemoverOf(ref: IssueRef, label: string): Promise<Person | null> {
    if (!this.client.hasToken) return null;
    const lines = (await this.timeline(ref)).filter((entry) => entry.type === 'label' && entry.label === label);
    const newest = newestOf(lines);
    return newest === null || newest.isLabelSet ? null : (newest.by ?? GHOST);
  }

  /**
   * Every line that the bot may see. A page may be empty before the last: references from repositories it may not see
   * are left out after the page was cut (routers/api/v1/repo/issue_comment.go `ListIssueCommentsAndTimeline`).
   */
  private async timeline(ref: IssueRef): Promise<readonly GiteaTimelineEntry[]> {
    const found = new Map<number, GiteaTimelineEntry>();
    let empty = 0;
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const entries = await this.people.timelinePage(ref, page);
      const seen = entries.filter((entry) => entry !== null);
      const isRepeated = seen.length > 0 && seen.every(({ id }) => found.has(id));
      for (const entry of seen) found.set(entry.id, entry);
      empty = entries.length === 0 ? empty + 1 : 0;
      if (isRepeated || empty === EMPTY_PAGES) return [...found.values()];
    }
    throw new GiteaAnswerError(`The timeline of an issue has no end after ${MAX_PAGES} pages`);
  }
}

function newestOf(entries: readonly GiteaTimelineEntry[]): GiteaTimelineEntry | null {
  return entries.reduce<GiteaTimelineEntry | null>(
    (best, entry) => (best === null || entry.id > best.id ? entry : best),
    null,
  );
}

function isStart({ type, assignee, isRemoval }: GiteaTimelineEntry, bot: string): boolean {
  return type === 'reopen' || (type === 'assignees' && !isRemoval && isSameLogin(assignee?.login, bot));
}
