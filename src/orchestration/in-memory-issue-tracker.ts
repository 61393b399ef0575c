import { issueKey, type IssueRef } from '../kernel/index.js';
import type {
  CommitStatus,
  IssueReading,
  IssueTracker,
  PullRequestDraft,
  PullRequestLink,
  TrackedIssue,
} from './issue-tracker.port.js';

/** An IssueTracker within this process. The default, and the double in tests: what was written can be looked at. */
export class InMemoryIssueTracker implements IssueTracker {
  readonly canWrite = true;
  private readonly issues = new Map<string, { issue: TrackedIssue; isAssigned: boolean }>();
  private readonly comments = new Map<string, string>();
  private readonly labels = new Map<string, string>();
  private readonly pullRequests = new Map<string, PullRequestLink>();
  private readonly statuses = new Map<string, CommitStatus>();

  /** Makes the issue be what it is from here on. */
  put(issue: TrackedIssue, isAssigned = true): void {
    this.issues.set(issueKey(issue.ref), { issue, isAssigned });
  }

  remove(ref: IssueRef): void {
    this.issues.delete(issueKey(ref));
  }

  commentOf(ref: IssueRef, marker: string): string | undefined {
    return this.comments.get(`${issueKey(ref)} ${marker}`);
  }

  labelOf(ref: IssueRef): string | undefined {
    return this.labels.get(issueKey(ref));
  }

  statusOf(commit: string, context: string): CommitStatus | undefined {
    return this.statuses.get(`${commit} ${context}`);
  }

  async readIssue(ref: IssueRef): Promise<IssueReading> {
    const found = this.issues.get(issueKey(ref));
    return found ? { kind: 'found', issue: found.issue } : { kind: 'gone' };
  }

  async assignedIssues(): Promise<readonly IssueRef[]> {
    return [...this.issues.values()]
      .filter(({ issue, isAssigned }) => isAssigned && issue.state === 'open')
      .map(({ issue }) => issue.ref);
  }

  async ensureComment(ref: IssueRef, marker: string, body: string): Promise<void> {
    this.comments.set(`${issueKey(ref)} ${marker}`, body);
  }

  async ensureStateLabel(ref: IssueRef, label: string | null): Promise<void> {
    if (label === null) this.labels.delete(issueKey(ref));
    else this.labels.set(issueKey(ref), label);
  }

  async ensurePullRequest(ref: IssueRef, draft: PullRequestDraft): Promise<PullRequestLink> {
    const key = `${ref.owner}/${ref.repo} ${draft.headBranch} ${draft.baseBranch}`;
    const number = this.pullRequests.get(key)?.number ?? this.pullRequests.size + 1_001;
    const link = { number, url: `memory:${ref.owner}/${ref.repo}/pulls/${number}` };
    this.pullRequests.set(key, link);
    return link;
  }

  async ensureCommitStatus(_ref: IssueRef, commit: string, status: CommitStatus): Promise<void> {
    this.statuses.set(`${commit} ${status.context}`, status);
  }
}
