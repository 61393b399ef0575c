import { expect, it } from '@jest/globals';

import { describeIssueLinks } from '../../../test/contracts/issue-links.contract.js';
import { anIssue } from '../../../test/support/start-orchestration.js';
import { InMemoryIssueLinks } from './in-memory-issue-links.js';
import { InMemoryIssueTracker } from './in-memory-issue-tracker.js';
import { NO_ISSUE_LINKS } from '../ports/issue-links.port.js';

describeIssueLinks('InMemoryIssueLinks', async () => {
  const tracker = new InMemoryIssueTracker();
  let count = 0;
  const open = (repo: string, title: string) => {
    count += 1;
    const ref = { owner: 'acme', repo, number: count };
    tracker.put(anIssue({ ref, title }));
    return ref;
  };
  return {
    links: new InMemoryIssueLinks(tracker),
    openIssue: (title) => open('tools', title),
    openIssueElsewhere: (title) => open('toys', title),
    blockersOf: async (ref) => {
      const reading = await tracker.readIssue(ref);
      return reading.kind === 'found' ? reading.issue.blockedBy.map(({ issue }) => issue) : [];
    },
    end: () => Promise.resolve(),
  };
});

it('without a tracker no link is written or taken away', async () => {
  expect(NO_ISSUE_LINKS.canLink).toBe(false);
  const link = { blocker: anIssue().ref, blocked: anIssue().ref };
  expect(await NO_ISSUE_LINKS.ensureLink(link)).toMatchObject({ kind: 'refused' });
  expect(await NO_ISSUE_LINKS.ensureNoLink(link)).toMatchObject({ kind: 'refused' });
});
