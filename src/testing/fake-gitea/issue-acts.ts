import type { IssueRef } from '../../kernel/index.js';
import {
  addComment,
  addDependency,
  addLabelsByName,
  closeIssue,
  deleteComment,
  deleteIssue,
  editComment,
  editTexts,
  openIssue,
  removeDependency,
  reopenIssue,
  setAssignees,
} from './act-on-issues.js';
import { createLabel, deleteLabel, labelNamed, setLabels } from './act-on-labels.js';
import { mergePull, openPull } from './act-on-pulls.js';
import { answerReview, beginReview, submitReview, type ReviewStart } from './act-on-reviews.js';
import { refOf } from './fake-gitea-paths.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type {
  Actor,
  FakeComment,
  FakeIssue,
  FakeLabel,
  FakeReview,
  FakeReviewRemark,
  NewIssue,
  RepositoryRef,
} from './fake-gitea.types.js';

/**
 * What people do with issues and pull requests on Gitea's pages. Each sends the webhooks Gitea sends, and each
 * throws a FakeGiteaError for a repository, issue or user that is not there.
 */
export abstract class IssueActs {
  protected constructor(protected readonly world: FakeGiteaWorld) {}

  /** Opens an issue. With assignees and labels Gitea sends an event for each. */
  openIssue(ref: RepositoryRef, start: NewIssue, { by }: Actor): IssueRef {
    const repository = this.world.repository(ref);
    const issue = openIssue(
      this.world,
      repository,
      {
        title: start.title,
        body: start.body ?? '',
        assignees: (start.assignees ?? []).map((login) => this.world.user(login)),
        labels: (start.labels ?? []).map((name) => labelNamed(this.world, repository, name)),
      },
      this.world.user(by),
    );
    return refOf(issue);
  }

  /** The issue or pull request as it is, to look at. */
  issue(ref: IssueRef): Readonly<FakeIssue> {
    return this.world.issue(ref);
  }

  /** Every issue and pull request of a repository, by number. */
  issues(ref: RepositoryRef): readonly Readonly<FakeIssue>[] {
    return [...this.world.repository(ref).issues.values()];
  }

  /** Every label of a repository. */
  labels(ref: RepositoryRef): readonly Readonly<FakeLabel>[] {
    return this.world.repository(ref).labels;
  }

  /** One event for each login. */
  assign(ref: IssueRef, logins: readonly string[], { by }: Actor): void {
    const issue = this.world.issue(ref);
    const wanted = new Set([...issue.assignees, ...logins.map((login) => this.world.user(login))]);
    setAssignees(this.world, issue, [...wanted], this.world.user(by));
  }

  unassign(ref: IssueRef, logins: readonly string[], { by }: Actor): void {
    const issue = this.world.issue(ref);
    const gone = logins.map((login) => this.world.user(login));
    const rest = issue.assignees.filter((user) => !gone.includes(user));
    setAssignees(this.world, issue, rest, this.world.user(by));
  }

  /** @throws {FakeGiteaError} if something that blocks it is open */
  closeIssue(ref: IssueRef, { by }: Actor): void {
    closeIssue(this.world, this.world.issue(ref), this.world.user(by));
  }

  reopen(ref: IssueRef, { by }: Actor): void {
    reopenIssue(this.world, this.world.issue(ref), this.world.user(by));
  }

  editIssue(ref: IssueRef, texts: { readonly title?: string; readonly body?: string }, { by }: Actor): void {
    editTexts(this.world, this.world.issue(ref), texts, this.world.user(by));
  }

  deleteIssue(ref: IssueRef, { by }: Actor): void {
    deleteIssue(this.world, this.world.issue(ref), this.world.user(by));
  }

  /** Returns the comment's id. */
  comment(ref: IssueRef, body: string, { by }: Actor): number {
    return addComment(this.world, this.world.issue(ref), body, this.world.user(by)).id;
  }

  editComment(ref: IssueRef, commentId: number, body: string, { by }: Actor): void {
    const issue = this.world.issue(ref);
    editComment(this.world, issue, commentOf(issue, commentId), body, this.world.user(by));
  }

  deleteComment(ref: IssueRef, commentId: number, { by }: Actor): void {
    const issue = this.world.issue(ref);
    deleteComment(this.world, issue, commentOf(issue, commentId), this.world.user(by));
  }

  /** Makes the account an organisation, with a label for all of its repositories. */
  createOrganizationLabel(organization: string, name: string): number {
    const { organizationLabels } = this.world;
    const owner = this.world.user(organization);
    const label = { id: this.world.newId(), name, color: '888888', description: '', exclusive: false };
    organizationLabels.set(owner, [...(organizationLabels.get(owner) ?? []), label]);
    return label.id;
  }

  /** Adds a label to the repository and returns its id. Names may be had twice, as in Gitea. */
  createLabel(ref: RepositoryRef, label: Partial<Omit<FakeLabel, 'id'>> & { readonly name: string }): number {
    return createLabel(this.world, this.world.repository(ref), label).id;
  }

