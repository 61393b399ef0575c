import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, repositoryKey, type IssueRef } from '../kernel/index.js';
import { Convergence } from './convergence.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaIssuesClient } from './gitea-issues-client.js';
import { GiteaLabels } from './gitea-labels.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import type { SubIssueDraft } from './gitea.types.js';
import { holdsMarker, withMarker } from './own-comments.js';

/**
 * Issues that the coordinator opens in Gitea or Forgejo for parts of a larger one, and the labels beside the state's.
 * Each part is known by a marker in its text, which Gitea keeps and nobody sees; only the bot's own issues count.
 */
@Injectable()
export class GiteaSubIssues {
  constructor(
    private readonly client: GiteaClient,
    private readonly issues: GiteaIssuesClient,
    private readonly labels: GiteaLabels,
    private readonly convergence: Convergence,
    @Inject(GITEA_OPTIONS) private readonly options: GiteaOptions,
  ) {}

  /** Whether anything can be written: there is a token. */
  get canOpen(): boolean {
    return this.client.hasToken;
  }

  /** One issue of ours with this marker, in the repository of its parent. One that is there stays as it is. */
  async ensureSubIssue(parent: IssueRef, marker: string, draft: SubIssueDraft): Promise<IssueRef> {
    const { scrub } = this.options;
    const login = this.options.botName ?? (await this.client.whoAmI()).login;
    return this.convergence.reach(`issues of ${repositoryKey(parent)}`, async () => {
      const ours = (await this.issues.issuesBy(parent, login))
        .filter(({ author, body }) => isSameLogin(author?.login, login) && holdsMarker(body, marker))
        .toSorted((a, b) => a.number - b.number);
      const body = withMarker(scrub(draft.body), marker);
      const { number } = ours[0] ?? (await this.issues.createIssue(parent, scrub(draft.title), body));
      return { owner: parent.owner, repo: parent.repo, number };
    });
  }

  /** The issue has this label, made in the repository where it is missing; or has it not. */
  async ensureLabel(ref: IssueRef, name: string, isWanted: boolean): Promise<void> {
    await this.labels.ensure(ref, name, isWanted);
  }
}
