import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { issueKey, type IssueRef } from '../../kernel/index.js';
import { UNSETTLED_STATES, personNamed, type Job, type JobMoved } from '../../queue/index.js';
import { decideReview, followsPullRequest } from './decide-review.js';
import { asking, closedSentence, reviewersOf } from './review-sentences.js';
import { MOST_REMARKS, approversOf, authorsOf, judgeReview } from './judge-review.js';
import type { ApprovalsChanged, ReviewRoundBegan } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { PullRequestReading, PullRequestReview, ReviewRemark, Reviewer } from '../ports/pull-requests.port.js';
import type { ReviewFeedback } from '../ports/review-feedback.js';
import { NOWHERE, type JobProgress, type ReviewRecord, type Stop } from '../ports/run-store.port.js';

/** The most reviews that one round is about. More come in the next. */
const MOST_IN_ROUND = 30;

const NOTHING_SEEN: ReviewRecord = { seen: [], open: [], approvedBy: [] };

/** One review, and what of it nobody has looked at yet. */
interface Look {
  readonly review: PullRequestReview;
  readonly isNew: boolean;
  /** Those that are looked at, or were before. */
  readonly remarks: readonly ReviewRemark[];
  readonly news: readonly ReviewRemark[];
}

/** A job that follows its pull request. */
interface Followed {
  readonly job: Job;
  readonly progress: JobProgress;
  /** Of the pull request. */
  readonly ref: IssueRef;
}

/**
 * Follows the pull requests of jobs: merged is done, closed needs a person, and what reviews ask for is another round.
 *
 * Like intake it goes by what is, and not by what an event said: looking twice, or after any mix of events, ends in the
 * same state. Every review and every remark is acted upon once, for what was looked at is stored before anything follows.
 */
@Injectable()
export class PullRequestWatch implements OnModuleInit {
  /** Issues whose job has just come into review: reviews may have come while it ran. By their key. */
  private readonly arrived = new Map<string, IssueRef>();

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  onModuleInit(): void {
    this.options.bus.subscribe<JobMoved>('queue.job-moved', ({ issue, to }) => {
      if (to === 'in_review') this.arrived.set(issueKey(issue), issue);
    });
  }

  /** Looks at a job that another coordinator told of: it may have come into review there. */
  async hear(jobId: string): Promise<void> {
    const job = await this.options.queue.find(jobId);
    if (job?.state === 'in_review') this.arrived.set(jobId, job.issue);
  }

  /** The issues whose job has come into review since the last call. */
  takeArrived(): readonly IssueRef[] {
    const issues = [...this.arrived.values()];
    this.arrived.clear();
    return issues;
  }

  /** The job whose pull request this is, where its work is not over. */
  async jobOf(ref: IssueRef): Promise<Job | undefined> {
    const { queue, runs } = this.options;
    for (const jobId of await runs.jobsOfPullRequest(ref)) {
      const job = await queue.find(jobId);
      if (job !== undefined && UNSETTLED_STATES.some((state) => state === job.state)) return job;
    }
    return undefined;
  }

  /** The pull request that the job follows; null for none. */
  async followed(job: Job): Promise<IssueRef | null> {
    return (await this.follow(job))?.ref ?? null;
  }

  /** Whether the pull request of a job was merged: then its work is done, whoever is still at it. */
  async isMerged(job: Job): Promise<boolean> {
    return (await this.mergeOf(job)) !== null;
  }

  /** Completes a job whose pull request was merged, though it is not in review. Returns whether it was. */
  async completeMerged(job: Job): Promise<boolean> {
    const isOver = job.state === 'completed' || job.state === 'cancelled';
    const merge = isOver ? null : await this.mergeOf(job);
    return merge !== null && this.complete(merge.followed, merge.reading);
  }

  private async mergeOf(job: Job): Promise<{ followed: Followed; reading: PullRequestReading } | null> {
    const progress = await this.options.runs.progress(job.id);
    if (progress.pullRequest === null) return null;
    const ref = { ...job.issue, number: progress.pullRequest.number };
    const reading = await this.options.pullRequests.readPullRequest(ref);
    if (reading.kind !== 'found' || reading.pullRequest.state !== 'merged') return null;
    return { followed: { job, progress, ref }, reading };
  }

