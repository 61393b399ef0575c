import { RunFailedError } from '../orchestration.errors.js';
import type { IssueReading, IssueTracker, PullRequestLink } from './issue-tracker.port.js';

/**
 * An IssueTracker that can be neither asked nor written to, so that issues are believed as deliveries show them. The
 * default: whoever has a tracker gives it.
 */
export class BlindIssueTracker implements IssueTracker {
  readonly canWrite = false;

  async readIssue(): Promise<IssueReading> {
    return { kind: 'unknown' };
  }

  async assignedIssues(): Promise<null> {
    return null;
  }

  async ensureComment(): Promise<null> {
    return null;
  }

  async remarksAfter(): Promise<null> {
    return null;
  }

  async ensureStateLabel(): Promise<void> {}

  /** @throws {RunFailedError} always: `canWrite` said so */
  async ensurePullRequest(): Promise<PullRequestLink> {
    throw new RunFailedError('publication', true, 'There is no issue tracker to open a pull request at');
  }

  async ensureCommitStatus(): Promise<void> {}
}
