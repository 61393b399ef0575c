import { Inject, Injectable } from '@nestjs/common';

import { issueKey, messageOf, type IssueRef } from '../../kernel/index.js';
import type { IssueLink, LinkOutcome } from '../ports/issue-links.port.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails, storeDetails } from '../job-details.js';
import type { LinkChanged, WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { linkKey, planLinks, type OwnLink } from './plan-links.js';

/** How long a link that the tracker refused is not asked for again. */
const REFUSED_FOR_MS = 3_600_000;

/**
 * Writes the dependencies that an issue's text names into the tracker as its own links, and takes those of ours away
 * that the text no longer names.
 *
 * What is ours is remembered with the job before it is written, so that a link a person made is never removed. A tracker
 * that fails holds up nothing: the dependency counts by the text, and the link is tried again when the issue is next read.
 */
@Injectable()
export class LinkKeeper {
  /** By link, until when in monotonic time. */
  private readonly refused = new Map<string, number>();

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** @param issue as the tracker had it a moment ago, with its links */
  async keep(issue: TrackedIssue): Promise<void> {
    const { links, queue, linksOtherRepositories } = this.options;
    if (!links.canLink) return;
    const job = await queue.find(issueKey(issue.ref));
    if (job === undefined) return;
    const { metadata, links: before } = readDetails(job.details);
    const plan = planLinks(issue, metadata, before, linksOtherRepositories);
    // A refused link must not be taken for ours once a person makes it.
    const planned = plan.own.filter((link) => link.isWritten || !this.isRefused(link));
    await this.remember(issue.ref, before, planned);

    const outcomes = new Map<string, LinkOutcome | null>();
    for (const link of plan.toRemove) outcomes.set(linkKey(link), await this.write(issue.ref, link, 'remove'));
    for (const link of plan.toAdd.filter((one) => !this.isRefused(one))) {
      outcomes.set(linkKey(link), await this.write(issue.ref, link, 'add'));
    }
    const own = planned.flatMap((link): OwnLink[] => {
      const outcome = outcomes.get(linkKey(link));
      const isRemoved = plan.toRemove.some((removed) => linkKey(removed) === linkKey(link));
      if (!outcome) return [link];
      // One that cannot be taken away counts as somebody's from here on.
      return isRemoved || outcome.kind === 'refused' ? [] : [{ ...link, isWritten: true }];
    });
    await this.remember(issue.ref, planned, own);
  }

  private isRefused(link: IssueLink): boolean {
    return (this.refused.get(linkKey(link)) ?? -Infinity) > this.options.clock.monotonic();
  }

  /** Null where it is to be tried again. */
  private async write(issue: IssueRef, link: IssueLink, change: 'add' | 'remove'): Promise<LinkOutcome | null> {
    const { links, bus, clock } = this.options;
    const { blocker, blocked } = link;
    try {
      const outcome = await (change === 'add' ? links.ensureLink(link) : links.ensureNoLink(link));
      const reason = outcome.kind === 'refused' ? outcome.why : null;
      bus.publish({
        type: 'orchestration.link-changed',
        issue,
        blocker,
        blocked,
        change,
        reason,
      } satisfies LinkChanged);
      if (reason !== null) this.refused.set(linkKey(link), clock.monotonic() + REFUSED_FOR_MS);
      return outcome;
    } catch (error) {
      const reason = messageOf(error);
      bus.publish({ type: 'orchestration.write-back-failed', issue, reason } satisfies WriteBackFailed);
      return null;
    }
  }

  private async remember(issue: IssueRef, before: readonly OwnLink[], own: readonly OwnLink[]): Promise<void> {
    if (JSON.stringify(before) === JSON.stringify(own)) return;
    const { queue } = this.options;
    const job = await queue.require(issue);
    const details = storeDetails({ ...readDetails(job.details), links: own });
    await queue.enqueue({ ...job, details }, job.reason);
  }
}
