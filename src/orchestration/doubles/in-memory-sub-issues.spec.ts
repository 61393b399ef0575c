import { expect, it } from '@jest/globals';

import { describeSubIssues } from '../../../test/contracts/sub-issues.contract.js';
import { anIssue, ISSUE } from '../../../test/support/start-orchestration.js';
import { InMemoryIssueTracker } from './in-memory-issue-tracker.js';
import { InMemorySubIssues } from './in-memory-sub-issues.js';

describeSubIssues('InMemorySubIssues', async () => {
  const tracker = new InMemoryIssueTracker();
  return {
    subIssues: new InMemorySubIssues(tracker),
    openIssue: (title) => {
      tracker.put(anIssue({ title }));
      return ISSUE;
    },
    see: async (ref) => {
      const reading = await tracker.readIssue(ref);
      return reading.kind === 'found' ? reading.issue : anIssue();
    },
    end: () => Promise.resolve(),
  };
});

it('InMemorySubIssues fails to label what is not there', async () => {
  const subIssues = new InMemorySubIssues(new InMemoryIssueTracker());

  await expect(subIssues.ensureLabel(ISSUE, 'epic', true)).rejects.toThrow('There is no issue acme/tools#7');
});
