import { Inject, Injectable } from '@nestjs/common';

import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { DependentJob, Job } from '../../queue/index.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

/** So many issues without a job are followed in one look. A circle further off stays unnamed. */
const MOST_FOLLOWED = 200;

/**
 * Follows the tracker's links of issues that the bot does not work on, from blocker to blocker: a circle can lead
 * through them.
 */
@Injectable()
export class OutsideBlockers {
  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** The open issues without a waiting job that these jobs wait for, directly or not, with what blocks each. */
  async of(jobs: readonly Job[]): Promise<readonly DependentJob[]> {
    const known = new Set(jobs.map(({ id }) => id));
    const found = new Map<string, DependentJob>();
    const toRead = unfinished(jobs);
    // An array yields what is added while it is read: breadth first.
    for (const ref of toRead) {
      const id = issueKey(ref);
      if (known.has(id)) continue;
      if (found.size >= MOST_FOLLOWED) break;
      known.add(id);
      const reading = await this.options.tracker.readIssue(ref);
      if (reading.kind !== 'found' || reading.issue.state === 'closed') continue;
      const node = { id, issue: ref, blockers: reading.issue.blockedBy };
      found.set(id, node);
      toRead.push(...unfinished([node]));
    }
    return [...found.values()];
  }
}

function unfinished(jobs: readonly DependentJob[]): IssueRef[] {
  return jobs.flatMap(({ blockers }) => blockers.filter(({ isFinished }) => !isFinished).map(({ issue }) => issue));
}
