import { Inject, Injectable } from '@nestjs/common';
import type { IssueRef } from '../kernel/index.js';
import { readList } from './answer-fields.js';
import { GiteaHttp } from './gitea-http.js';
import { pullPath } from './gitea-paths.js';
import type { GiteaReview, PullRequestPicture, ReviewRemark } from './gitea-pulls.types.js';
import { readAllPages } from './read-all-pages.js';
import { readPullPicture, readReview, readReviewRemark } from './read-review.js';

/** Pull requests and their reviews over REST: one method an endpoint, as in GiteaClient, with the same errors. */
@Injectable()
export class GiteaPullsClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  async pullRequest(ref: IssueRef): Promise<PullRequestPicture> {
    return readPullPicture(await this.http.get(pullPath(ref)), ref.number);
  }

  /**
   * Every review the bot may see, and requests to review. The count that comes with it has those of others that are not
   * submitted yet, too, which Gitea leaves out of the pages (services/convert/pull_review.go `ToPullReviewList`).
   */
  async reviews(ref: IssueRef): Promise<GiteaReview[]> {
    return readAllPages(this.http.list([...pullPath(ref), 'reviews'], readReview, { keyOf: ({ id }) => id }));
  }

  /** The remarks of one review. Gitea does not page them, and gives them by file and line. */
  async reviewRemarks(ref: IssueRef, reviewId: number): Promise<ReviewRemark[]> {
    return readList(await this.http.get([...pullPath(ref), 'reviews', reviewId, 'comments']), readReviewRemark);
  }
}
