import { createHash } from 'node:crypto';

import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import type { JobDetails } from '../job-details.js';

/** An issue as it is at this moment. */
export interface PresentIssue {
  readonly issue: TrackedIssue;
  /** When it was last changed, as the delivery said; empty when that is not known. */
  readonly updatedAt: string;
  /** Whether somebody may have commented on it, and so ordered something together with its assignment. */
  readonly isCommented: boolean;
  /** Hash of title and body. */
  readonly textHash: string;
  /** Whether nothing tells who made that text, or that somebody who may has seen it. */
  readonly isPresumed: boolean;
  /** Who made it, and what led to it, as far as deliveries tell; empty where it is what work goes on with. */
  readonly edits: JobDetails['edits'];
  /** Who gave it to the bot last; of a job that knows that, and nothing newer, what it knows. */
  readonly start: Pick<JobDetails, 'startedBy' | 'startEvent' | 'startAt' | 'history'>;
}

/** The same for the same title and body, and for no others. */
export function textHash({ title, body }: Pick<TrackedIssue, 'title' | 'body'>): string {
  return createHash('sha256')
    .update(JSON.stringify([title, body]))
    .digest('hex');
}
