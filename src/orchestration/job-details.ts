import type { CorrectedEstimate } from '../calibration/index.js';
import type { IssueMetadata } from '../parser/index.js';
import { InvalidJobDetailsError } from './orchestration.errors.js';
import type { OwnLink } from './plan-links.js';

/** What a person said on an issue: text from outside. */
export interface Remark {
  /** Login. */
  readonly author: string;
  readonly text: string;
}

/** What intake knows of an issue and a run needs: kept with the job, opaque to the queue. */
export interface JobDetails {
  /** The issue's text as it was parsed. */
  readonly body: string;
  readonly metadata: IssueMetadata;
  /** The estimate that the profile was chosen by, where calibration made another of it, and why; else null. */
  readonly correction: CorrectedEstimate | null;
  /** Where pull requests go; null for the repository's default branch. */
  readonly baseBranch: string | null;
  /** What people said on the issue after runs had ended with the job in need of them, oldest first; bounded. */
  readonly remarks: readonly Remark[];
  /** Hash of the text, to see that it was edited. */
  readonly textHash: string;
  /** Gitea's `updated_at` of what was acted upon, so that an old delivery changes nothing; empty when not known. */
  readonly issueUpdatedAt: string;
  /** The tracker's links that were written because the issue's text names them. */
  readonly links: readonly OwnLink[];
}

/** The form the queue stores. */
export function storeDetails(details: JobDetails): Readonly<Record<string, unknown>> {
  return { ...details };
}

/**
 * Reads what `storeDetails` gave. Only its outline is checked: nobody but this program writes it.
 *
 * @throws {InvalidJobDetailsError} if it is something else
 */
export function readDetails(stored: Readonly<Record<string, unknown>>): JobDetails {
  const details = stored as Partial<JobDetails>;
  if (typeof details.body !== 'string' || typeof details.metadata !== 'object') {
    throw new InvalidJobDetailsError('A job was stored without the text of its issue. Edit the issue to store it anew');
  }
  return { correction: null, remarks: [], links: [], ...details } as JobDetails;
}
