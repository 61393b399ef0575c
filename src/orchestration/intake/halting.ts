import { Inject, Injectable } from '@nestjs/common';

import type { Standing } from '../../entitlement/index.js';
import { personNamed, type Job, type JobDraft } from '../../queue/index.js';
import { newDetails, readDetails, storeDetails, type Halt, type HaltCause, type JobDetails } from '../job-details.js';
import type { WorkRefused } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { PresentIssue } from './present-issue.js';
import { priorityOf } from './priority.js';
import { UNREAD_METADATA } from './unread-metadata.js';

/** The marker of the one comment that asks for a confirmation. */
const MARKER = 'confirm';

/**
 * Lets the job of an issue wait until somebody who may start work has confirmed what somebody else did, and asks for
 * that on the issue.
 *
 * Until then no model and no agent is given a word of the issue that was not confirmed: the job keeps the text it has.
 */
@Injectable()
export class Halting {
  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  /** Remembers who made a text that nothing follows from now: no later look can find that out. Returns the job then. */
  async remember({ edits, textHash }: PresentIssue, job: Job): Promise<Job> {
    const details = readDetails(job.details);
    const isDoubted = details.textHash === textHash && edits.some((edit) => edit.textHash === textHash);
    if (!isDoubted && JSON.stringify(edits) === JSON.stringify(details.edits)) return job;
    const pinned = isDoubted ? '' : details.textHash;
    const draft = { ...job, details: storeDetails({ ...details, edits, textHash: pinned }) };
    return (await this.options.queue.enqueue(draft, job.reason)).job;
  }

  /** @param whoever did it, and why that is not enough */
  async refuse(cause: HaltCause, present: PresentIssue, job: Job | null, { person, why }: Standing): Promise<void> {
    const { queue, bus } = this.options;
    const { ref } = present.issue;
    const halt: Halt = { cause, reason: REASONS[cause](why) };
    const { reason } = halt;
    const by = personNamed(person?.login);
    const { job: halted } = await queue.enqueue(haltedDraft(present, job, halt), reason, by);
    const { id: jobId, state } = halted;
    if (isOver(halted)) await queue.move({ jobId, from: state, to: 'available', reason, by });
    if (state !== 'needs_attention') {
      const present = await queue.require(ref);
      await queue.move({ jobId, from: present.state, to: 'needs_attention', reason, by });
    }
    const refused = { issue: ref, cause, by: person?.login ?? null, reason: why };
    bus.publish({ type: 'orchestration.work-refused', ...refused } satisfies WorkRefused);
    await this.ask(present, halt);
  }

  /** Asks on the issue for the confirmation, once. */
  async ask({ issue }: PresentIssue, { reason }: Halt): Promise<void> {
    await this.options.tracker.ensureComment(issue.ref, MARKER, `**Work on this issue waits for a word.** ${reason}`);
  }

  /** Says on the issue that the confirmation came. */
  async thank({ issue }: PresentIssue): Promise<void> {
    await this.options.tracker.ensureComment(
      issue.ref,
      MARKER,
      'Work on this issue waited for a word, which was said.',
    );
  }
}

const CONFIRM = 'Somebody who may start work comments `/mosaic retry`, or unassigns the bot and assigns it again.';
const REASONS: Readonly<Record<HaltCause, (why: string) => string>> = {
  start: (why) => `It was assigned or opened again by somebody who may not start work: ${why} ${CONFIRM}`,
  edit: (why) => `Its text was edited by somebody who may not steer work: ${why} ${CONFIRM}`,
};

/** It has no profile: should anything claim it before it waits, nobody works on it. */
function haltedDraft(present: PresentIssue, job: Job | null, halt: Halt): JobDraft {
  const { issue, start, edits } = present;
  if (job !== null && !isOver(job)) {
    const before = readDetails(job.details);
    // Work went on with the very text that is refused now: then there is none that it may go on with.
    const isDoubted = halt.cause === 'edit' && before.textHash === present.textHash;
    const details = { ...before, textHash: isDoubted ? '' : before.textHash, edits, halt, ...ofRefused(start) };
    return { ...job, profile: '', details: storeDetails(details) };
  }
  const before: Partial<JobDetails> = job === null ? {} : readDetails(job.details);
  const unread = { body: '', metadata: UNREAD_METADATA, correction: null, remarks: [], textHash: '' };
  return {
    issue: issue.ref,
    title: issue.title,
    profile: '',
    priority: priorityOf(issue.labels),
    blockers: [],
    details: storeDetails(newDetails({ ...before, ...unread, edits, halt, ...ofRefused(start) })),
  };
}

/** Whoever started it is not who started the work. */
function ofRefused({ startEvent, startAt, history }: PresentIssue['start']): Partial<JobDetails> {
  return { startEvent, startAt, history };
}

function isOver({ state }: Job): boolean {
  return state === 'completed' || state === 'cancelled';
}
