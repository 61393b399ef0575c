import { Inject, Injectable } from '@nestjs/common';

import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { RepositorySettings } from './repository-settings.js';

/**
 * Decides whether an issue still blocks others: until it is closed, or, where its repository asks for that, until the
 * pull request that the coordinator opened for it is merged.
 */
@Injectable()
export class BlockerEnds {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(RepositorySettings) private readonly settings: RepositorySettings,
  ) {}

  /** @param state of the issue, as the tracker has it */
  async isFinished(ref: IssueRef, state: TrackedIssue['state']): Promise<boolean> {
    const job = await this.options.queue.find(issueKey(ref));
    // Gitea leaves an issue open whose pull request was merged, where something still blocks it.
    if (state === 'open') return job?.state === 'completed' && (await this.isMerged(job)) === true;
    if (job === undefined || (await this.isMerged(job)) !== false) return true;
    return (await this.settings.of(ref)).blockers === 'closed';
  }

  /** A pull request that a text names blocks until it is merged or closed; null where it is none, or nobody can tell. */
  async isPullRequestFinished(ref: IssueRef): Promise<boolean | null> {
    const reading = await this.options.pullRequests.readPullRequest(ref);
    if (reading.kind !== 'found') return null;
    if (reading.pullRequest.state !== 'closed') return reading.pullRequest.state === 'merged';
    return (await this.settings.of(ref)).blockers === 'closed';
  }

  /** Null where the job has no pull request, or nobody can tell. */
  private async isMerged(job: Job): Promise<boolean | null> {
    const { pullRequest } = await this.options.runs.progress(job.id);
    if (pullRequest === null) return null;
    const reading = await this.options.pullRequests.readPullRequest({ ...job.issue, number: pullRequest.number });
    return reading.kind === 'found' ? reading.pullRequest.state === 'merged' : null;
  }
}
