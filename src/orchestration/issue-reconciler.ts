import { createHash } from 'node:crypto';

import { Inject, Injectable } from '@nestjs/common';

import { issueKey, type IssueRef } from '../kernel/index.js';
import { UNSETTLED_STATES, type Job, type JobState } from '../queue/index.js';
import type { IssueSnapshot } from '../webhook/index.js';
import { answerOfPerson, type Answer } from './answer-of-person.js';
import { BlockerResolver } from './blocker-resolver.js';
import { decideIntake, type IntakeDecision, type IssueFact } from './decide-intake.js';
import type { TrackedIssue } from './issue-tracker.port.js';
import { readDetails } from './job-details.js';
import { JobDrafting } from './job-drafting.js';
import { LinkKeeper } from './link-keeper.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';

/** What the newest delivery said about an issue, for where the tracker cannot be asked. */
export interface IssueHint {
  readonly snapshot: IssueSnapshot;
  readonly isDeleted: boolean;
}

/** What is true of an issue. Null in place of the issue: it is gone. */
interface Present {
  readonly issue: TrackedIssue | null;
  readonly updatedAt: string;
}

/**
 * Brings the job of an issue to what the issue is at this moment.
 *
 * It never looks at what an event said happened: the same issue read twice, or read after any mix of events, ends in
 * the same state.
 */
@Injectable()
export class IssueReconciler {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(JobDrafting) private readonly drafting: JobDrafting,
    @Inject(BlockerResolver) private readonly blockers: BlockerResolver,
    @Inject(LinkKeeper) private readonly links: LinkKeeper,
  ) {}

  /** @param hint null when no delivery said anything */
  async reconcile(ref: IssueRef, hint: IssueHint | null): Promise<void> {
    const job = (await this.options.queue.find(issueKey(ref))) ?? null;
    // Before the issue is read: see `answerOfPerson`.
    const stop = job?.state === 'needs_attention' ? (await this.options.runs.progress(job.id)).stop : null;
    const present = await this.readPresent(ref, hint, job);
    if (present === null) return;

    const { issue } = present;
    if (issue !== null) await this.options.queue.settleBlocker(issueKey(ref), issue.state === 'closed');
    const answer =
      issue === null || stop === null ? null : await answerOfPerson(this.options.tracker, ref, issue.labels, stop);
    const fact = { ...this.factOf(issue, job), isAnswered: answer !== null };
    await this.act(decideIntake(fact, await this.stateOf(job, issue)), present, job, answer);
  }

  /** Published work is in review from that moment on: a merge may come before its run has said so. */
  private async stateOf(job: Job | null, issue: TrackedIssue | null): Promise<JobState | null> {
    const isUnsettled = UNSETTLED_STATES.some((state) => state === job?.state);
    if (job === null || !isUnsettled || issue?.state !== 'closed') return job?.state ?? null;
    const { verdict, publishedCommit } = await this.options.runs.progress(job.id);
    return verdict?.passed && verdict.commit === publishedCommit ? 'in_review' : job.state;
  }

  private factOf(issue: TrackedIssue | null, job: Job | null): Omit<IssueFact, 'isAnswered'> {
    const bot = this.options.botName.toLowerCase();
    return {
      isGone: issue === null,
      isOpen: issue?.state === 'open',
      isAssigned: issue?.assignees.some((login) => login.toLowerCase() === bot) ?? false,
      isEdited: issue !== null && job !== null && textHash(issue) !== readDetails(job.details).textHash,
    };
  }

  private async act(
    decision: IntakeDecision,
    { issue, updatedAt }: Present,
    job: Job | null,
    answer: Answer | null,
  ): Promise<void> {
    switch (decision) {
      case 'enqueue':
      case 'reconsider':
      case 'resume':
        if (issue === null) return;
        await this.drafting.enqueue({ issue, updatedAt, textHash: textHash(issue) }, job, answer);
        await this.blockers.tellBlocked(issue.ref);
        return this.links.keep(issue);
      case 'refresh':
        if (issue === null || job === null) return;
        await this.drafting.refresh({ issue, updatedAt, textHash: textHash(issue) }, job);
        await this.blockers.tellBlocked(issue.ref);
        return this.links.keep(issue);
      case 'complete':
      case 'cancel':
        if (job === null) return;
        await this.drafting.date(job, updatedAt);
        await this.options.queue.move({
          jobId: job.id,
          from: job.state,
          to: decision === 'complete' ? 'completed' : 'cancelled',
          reason: this.endingOf(issue),
        });
        return;
      case 'leave':
        return;
    }
  }

  private endingOf(issue: TrackedIssue | null): string {
    if (issue === null) return 'Its issue was deleted, or the bot may not see it any more.';
    return issue.state === 'closed' ? 'Its issue was closed.' : `${this.options.botName} is no longer assigned.`;
  }

  /** The tracker's word, else the newest delivery's. An older delivery than the one acted upon says nothing. */
  private async readPresent(ref: IssueRef, hint: IssueHint | null, job: Job | null): Promise<Present | null> {
    const reading = await this.options.tracker.readIssue(ref);
    const updatedAt = hint?.snapshot.updatedAt ?? '';
    if (reading.kind === 'found') return { issue: reading.issue, updatedAt };
    if (reading.kind === 'gone') return { issue: null, updatedAt };
    if (hint === null || (job !== null && isOlder(updatedAt, readDetails(job.details).issueUpdatedAt))) return null;
    return {
      issue: hint.isDeleted ? null : { ...hint.snapshot, blockedBy: [], hiddenBlockers: 0, blocks: [] },
      updatedAt,
    };
  }
}

function textHash({ title, body }: Pick<TrackedIssue, 'title' | 'body'>): string {
  return createHash('sha256')
    .update(JSON.stringify([title, body]))
    .digest('hex');
}

function isOlder(updatedAt: string, thanThis: string): boolean {
  return Date.parse(updatedAt) < Date.parse(thanThis);
}
