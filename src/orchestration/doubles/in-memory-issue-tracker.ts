import { issueKey, repositoryKey, type IssueRef } from '../../kernel/index.js';
import type {
  CommitStatus,
  IssueReading,
  IssueTracker,
  PullRequestDraft,
  PullRequestLink,
  ReadMark,
  RemarksReading,
  TrackedIssue,
} from '../ports/issue-tracker.port.js';

interface Comment {
  readonly id: number;
  /** Null for a comment of a person. */
  readonly marker: string | null;
  readonly author: string;
  body: string;
}

interface PullRequest {
  readonly repository: string;
  readonly link: PullRequestLink;
  draft: PullRequestDraft;
  isOpen: boolean;
}

/** Far from any issue's, as issues and pull requests share one row of numbers. */
const FIRST_PULL_REQUEST = 1_001;

/** An IssueTracker within this process. The double in tests, and for trying
 * orchestration out: what was written can be looked at. */
export class InMemoryIssueTracker implements IssueTracker {
  readonly canWrite: boolean = true;
  /** Every pull request that was opened, oldest first. */
  readonly pullRequests: PullRequest[] = [];
  private readonly issues = new Map<string, TrackedIssue>();
  private commentCount = 0;
  private readonly commentsOn = new Map<string, Comment[]>();
  private readonly statuses: { readonly commit: string; readonly status: CommitStatus }[] = [];

  /**
   * @param botName login of the bot, whose issues `assignedIssues` names
   * @param labelScope labels of this scope are ours, and an issue has one of them at most
   */
  constructor(
    private readonly botName = 'mosaic',
    private readonly labelScope = 'mosaic',
  ) {}

  /** Makes the issue be what it is from here on. */
  put(issue: TrackedIssue): void {
    this.issues.set(issueKey(issue.ref), issue);
  }

  remove(ref: IssueRef): void {
    this.issues.delete(issueKey(ref));
  }

  /** A person comments. */
  say(ref: IssueRef, body: string, author = 'ada'): void {
    this.add(ref, null, author, body);
  }

  /** A person deletes every comment. */
  forget(ref: IssueRef): void {
    this.commentsOn.delete(issueKey(ref));
  }

  /** What stands on the issue, oldest first. */
  comments(ref: IssueRef): readonly string[] {
    return this.commentsFor(ref).map(({ body }) => body);
  }

  commentOf(ref: IssueRef, marker: string): string | undefined {
    return this.commentsFor(ref).find((comment) => comment.marker === marker)?.body;
  }

  /** The marker of one of the comments that stand on the issue; null for a person's. */
  markerOf(ref: IssueRef, at: number): string | null {
    return this.commentsFor(ref)[at]?.marker ?? null;
  }

  labelOf(ref: IssueRef): string | undefined {
    return this.issues.get(issueKey(ref))?.labels.find((label) => label.startsWith(`${this.labelScope}/`));
  }

  /** Every status that was ever set on the commit, oldest first. */
  statusesOf(commit: string): readonly CommitStatus[] {
    return this.statuses.filter((set) => set.commit === commit).map(({ status }) => status);
  }

  statusOf(commit: string, context: string): CommitStatus | undefined {
    return this.statusesOf(commit).findLast((status) => status.context === context);
  }

  async readIssue(ref: IssueRef): Promise<IssueReading> {
    const issue = this.issues.get(issueKey(ref));
    return issue ? { kind: 'found', issue, hasComments: this.commentsFor(ref).length > 0 } : { kind: 'gone' };
  }

  async assignedIssues(): Promise<readonly IssueRef[]> {
    return [...this.issues.values()]
      .filter(({ state, assignees }) => state === 'open' && assignees.includes(this.botName))
      .map(({ ref }) => ref);
  }

  async ensureComment(ref: IssueRef, marker: string, body: string, only?: 'new' | 'standing'): Promise<string | null> {
    const known = this.commentsFor(ref).find((comment) => comment.marker === marker);
    if (known === undefined && only === 'standing') return null;
    if (known && only !== 'new') known.body = body;
    const { id } = known ?? this.add(ref, marker, this.botName, body);
    return `http://memory/${repositoryKey(ref)}/issues/${ref.number}#issuecomment-${id}`;
  }

  async remarksAfter(ref: IssueRef, mark: ReadMark): Promise<RemarksReading> {
    const after = this.commentsFor(ref).filter(({ id }) => id > mark.id);
    const newest = after.at(-1);
    return {
      remarks: after
        .filter(({ author }) => author !== this.botName)
        .map(({ id, author, body }) => ({ id, at: id, author, text: body })),
      readTo: newest === undefined ? mark : { id: newest.id, at: newest.id },
    };
  }

  async ensureStateLabel(ref: IssueRef, label: string | null): Promise<void> {
    const issue = this.issues.get(issueKey(ref));
    if (!issue) return;
    const others = issue.labels.filter((name) => !name.startsWith(`${this.labelScope}/`));
    this.put({ ...issue, labels: label === null ? others : [...others, label] });
  }

  async ensurePullRequest(ref: IssueRef, draft: PullRequestDraft): Promise<PullRequestLink> {
    const repository = repositoryKey(ref);
    const known = this.pullRequests.find(
      (pull) =>
        pull.isOpen &&
        pull.repository === repository &&
        pull.draft.headBranch === draft.headBranch &&
        pull.draft.baseBranch === draft.baseBranch,
    );
    if (known) {
      known.draft = draft;
      return known.link;
    }
    const number = FIRST_PULL_REQUEST + this.pullRequests.length;
    const link = { number, url: `http://memory/${repository}/pulls/${number}` };
    this.pullRequests.push({ repository, link, draft, isOpen: true });
    return link;
  }

  async ensureCommitStatus(_ref: IssueRef, commit: string, status: CommitStatus): Promise<void> {
    const newest = this.statusOf(commit, status.context);
    const isSame =
      newest?.state === status.state &&
      newest.description === status.description &&
      newest.targetUrl === status.targetUrl;
    if (!isSame) this.statuses.push({ commit, status });
  }

  private add(ref: IssueRef, marker: string | null, author: string, body: string): Comment {
    this.commentCount += 1;
    const comment = { id: this.commentCount, marker, author, body };
    this.commentsFor(ref).push(comment);
    return comment;
  }

  private commentsFor(ref: IssueRef): Comment[] {
    const known = this.commentsOn.get(issueKey(ref));
    if (known) return known;
    const comments: Comment[] = [];
    this.commentsOn.set(issueKey(ref), comments);
    return comments;
  }
}