  /**
   * Brings a job to what its pull request is. Returns whether it was moved.
   *
   * @throws whatever the tracker throws; nothing was noted then, and the next look finds the same
   */
  async review(job: Job): Promise<boolean> {
    const followed = await this.follow(job);
    if (followed === null) return false;
    const { progress, ref } = followed;
    const reading = await this.options.pullRequests.readPullRequest(ref);
    switch (decideReview(job.state, progress, reading)) {
      case 'leave':
        return false;
      case 'read':
        return this.readReviews(followed, reading);
      case 'complete':
        return this.complete(followed, reading);
      case 'stop':
        return this.stop(followed, closedSentence(ref, reading), { closedPullRequest: ref.number });
      case 'return':
        await this.options.queue.move({
          jobId: job.id,
          from: job.state,
          to: 'in_review',
          reason: `Pull request #${ref.number} was opened again.`,
        });
        await this.options.runs.note(job.id, { stop: null });
        return true;
    }
  }

  private async follow(job: Job): Promise<Followed | null> {
    const progress = await this.options.runs.progress(job.id);
    if (progress.pullRequest === null || !followsPullRequest(job.state, progress)) return null;
    return { job, progress, ref: { ...job.issue, number: progress.pullRequest.number } };
  }

  private async complete({ job, progress, ref }: Followed, reading: PullRequestReading): Promise<boolean> {
    const by = reading.kind === 'found' ? reading.pullRequest.mergedBy : null;
    await this.options.queue.move({
      jobId: job.id,
      from: job.state,
      to: 'completed',
      reason: `Pull request #${ref.number} was merged${by === null ? '' : ` by ${by}`}.`,
      by: personNamed(by),
    });
    if (progress.review !== null) await this.options.runs.note(job.id, { review: { ...progress.review, open: [] } });
    return true;
  }

  private async stop(
    { job }: Followed,
    reason: string,
    cause: Pick<Stop, 'closedPullRequest'> = {},
    also: { readonly review?: ReviewRecord } = {},
  ): Promise<boolean> {
    // First what makes the stop one that people can answer, or an answer could be missed.
    await this.options.runs.note(job.id, { ...also, stop: { lastRemark: null, isLabelled: false, ...cause } });
    await this.options.queue.move({ jobId: job.id, from: job.state, to: 'needs_attention', reason });
    return true;
  }

  private async readReviews(followed: Followed, reading: PullRequestReading): Promise<boolean> {
    const record = followed.progress.review ?? NOTHING_SEEN;
    // What was noted and not begun, or not stopped, because the process ended in between.
    if (record.open.length > 0) return this.goOn(followed, record);

    const reviews = await this.options.pullRequests.reviewsOf(followed.ref);
    const looks = await this.look(followed.ref, reviews, record);
    const mayBeHeard = await this.hearing(followed.job.issue, reviews, looks);
    const open = looks
      .map(({ review, news, isNew }) => judgeReview(review, news, isNew, mayBeHeard))
      .filter((feedback) => feedback !== null);
    const approvedBy = approversOf(reviews, mayBeHeard);
    const next = { seen: seenAfter(record, looks), open, approvedBy };
    if (open.length > 0) return this.sendBack(followed, next, reading);
    const isNews = approvedBy.join() !== record.approvedBy.join();
    if (looks.length > 0 || isNews) await this.options.runs.note(followed.job.id, { review: next });
    if (isNews) this.announceApprovals(followed, approvedBy);
    return false;
  }

  /** What is new, so that a pull request with many reviews costs one request each time. */
  private async look(
    ref: IssueRef,
    reviews: readonly PullRequestReview[],
    { seen }: ReviewRecord,
  ): Promise<readonly Look[]> {
    const known = new Map(seen.map(({ id, comments }) => [id, comments]));
    const looks: Look[] = [];
    for (const review of reviews) {
      const before = known.get(review.id);
      if (before !== undefined && before.length === review.remarkCount) continue;
      if (looks.length >= MOST_IN_ROUND) break;
      const remarks = review.remarkCount === 0 ? [] : await this.options.pullRequests.remarksOf(ref, review.id);
      const fresh = remarks.filter(({ id }) => !before?.includes(id));
      // The rest stays unseen, and is looked at when the round is over. Of an approval there is nothing to do.
      const news = review.verdict === 'approved' ? fresh : fresh.slice(0, MOST_REMARKS);
      const seen = remarks.filter((remark) => news.includes(remark) || !fresh.includes(remark));
      looks.push({ review, remarks: seen, news, isNew: before === undefined });
    }
    return looks;
  }

