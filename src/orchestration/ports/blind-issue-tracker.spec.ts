import { describe, expect, it } from '@jest/globals';

import { BlindIssueTracker } from './blind-issue-tracker.js';
import { resolveOrchestrationOptions } from '../index.js';

describe('BlindIssueTracker', () => {
  it('knows nothing, and does nothing without a word', async () => {
    const tracker = new BlindIssueTracker();

    expect(tracker.canWrite).toBe(false);
    expect([await tracker.readIssue(), await tracker.assignedIssues()]).toEqual([{ kind: 'unknown' }, null]);
    await expect(
      Promise.all([tracker.ensureComment(), tracker.ensureStateLabel(), tracker.ensureCommitStatus()]),
    ).resolves.toBeDefined();
  });

  it('cannot open a pull request', async () => {
    await expect(new BlindIssueTracker().ensurePullRequest()).rejects.toMatchObject({ code: 'RUN_FAILED' });
  });

  it('is the default, so that without a tracker deliveries are believed', () => {
    expect(resolveOrchestrationOptions({}).tracker).toBeInstanceOf(BlindIssueTracker);
  });
});
