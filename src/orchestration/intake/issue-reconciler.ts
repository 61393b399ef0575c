import { Inject, Injectable } from '@nestjs/common';

import { isSameLogin, issueKey, type IssueRef } from '../../kernel/index.js';
import { UNSETTLED_STATES, type Job, type JobState } from '../../queue/index.js';
import { answerOfPerson, type Answer } from '../commands/answer-of-person.js';
import { BlockerResolver } from '../dependencies/blocker-resolver.js';
import { CommandDesk } from '../commands/command-desk.js';
import { decideIntake, type IntakeDecision, type IssueFact } from './decide-intake.js';
import { Halting } from './halting.js';
import { IssueFacts, isWanted, type FactsOfIssue, type Sight } from './issue-facts.js';
import type { IssueHint } from './issue-hint.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { readDetails } from '../job-details.js';
import { JobDrafting } from './job-drafting.js';
import { LinkKeeper } from '../dependencies/link-keeper.js';
import { OversizedIssues } from './oversized-issues.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { textHash, type PresentIssue } from './present-issue.js';
import { PullRequestWatch } from '../reviews/pull-request-watch.js';
import type { Stop } from '../ports/run-store.port.js';
import { whoEnded, whoLed } from './who-led.js';

/** What is true of an issue. Null in place of what was seen: it is gone. */
interface Present {
  readonly sight: Sight | null;
  readonly updatedAt: string;
}

const UNREAD = 'Its issue is more than is read of an issue. Shorten it, then say so on the issue, and work goes on.';

/** An issue that is gone. */
const GONE: Omit<IssueFact, 'isAnswered'> = {
  isGone: true,
  isOpen: false,
  isAssigned: false,
  start: 'unknown',
  mayStart: false,
  isEdited: false,
  mayEdit: false,
  halt: null,
  order: null,
};

/**
 * Brings the job of an issue to what the issue is at this moment.
 *
 * It never looks at what an event said happened: the same issue read twice, or read after any mix of events, ends in
 * the same state. What only an event tells, such as who edited the text, decides nothing but who may.
 */
