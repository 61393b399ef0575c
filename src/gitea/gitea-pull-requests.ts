import { Inject, Injectable } from '@nestjs/common';
import { isSameLogin, type IssueRef } from '../kernel/index.js';
import { GiteaClient } from './gitea-client.js';
import { GiteaPullsClient } from './gitea-pulls-client.js';
import type { GiteaReview, PullRequestReading, PullRequestReview, ReviewRemark } from './gitea-pulls.types.js';
import { GITEA_OPTIONS, type GiteaOptions } from './gitea.options.js';
import { isMissing } from './missing.js';

/** What became of pull requests in Gitea or Forgejo, and what their reviews say. It reads only. */
@Injectable()
export class GiteaPullRequests {
  private login: string | null;

  constructor(
    @Inject(GiteaPullsClient) private readonly client: GiteaPullsClient,
    @Inject(GiteaClient) private readonly account: GiteaClient,
    @Inject(GITEA_OPTIONS) options: GiteaOptions,
  ) {
    this.login = options.botName;
  }

  async readPullRequest(ref: IssueRef): Promise<PullRequestReading> {
    if (!this.account.hasToken) return { kind: 'unknown' };
    try {
      return { kind: 'found', pullRequest: await this.client.pullRequest(ref) };
    } catch (error) {
      if (isMissing(error)) return { kind: 'gone' };
      throw error;
    }
  }

  /** Every review that was submitted, oldest first. Never the bot's own. None without a token. */
  async reviewsOf(ref: IssueRef): Promise<readonly PullRequestReview[]> {
    if (!this.account.hasToken) return [];
    this.login ??= (await this.account.whoAmI()).login;
    const bot = this.login;
    return (await this.client.reviews(ref))
      .filter((review): review is GiteaReview & PullRequestReview => review.verdict !== null)
      .filter(({ author }) => !isSameLogin(author?.login, bot))
      .toSorted((a, b) => a.id - b.id);
  }

  /** Every remark of one review, oldest first. A review that is gone has none. */
  async remarksOf(ref: IssueRef, reviewId: number): Promise<readonly ReviewRemark[]> {
    if (!this.account.hasToken) return [];
    try {
      return (await this.client.reviewRemarks(ref, reviewId)).toSorted((a, b) => a.id - b.id);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }
}
