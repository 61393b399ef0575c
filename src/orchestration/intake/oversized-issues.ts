import { Inject, Injectable, Logger } from '@nestjs/common';

import { formatIssueRef, issueKey, type IssueRef } from '../../kernel/index.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

const MARKER = 'too-large';
const TOO_LARGE =
  'This issue is more than is read of an issue, so nothing is done about it, work on it stops, and what waits for it goes on waiting. ' +
  'Shorten its text, or attach what is long as a file.';
const READ_AGAIN = 'This issue was more than is read of an issue. It is read again.';

/** Tells people of issues that are too large to be read: once on each of them, and once in the log. */
@Injectable()
export class OversizedIssues {
  private readonly logger = new Logger(OversizedIssues.name);
  private readonly told = new Set<string>();

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** Notes whether an issue was too large when it was looked at. */
  async note(ref: IssueRef, isTooLarge: boolean): Promise<void> {
    const key = issueKey(ref);
    if (this.told.has(key) === isTooLarge) return;
    if (isTooLarge) this.logger.error('Issue too large to be read', { issue: formatIssueRef(ref) });
    await this.options.tracker.ensureComment(ref, MARKER, isTooLarge ? TOO_LARGE : READ_AGAIN);
    if (isTooLarge) this.told.add(key);
    else this.told.delete(key);
  }
}
