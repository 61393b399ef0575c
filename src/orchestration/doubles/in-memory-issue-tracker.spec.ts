import { describeIssueTracker } from '../../../test/contracts/issue-tracker.contract.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import { InMemoryIssueTracker } from './in-memory-issue-tracker.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';

describeIssueTracker('InMemoryIssueTracker', async () => {
  const tracker = new InMemoryIssueTracker('the-bot');
  const commit = 'c'.repeat(40);
  const issues = new Map<string, TrackedIssue>();
  const change = (ref: IssueRef, given: (issue: TrackedIssue) => Partial<TrackedIssue>): void => {
    const issue = issues.get(issueKey(ref)) as TrackedIssue;
    const changed = { ...issue, ...given(issue) };
    issues.set(issueKey(ref), changed);
    tracker.put(changed);
  };
  return {
    tracker,
    bot: 'the-bot',
    headBranch: 'coordinator/1-a',
    baseBranch: 'main',
    commit,
    openIssue(title, body = '') {
      const ref = { owner: 'acme', repo: 'tools', number: issues.size + 1 };
      const none = { author: 'ann', assignees: [], labels: [], blockedBy: [], hiddenBlockers: 0, blocks: [] };
      const issue = { ref, title, body, state: 'open' as const, ...none, defaultBranch: 'main' };
      issues.set(issueKey(ref), issue);
      tracker.put(issue);
      return ref;
    },
    assign: (ref, assignees) => change(ref, () => ({ assignees })),
    close: (ref) => {
      change(ref, () => ({ state: 'closed' }));
      for (const { ref: blocked } of issues.values()) {
        change(blocked, ({ blockedBy }) => ({
          blockedBy: blockedBy.map((blocker) =>
            issueKey(blocker.issue) === issueKey(ref) ? { ...blocker, isFinished: true } : blocker,
          ),
        }));
      }
    },
    remove: (ref) => tracker.remove(ref),
    addLabel: (ref, label) => change(ref, ({ labels }) => ({ labels: [...labels, label] })),
    block(ref, blocker) {
      change(ref, ({ blockedBy }) => ({ blockedBy: [...blockedBy, { issue: blocker, isFinished: false }] }));
      change(blocker, ({ blocks }) => ({ blocks: [...blocks, ref] }));
    },
    comment: (ref, body, by = 'ann') => tracker.say(ref, body, by),
    comments: (ref) => tracker.comments(ref),
    labels(ref) {
      const label = tracker.labelOf(ref);
      const others = issues.get(issueKey(ref))?.labels ?? [];
      return label === undefined ? others : [...others, label];
    },
    openPullRequests: () =>
      tracker.pullRequests
        .filter(({ isOpen }) => isOpen)
        .map(({ link: { number }, draft: { title, body } }) => ({ number, title, body })),
    closePullRequest(number) {
      for (const pull of tracker.pullRequests) if (pull.link.number === number) pull.isOpen = false;
    },
    statuses: () => tracker.statusesOf(commit),
    end: () => Promise.resolve(),
  };
});
