import { issueKey, repositoryKey, type IssueRef } from '../../kernel/index.js';
import type { InMemoryIssueTracker } from './in-memory-issue-tracker.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import type { SubIssueDraft, SubIssues } from '../ports/sub-issues.port.js';

/** Far from any issue's that somebody put there. */
const FIRST_NUMBER = 501;

/** SubIssues among the issues of an InMemoryIssueTracker. */
export class InMemorySubIssues implements SubIssues {
  readonly canOpen: boolean = true;
  private readonly opened = new Map<string, IssueRef>();

  /** @param botName who opens them */
  constructor(
    private readonly tracker: InMemoryIssueTracker,
    private readonly botName = 'mosaic',
  ) {}

  /** What was opened, oldest first. */
  get all(): readonly IssueRef[] {
    return [...this.opened.values()];
  }

  async ensureSubIssue(parent: IssueRef, marker: string, draft: SubIssueDraft): Promise<IssueRef> {
    const key = `${repositoryKey(parent)} ${marker}`;
    const known = this.opened.get(key);
    if (known) return known;
    const ref = { ...parent, number: FIRST_NUMBER + this.opened.size };
    this.opened.set(key, ref);
    this.tracker.put({
      ref,
      title: draft.title,
      body: `${draft.body.trimEnd()}\n\n<!-- mosaic:${marker} -->`,
      author: this.botName,
      state: 'open',
      assignees: [],
      labels: [],
      blockedBy: [],
      hiddenBlockers: 0,
      blocks: [],
      defaultBranch: 'main',
    } satisfies TrackedIssue);
    return ref;
  }

  async ensureLabel(ref: IssueRef, name: string, isWanted: boolean): Promise<void> {
    const reading = await this.tracker.readIssue(ref);
    if (reading.kind !== 'found') throw new Error(`There is no issue ${issueKey(ref)}`);
    const others = reading.issue.labels.filter((label) => label !== name);
    this.tracker.put({ ...reading.issue, labels: isWanted ? [...others, name] : others });
  }
}
