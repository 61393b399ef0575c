import { issueKey, type IssueRef } from '../../kernel/index.js';
import type {
  PullRequestPicture,
  PullRequestReading,
  PullRequestReview,
  PullRequests,
  ReviewRemark,
  Reviewer,
} from '../ports/pull-requests.port.js';

interface Held {
  picture: PullRequestPicture;
  readonly reviews: PullRequestReview[];
  readonly remarks: Map<number, ReviewRemark[]>;
}

/** What somebody says in a review. */
export interface GivenReview {
  readonly verdict: PullRequestReview['verdict'];
  /** @default '' */
  readonly text?: string;
  readonly remarks?: readonly Pick<ReviewRemark, 'path' | 'line' | 'text'>[];
}

/** Pull requests within this process: for tests, and for trying orchestration out. */
export class InMemoryPullRequests implements PullRequests {
  private readonly held = new Map<string, Held>();
  private count = 0;

  /** @param bot login of the bot, whose reviews are not told */
  constructor(private readonly bot = 'mosaic') {}

  /** Makes it be so from here on. One nobody said anything of is open. */
  put(ref: IssueRef, picture: Partial<PullRequestPicture>): void {
    this.of(ref).picture = { ...OPEN, ...picture };
  }

  remove(ref: IssueRef): void {
    this.held.set(issueKey(ref), { ...this.of(ref), picture: GONE });
  }

  /** Somebody submits a review. Returns its id. */
  review(ref: IssueRef, author: Reviewer, { verdict, text = '', remarks = [] }: GivenReview): number {
    const { reviews } = this.of(ref);
    const id = this.nextId();
    reviews.push({ id, author, verdict, isDismissed: false, isStale: false, text, remarkCount: 0 });
    for (const remark of remarks) this.answer(ref, id, author, remark);
    return id;
  }

  /** Somebody adds a remark to a review, or answers to one. Returns its id. */
  answer(
    ref: IssueRef,
    reviewId: number,
    author: Reviewer,
    remark: Pick<ReviewRemark, 'path' | 'line' | 'text'>,
  ): number {
    const { remarks } = this.of(ref);
    const id = this.nextId();
    const ofReview = [...(remarks.get(reviewId) ?? []), { id, author, isResolved: false, ...remark }];
    remarks.set(reviewId, ofReview);
    this.change(ref, reviewId, { remarkCount: ofReview.length });
    return id;
  }

  /** Says something else of a review from here on. */
  change(ref: IssueRef, reviewId: number, changed: Partial<Omit<PullRequestReview, 'id'>>): void {
    const { reviews } = this.of(ref);
    reviews.splice(0, reviews.length, ...reviews.map((one) => (one.id === reviewId ? { ...one, ...changed } : one)));
  }

  /** Says that a remark is settled. */
  resolve(ref: IssueRef, remarkId: number): void {
    const { remarks } = this.of(ref);
    for (const [reviewId, ofReview] of remarks) {
      const settled = ofReview.map((one) => (one.id === remarkId ? { ...one, isResolved: true } : one));
      remarks.set(reviewId, settled);
    }
  }

  async readPullRequest(ref: IssueRef): Promise<PullRequestReading> {
    const { picture: pullRequest } = this.of(ref);
    return pullRequest === GONE ? { kind: 'gone' } : { kind: 'found', pullRequest };
  }

  async reviewsOf(ref: IssueRef): Promise<readonly PullRequestReview[]> {
    return this.of(ref).reviews.filter(({ author }) => author?.login !== this.bot);
  }

  async remarksOf(ref: IssueRef, reviewId: number): Promise<readonly ReviewRemark[]> {
    return this.of(ref).remarks.get(reviewId) ?? [];
  }

  private nextId(): number {
    this.count += 1;
    return this.count;
  }

  private of(ref: IssueRef): Held {
    const known = this.held.get(issueKey(ref));
    if (known) return known;
    const held: Held = { picture: OPEN, reviews: [], remarks: new Map() };
    this.held.set(issueKey(ref), held);
    return held;
  }
}

/** Stands for one that was deleted. */
const GONE: PullRequestPicture = { state: 'closed', mergedBy: null, headCommit: null, mergeBase: null };

/** What is true of one that nobody said anything of. */
const OPEN: PullRequestPicture = { state: 'open', mergedBy: null, headCommit: null, mergeBase: null };
