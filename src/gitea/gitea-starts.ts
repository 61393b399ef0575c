import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, type IssueRef } from '../kernel/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaHistory, readTo } from './gitea-history.js';
import type { GiteaTimelineEntry, Person, StartReading } from './gitea-people.types.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import type { ReadMark } from './gitea.types.js';

/**
 * How much before the given moment labels are looked for, in milliseconds: the labels of an issue are read before what was
 * said on it, and both make one look.
 */
const LABELS_OVERLAP_MS = 600_000;
/** What Gitea shows in place of an account that is gone (models/user/user_system.go `NewGhostUser`). */
const GHOST = { id: -1, login: 'Ghost' };

/** Who made issues work for the bot, by their timelines. */
@Injectable()
export class GiteaStarts {
  private login: string | null;

  constructor(
    @Inject(GiteaClient) private readonly client: GiteaClient,
    @Inject(GiteaHistory) private readonly history: GiteaHistory,
    @Inject(GITEA_OPTIONS) options: Pick<GiteaOptions, 'botName'>,
  ) {
    this.login = options.botName;
  }

  /** Whether timelines can be read: there is a token. */
  get canTell(): boolean {
    return this.client.hasToken;
  }

  /** The newest assigning of the bot or opening again since the mark; null without a token. */
  async startsAfter(ref: IssueRef, mark: ReadMark): Promise<StartReading | null> {
    if (!this.client.hasToken) return null;
    this.login ??= (await this.client.whoAmI()).login;
    const bot = this.login;
    const lines = (await this.history.lines(ref, mark)).filter(({ id }) => id > mark.id);
    const newest = newestOf(lines.filter((line) => isStart(line, bot)));
    const start = newest && { eventId: newest.id, person: newest.by ?? GHOST, at: newest.at };
    return { start, readTo: readTo(mark, lines) };
  }

  /** Who took this label away last since about then; null without a token, and where it was set since or never. */
  async labelRemoverOf(ref: IssueRef, label: string, since: number | null): Promise<Person | null> {
    if (!this.client.hasToken) return null;
    const mark = { id: 0, at: since === null ? null : since - LABELS_OVERLAP_MS };
    const lines = (await this.history.lines(ref, mark)).filter((line) => line.type === 'label' && line.label === label);
    const newest = newestOf(lines);
    return newest === null || newest.isLabelSet ? null : (newest.by ?? GHOST);
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
