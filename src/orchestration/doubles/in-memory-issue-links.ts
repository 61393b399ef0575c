import { issueKey } from '../../kernel/index.js';
import type { InMemoryIssueTracker } from './in-memory-issue-tracker.js';
import type { IssueLink, IssueLinks, LinkOutcome } from '../ports/issue-links.port.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';

/** IssueLinks between the issues of an InMemoryIssueTracker. Refuses what Gitea does: circles of two, and unknown issues. */
export class InMemoryIssueLinks implements IssueLinks {
  readonly canLink: boolean = true;

  constructor(private readonly tracker: InMemoryIssueTracker) {}

  async ensureLink({ blocker, blocked }: IssueLink): Promise<LinkOutcome> {
    const [first, second] = await Promise.all([this.find(blocker), this.find(blocked)]);
    if (!first || !second) return { kind: 'refused', why: 'There is no such issue.' };
    if (hasBlocker(second, blocker)) return { kind: 'done' };
    if (hasBlocker(first, blocked)) return { kind: 'refused', why: 'Each would wait for the other.' };
    const isFinished = first.state === 'closed';
    this.tracker.put({ ...second, blockedBy: [...second.blockedBy, { issue: blocker, isFinished }] });
    this.tracker.put({ ...first, blocks: [...first.blocks, blocked] });
    return { kind: 'done' };
  }

  async ensureNoLink({ blocker, blocked }: IssueLink): Promise<LinkOutcome> {
    const [first, second] = await Promise.all([this.find(blocker), this.find(blocked)]);
    const others = second?.blockedBy.filter(({ issue }) => issueKey(issue) !== issueKey(blocker)) ?? [];
    const rest = first?.blocks.filter((ref) => issueKey(ref) !== issueKey(blocked)) ?? [];
    if (second) this.tracker.put({ ...second, blockedBy: others });
    if (first) this.tracker.put({ ...first, blocks: rest });
    return { kind: 'done' };
  }

  private async find(ref: IssueLink['blocker']): Promise<TrackedIssue | null> {
    const reading = await this.tracker.readIssue(ref);
    return reading.kind === 'found' ? reading.issue : null;
  }
}

function hasBlocker({ blockedBy }: TrackedIssue, ref: IssueLink['blocker']): boolean {
  return blockedBy.some(({ issue }) => issueKey(issue) === issueKey(ref));
}