  /** Asks once for everybody whose word may count. Not known is no answer: then nothing is noted, and all is read again. */
  private async hearing(
    issue: IssueRef,
    reviews: readonly PullRequestReview[],
    looks: readonly Look[],
  ): Promise<(author: Reviewer | null) => boolean> {
    const approving = reviews.filter(({ verdict }) => verdict === 'approved');
    const asked = [
      ...looks.flatMap(({ review, news }) => authorsOf(review, news)),
      ...approving.flatMap((review) => authorsOf(review, [])),
    ];
    const heard = new Set<number>();
    for (const { id, login } of new Map(asked.map((author) => [author.id, author])).values()) {
      const { isEntitled, person } = await this.options.entitlement.standingOf(issue, login);
      // A login may have passed to somebody else since.
      if (isEntitled && (person === null || person.id === id)) heard.add(id);
    }
    return (author) => author !== null && heard.has(author.id);
  }

  private async sendBack(followed: Followed, record: ReviewRecord, reading: PullRequestReading): Promise<boolean> {
    const { job, progress } = followed;
    const limit = this.options.limits.maxReviewRounds;
    if (progress.reviewRounds >= limit) return this.stopRounds(followed, record);
    await this.goOnFromBranch(followed, reading);
    await this.options.runs.beginReviewRound(job.id, record);
    return this.begin({ ...followed, progress: await this.options.runs.progress(job.id) }, record.open);
  }

  private goOn(followed: Followed, record: ReviewRecord): Promise<boolean> {
    const { stop } = followed.progress;
    const isStopped = stop !== null && stop.closedPullRequest === undefined;
    return isStopped ? this.stopRounds(followed, record) : this.begin(followed, record.open);
  }

  private stopRounds(followed: Followed, review: ReviewRecord): Promise<boolean> {
    const why = `Reviews sent the work back as often as they may, which is ${this.options.limits.maxReviewRounds} (MAX_REVIEW_ROUNDS).`;
    return this.stop(followed, `${why} ${asking(review.open)} Say on the issue how to go on.`, {}, { review });
  }

  /**
   * Somebody else pushed to the branch, or brought it up to date: the round builds on that, in a workspace made anew.
   * Nobody works in the old one, and all of it was published.
   */
  private async goOnFromBranch({ job, progress }: Followed, reading: PullRequestReading): Promise<void> {
    if (reading.kind !== 'found') return;
    const { headCommit, mergeBase } = reading.pullRequest;
    if (headCommit === null || headCommit === progress.publishedCommit) return;
    const base = mergeBase === null ? {} : { baseCommit: mergeBase };
    const isHere = progress.place === null || progress.place === (await this.options.workspaces.place());
    if (isHere) await this.options.workspaces.remove(job.issue);
    // Out of reach from here: whoever has it drops it when the job comes back to him, or would push over what is new.
    const place = isHere ? {} : { place: NOWHERE };
    await this.options.runs.note(job.id, { publishedCommit: headCommit, ...base, ...place });
  }

  private async begin({ job, progress, ref }: Followed, open: readonly ReviewFeedback[]): Promise<boolean> {
    await this.options.queue.move({
      jobId: job.id,
      from: job.state,
      to: 'available',
      reason: `${asking(open)} It is pull request #${ref.number}.`,
      // Of several, who is the last: the sentence names them all.
      by: personNamed(open.at(-1)?.author),
      failures: 0,
    });
    this.options.bus.publish({
      type: 'orchestration.review-round-began',
      issue: job.issue,
      pullRequest: ref.number,
      reviewers: reviewersOf(open),
      remarks: open.reduce((sum, { remarks }) => sum + remarks.length, 0),
      round: progress.reviewRounds,
    } satisfies ReviewRoundBegan);
    return true;
  }

  private announceApprovals({ job, ref }: Followed, approvedBy: readonly string[]): void {
    this.options.bus.publish({
      type: 'orchestration.approvals-changed',
      issue: job.issue,
      pullRequest: ref.number,
      approvedBy,
    } satisfies ApprovalsChanged);
  }
}

function seenAfter({ seen }: ReviewRecord, looks: readonly Look[]): ReviewRecord['seen'] {
  const all = new Map(seen.map((one) => [one.id, one]));
  for (const { review, remarks } of looks) {
    all.set(review.id, { id: review.id, comments: remarks.map(({ id }) => id) });
  }
  return [...all.values()];
}