@Injectable()
export class IssueReconciler {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(JobDrafting) private readonly drafting: JobDrafting,
    @Inject(BlockerResolver) private readonly blockers: BlockerResolver,
    @Inject(CommandDesk) private readonly commands: CommandDesk,
    @Inject(IssueFacts) private readonly facts: IssueFacts,
    @Inject(Halting) private readonly halting: Halting,
    @Inject(PullRequestWatch) private readonly pullRequests: PullRequestWatch,
    @Inject(LinkKeeper) private readonly links: LinkKeeper,
    @Inject(OversizedIssues) private readonly oversized: OversizedIssues,
  ) {}

  /**
   * Returns what was done.
   *
   * @param hint null when no delivery said anything
   */
  async reconcile(ref: IssueRef, hint: IssueHint | null): Promise<IntakeDecision> {
    const held = (await this.options.queue.find(issueKey(ref))) ?? null;
    // Before the issue is read: see `answerOfPerson`.
    const stop = held?.state === 'needs_attention' ? (await this.options.runs.progress(held.id)).stop : null;
    const present = await this.readPresent(ref, hint, held);
    if (present === null) return 'leave';

    const { sight, updatedAt } = present;
    if (sight === null) {
      const decision = decideIntake({ ...GONE, isAnswered: false }, await this.stateOf(held, null));
      if (held !== null) await this.end(decision, held, updatedAt, null, hint);
      return decision;
    }
    const { issue } = sight;
    await this.blockers.settle(issue);
    if (held !== null && (await this.isCompleted(held, issue, updatedAt))) {
      // Somebody may have given it to the bot anew.
      const next = await this.reconcile(ref, hint);
      return next === 'leave' ? 'complete' : next;
    }
    const job =
      held === null ? null : await this.attend(held, isWanted(issue, this.options.botName), seenBy(hint, issue));
    const state = await this.stateOf(job, issue);
    const answer = await this.answerOf(job, issue, stop);
    const facts = await this.facts.of(sight, job);
    if (job !== null && (await this.isDone(job, facts, hint))) return 'leave';
    const decision = decideIntake({ ...facts.fact, isAnswered: answer !== null }, state);
    await this.act(decision, facts, job, answer, hint);
    return held === null && (await this.attendMade(facts.present, hint)) ? this.reconcile(ref, hint) : decision;
  }

  /**
   * Completes a job whose pull request was merged, whatever it is at: nobody works any more on what is done. What the bot
   * was taken off is cancelled in any case.
   */
  private async isCompleted(held: Job, issue: TrackedIssue, updatedAt: string): Promise<boolean> {
    const isTakenOff = issue.state === 'open' && !isWanted(issue, this.options.botName);
    if (isTakenOff || !(await this.pullRequests.completeMerged(held))) return false;
    await this.drafting.close(await this.options.queue.require(held.issue), updatedAt);
    return true;
  }

  /**
   * Carries out what was ordered with the assignment that a job has just been made of, and lets it be claimed: the
   * deliveries of both are settled together. Returns whether it is to be looked at once more: a fresh start was ordered,
   * or it could not be let.
   */
  private async attendMade(present: PresentIssue, hint: IssueHint | null): Promise<boolean> {
    const { issue } = present;
    // Whose agent waits for this. What is said only now is read at the next look.
    if (!present.isCommented) return false;
    const made = await this.options.queue.find(issueKey(issue.ref));
    if (made === undefined) return false;
    await this.attend(made, true, seenBy(hint, issue));
    const { isUnfinished, orders } = await this.drafting.settle(issue);
    return isUnfinished || orders.retry !== null;
  }

  /** Reads what people order, on the issue and on the pull request that its job follows. */
  private async attend(held: Job, isWanted: boolean, hasSeenText: (login: string) => boolean): Promise<Job> {
    try {
      const job = await this.commands.attend(held, { on: held.issue, isWanted, hasSeenText });
      const pull = await this.pullRequests.followed(job);
      return pull === null ? job : await this.commands.attend(job, { on: pull, isWanted, hasSeenText });
    } catch (error) {
      // Comments that cannot be read, as where there are too many, must not keep a run from being ended.
      if (isWanted || held.state === 'cancelled') throw error;
      return this.options.queue.require(held.issue);
    }
  }

  private async answerOf(job: Job | null, issue: TrackedIssue, stop: Stop | null): Promise<Answer | null> {
    const retry = job === null ? null : readDetails(job.details).orders.retry;
    if (retry !== null) return { remarks: retry.remarks, orderedBy: retry.by, unlabelledBy: null };
    if (stop === null || job?.state !== 'needs_attention') return null;
    const { answer, readTo } = await answerOfPerson(this.options, issue.ref, issue.labels, stop);
    // What nobody said who may steer the work is not read again. Before the label is shown, that is noted with the stop.
    if (answer === null && readTo !== null && readTo.id !== stop.lastRemark && stop.isLabelled) {
      const read = { ...stop, lastRemark: readTo.id, lastRemarkAt: readTo.at };
      await this.options.runs.note(job.id, { stop: read });
    }
    return answer;
  }

  /** Published work is in review from that moment on: its issue may be closed before its run has said so. */
  private async stateOf(job: Job | null, issue: TrackedIssue | null): Promise<JobState | null> {
    const isUnsettled = UNSETTLED_STATES.some((state) => state === job?.state);
    if (job === null || !isUnsettled || issue?.state !== 'closed') return job?.state ?? null;
    const { verdict, publishedCommit } = await this.options.runs.progress(job.id);
    return verdict?.passed === true && verdict.commit === publishedCommit ? 'in_review' : job.state;
  }

  /** Merged work is done, though its issue is open: where nothing tells that somebody gave it to the bot since. */
  private async isDone(job: Job, { fact }: FactsOfIssue, hint: IssueHint | null): Promise<boolean> {
    const isToldAnew = fact.start !== 'unknown' || (hint !== null && hint.start !== null);
    return job.state === 'completed' && !isToldAnew && this.pullRequests.isMerged(job);
  }

  private async act(
    decision: IntakeDecision,
    facts: FactsOfIssue,
    job: Job | null,
    answer: Answer | null,
    hint: IssueHint | null,
  ): Promise<void> {
    const { present, starter, editor } = facts;
    const by = whoLed(decision, facts, answer, hint);
    const { issue, updatedAt } = present;
    switch (decision) {
      case 'enqueue':
      case 'reconsider':
      case 'resume':
        await this.drafting.enqueue(present, job, answer, by);
        if (job !== null && readDetails(job.details).halt !== null) await this.halting.thank(present);
        return this.tellOthers(issue);
      case 'revise':
        if (job === null) return;
        await this.drafting.revise(present, job, by);
        return this.tellOthers(issue);
      case 'refresh':
        if (job === null || (await this.pullRequests.review(job))) return;
        await this.drafting.refresh(present, job);
        return this.tellOthers(issue);
      case 'refuse-start':
        if (starter !== null) await this.refuse('start', present, job, starter);
        return;
      case 'refuse-edit':
        if (editor !== null) await this.refuse('edit', present, job, editor);
        return;
      case 'complete':
      case 'cancel':
        return job === null ? undefined : this.end(decision, job, updatedAt, issue, hint);
      case 'leave':
        return job === null ? undefined : this.leave(facts, job);
    }
  }

  /** What waits for a word is new work: what was merged before must not count as its end. */
  private async refuse(...given: Parameters<Halting['refuse']>): Promise<void> {
    const [, , job] = given;
    const isOver = job?.state === 'completed' || job?.state === 'cancelled';
    if (job !== null && isOver && (await this.pullRequests.isMerged(job))) {
      await this.options.runs.note(job.id, { pullRequest: null });
    }
    await this.halting.refuse(...given);
  }

  private async tellOthers(issue: TrackedIssue): Promise<void> {
    await this.blockers.tellBlocked(issue.ref);
    await this.links.keep(issue);
  }

  /** What was refused is still asked for, where that was cut off. */
  private async leave({ present, fact }: FactsOfIssue, held: Job): Promise<void> {
    const isGoingOn = fact.isOpen && fact.isAssigned && held.state !== 'completed' && held.state !== 'cancelled';
    const job = isGoingOn ? await this.halting.remember(present, held) : held;
    const { halt } = readDetails(job.details);
    if (halt !== null && job.state === 'needs_attention') return this.halting.ask(present, halt);
    // Only a delivery tells that whoever edited it may, and it is settled by now.
    if (fact.order === 'pause' && fact.isEdited && fact.mayEdit) return this.drafting.confirmText(present, job);
    if (fact.isOpen && fact.isAssigned) await this.drafting.noteStart(present, job);
    await this.pullRequests.review(job);
  }

  private async end(
    decision: IntakeDecision,
    job: Job,
    updatedAt: string,
    issue: TrackedIssue | null,
    hint: IssueHint | null,
  ): Promise<void> {
    if (decision !== 'complete' && decision !== 'cancel') return;
    await this.drafting.close(job, updatedAt);
    await this.options.queue.move({
      jobId: job.id,
      from: job.state,
      to: decision === 'complete' ? 'completed' : 'cancelled',
      reason: this.endingOf(issue),
      by: whoEnded(hint, this.options.botName),
      // To the queue a completed job no longer blocks; its repository may think otherwise.
      stillBlocks: issue !== null && !(await this.blockers.settle(issue)),
    });
  }

  private endingOf(issue: TrackedIssue | null): string {
    if (issue === null) return 'Its issue was deleted, or the bot may not see it any more.';
    return issue.state === 'closed' ? 'Its issue was closed.' : `${this.options.botName} is no longer assigned.`;
  }

  /** Nobody can say that the bot is still assigned, nor take it off: no agent works then. */
  private async stopUnread({ id: jobId, state: from }: Job): Promise<void> {
    if (from !== 'running' && from !== 'pending' && from !== 'available' && from !== 'retryable') return;
    const { runs, queue } = this.options;
    await runs.note(jobId, { stop: { lastRemark: null, isLabelled: false } });
    await queue.move({ jobId, from, to: 'needs_attention', reason: UNREAD });
  }

  /** The tracker's word, else the newest delivery's. An older delivery than the one acted upon says nothing. */
  private async readPresent(ref: IssueRef, hint: IssueHint | null, job: Job | null): Promise<Present | null> {
    const reading = await this.options.tracker.readIssue(ref);
    const updatedAt = hint?.snapshot.updatedAt ?? '';
    await this.oversized.note(ref, reading.kind === 'too-large');
    // What is there and cannot be read is not gone, and what a delivery showed of it is not what it is.
    if (reading.kind === 'too-large') {
      if (job !== null) await this.stopUnread(job);
      return null;
    }
    if (reading.kind === 'found') {
      const { issue, hasComments } = reading;
      return { sight: { issue, updatedAt, isRead: true, hasComments, hint }, updatedAt };
    }
    if (reading.kind === 'gone') return { sight: null, updatedAt };
    if (hint === null || (job !== null && isOlder(updatedAt, readDetails(job.details).issueUpdatedAt))) return null;
    const issue = { ...hint.snapshot, author: null, blockedBy: [], hiddenBlockers: 0, blocks: [] };
    return { sight: hint.isDeleted ? null : { issue, updatedAt, isRead: false, hasComments: true, hint }, updatedAt };
  }
}

/** Whether somebody saw the text as it is now when they commented, as far as a delivery tells. */
function seenBy(hint: IssueHint | null, issue: TrackedIssue): (login: string) => boolean {
  const hash = textHash(issue);
  return (login) => {
    const seen = hint?.comments.filter(({ by }) => isSameLogin(by, login)) ?? [];
    return seen.length === 0 || seen.some((comment) => comment.textHash === hash);
  };
}

function isOlder(updatedAt: string, thanThis: string): boolean {
  return Date.parse(updatedAt) < Date.parse(thanThis);
}
