import { Inject, Injectable } from '@nestjs/common';

import { issueKey, messageOf, type IssueRef } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';
import { readDetails, storeDetails } from '../job-details.js';
import type { WriteBackFailed } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { Notice, NoticeMarker } from '../ports/notice.types.js';
import { settledComment } from './intake-comments.js';

/**
 * Brings comments of intake that are not so any more up to date: each is edited once, in place, and none is made. What
 * cannot be written is tried again at the next look at the issue.
 */
@Injectable()
export class Notices {
  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** Call it after each look at the issue, and not while another looks at it. */
  async settle(ref: IssueRef): Promise<void> {
    const { queue } = this.options;
    const job = await queue.find(issueKey(ref));
    if (job === undefined) return;
    const over = readDetails(job.details).notices.filter((notice) => isOver(notice, job));
    if (over.length === 0) return;
    const settled: NoticeMarker[] = [];
    for (const { marker } of over) if (await this.edit(ref, marker)) settled.push(marker);
    if (settled.length === 0) return;
    const present = await queue.require(ref);
    const details = readDetails(present.details);
    const notices = details.notices.filter(({ marker }) => !settled.includes(marker));
    await queue.enqueue({ ...present, details: storeDetails({ ...details, notices }) }, present.reason);
  }

  private async edit(issue: IssueRef, marker: NoticeMarker): Promise<boolean> {
    const { tracker, bus } = this.options;
    try {
      await tracker.ensureComment(issue, marker, settledComment(marker), 'standing');
      return true;
    } catch (error) {
      // On an issue that was deleted there is nothing to edit, and there never will be.
      if (await this.isGone(issue)) return true;
      const reason = messageOf(error);
      bus.publish({ type: 'orchestration.write-back-failed', issue, reason } satisfies WriteBackFailed);
      return false;
    }
  }

  private isGone(issue: IssueRef): Promise<boolean> {
    return this.options.tracker.readIssue(issue).then(
      ({ kind }) => kind === 'gone',
      () => false,
    );
  }
}

/** Nobody needs to do anything about work that is over. That it began on a guess stays true. */
function isOver({ marker, isSo }: Notice, { state }: Job): boolean {
  return !isSo || (marker !== 'guess' && (state === 'completed' || state === 'cancelled'));
}

/** What is to be remembered of an issue's comments where these are what is so now. */
export function noticesAfter(before: readonly Notice[], now: readonly NoticeMarker[]): readonly Notice[] {
  const over = before.filter(({ marker }) => !now.includes(marker)).map(({ marker }) => ({ marker, isSo: false }));
  return [...over, ...now.map((marker) => ({ marker, isSo: true }))];
}