  /** Deletes a label from the repository and from its issues. */
  deleteLabel(ref: RepositoryRef, id: number): void {
    deleteLabel(this.world.repository(ref), id);
  }

  /** Gives the issue the label of that name, which is made when the repository has none. */
  addLabel(ref: IssueRef, name: string, { by }: Actor): void {
    const issue = this.world.issue(ref);
    addLabelsByName(this.world, issue, [labelNamed(this.world, issue.repository, name)], this.world.user(by));
  }

  removeLabel(ref: IssueRef, name: string, { by }: Actor): void {
    const issue = this.world.issue(ref);
    const rest = issue.labels.filter((label) => label.name !== name);
    setLabels(this.world, issue, rest, this.world.user(by));
  }

  /**
   * The second blocks the first. No webhook tells.
   *
   * @throws {FakeGiteaError} if it does already, or the first blocks the second
   */
  addDependency(ref: IssueRef, blocker: IssueRef): void {
    const isAdded = addDependency(this.world.issue(ref), this.world.issue(blocker));
    if (!isAdded) throw new FakeGiteaError('The dependency exists already, or would be a circle of two');
  }

  /** @throws {FakeGiteaError} if there is none */
  removeDependency(ref: IssueRef, blocker: IssueRef): void {
    const isRemoved = removeDependency(this.world.issue(ref), this.world.issue(blocker));
    if (!isRemoved) throw new FakeGiteaError('There is no such dependency');
  }

  /** Opens a pull request between two branches. */
  openPullRequest(
    ref: RepositoryRef,
    start: { readonly title: string; readonly body?: string; readonly head: string; readonly base?: string },
    { by }: Actor,
  ): IssueRef {
    const repository = this.world.repository(ref);
    const { title, body = '', head: headBranch, base: baseBranch = repository.defaultBranch } = start;
    const texts = { title, body, assignees: [], labels: [], headBranch, baseBranch };
    return refOf(openPull(this.world, repository, texts, this.world.user(by)));
  }

  /**
   * Merges a pull request with a real merge commit, and closes the issues it names with a closing word.
   *
   * @throws {FakeGiteaError} if it is no open pull request, or conflicts with its base
   */
  async mergePullRequest(ref: RepositoryRef, number: number, { by }: Actor): Promise<void> {
    const isMerged = await mergePull(this.world, this.world.issue({ ...ref, number }), this.world.user(by));
    if (!isMerged) throw new FakeGiteaError(`#${number} is no open pull request, or conflicts with its base`);
  }

  /** Submits a review of a pull request, and returns its id. A line below zero is one that was deleted. */
  review(ref: IssueRef, start: Pick<ReviewStart, 'state'> & Partial<ReviewStart>, { by }: Actor): number {
    const whole = { body: '', remarks: [], ...start };
    return submitReview(this.world, this.world.issue(ref), whole, this.world.user(by)).id;
  }

  /** Begins a review without submitting it. */
  beginReview(ref: IssueRef, body: string, { by }: Actor): number {
    return beginReview(this.world, this.world.issue(ref), body, this.world.user(by)).id;
  }

  /** Answers in the conversation of a review, and returns the answer's id. */
  answerReview(
    ref: IssueRef,
    reviewId: number,
    remark: Pick<FakeReviewRemark, 'path' | 'line' | 'body'>,
    { by }: Actor,
  ): number {
    const issue = this.world.issue(ref);
    return answerReview(this.world, issue, reviewOf(issue, reviewId), remark, this.world.user(by)).id;
  }

  /** Says that a review no longer counts. No webhook tells (services/webhook/notifier.go has no `PullReviewDismiss`). */
  dismissReview(ref: IssueRef, reviewId: number): void {
    reviewOf(this.world.issue(ref), reviewId).isDismissed = true;
  }

  /** Says that a remark is settled. No webhook tells. */
  resolveRemark(ref: IssueRef, remarkId: number, { by }: Actor): void {
    const remarks = (this.world.issue(ref).pull?.reviews ?? []).flatMap((review) => review.remarks);
    const remark = remarks.find(({ id }) => id === remarkId);
    if (!remark) throw new FakeGiteaError(`#${ref.number} has no remark ${remarkId}`);
    remark.resolver = this.world.user(by);
  }
}

function reviewOf(issue: FakeIssue, id: number): FakeReview {
  const review = issue.pull?.reviews.find((one) => one.id === id);
  if (!review) throw new FakeGiteaError(`#${issue.number} has no review ${id}`);
  return review;
}

function commentOf(issue: FakeIssue, id: number): FakeComment {
  const comment = issue.comments.find((one) => one.id === id);
  if (!comment) throw new FakeGiteaError(`#${issue.number} has no comment ${id}`);
  return comment;
}
