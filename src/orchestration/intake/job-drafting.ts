import { Inject, Injectable } from '@nestjs/common';

import { NoCapableAgentError, assignProfile, splitProposal, type AgentProfile } from '../../agents/index.js';
import type { CorrectedEstimate } from '../../calibration/index.js';
import { confidenceBand, hiddenSentence, seenIssue, type IssueMetadata } from '../../parser/index.js';
import type { Actor, Job, JobDraft, JobState } from '../../queue/index.js';
import { newestRemarks, type Answer } from '../commands/answer-of-person.js';
import { BlockerResolver } from '../dependencies/blocker-resolver.js';
import { EpicKeeper } from '../dependencies/epic-keeper.js';
import { noAgentComment } from '../dependencies/no-agent-comment.js';
import { guessComment, questionsComment } from './intake-comments.js';
import { partsFor, type Unfit } from '../ports/issue-split.types.js';
import type { TrackedIssue } from '../ports/issue-tracker.port.js';
import { newDetails, readDetails, storeDetails, type JobDetails, type Remark } from '../job-details.js';
import { leaveDraft } from '../runs/leave-draft.js';
import type { IssueParsed, ProfileSettled } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { NO_ORDERS, ordersAfterStart } from '../commands/orders.js';
import { noticesAfter } from './notices.js';
import { restartReason, whyBegunAgain } from './restart-reason.js';
import { textHash, type PresentIssue } from './present-issue.js';
import { priorityOf } from './priority.js';
import type { NoticeMarker } from '../ports/notice.types.js';
import { choiceOf } from '../runs/profile-choice.js';
import { NOWHERE, type JobProgress } from '../ports/run-store.port.js';

/** Why a job cannot be queued, and what to say on the issue. */
interface Hold {
  readonly reason: string;
  readonly marker: NoticeMarker;
  readonly comment: string;
}

/** Who does an issue, and what stands in the way. */
interface Assignment {
  readonly profile: AgentProfile | null;
  /** What the profile was chosen by, where that is not the estimate itself. */
  readonly correction: CorrectedEstimate | null;
  readonly hold: Hold | null;
  /** Null where an agent can take it, or its text does not tell. */
  readonly unfit: Unfit | null;
}

/** The states that a job leaves for a fresh start; the others lead to it anyway. */
const LEFT: readonly JobState[] = ['completed', 'cancelled', 'needs_attention', 'in_review', 'running'];

/** Makes a job of an issue: parses its text, picks the profile, finds what blocks it, and queues it or asks for more. */
@Injectable()
export class JobDrafting {
  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(BlockerResolver) private readonly blockers: BlockerResolver,
    @Inject(EpicKeeper) private readonly epics: EpicKeeper,
  ) {}

  /**
   * Queues an issue; a job there was before begins afresh. What is too vague to queue, or too
   * much for every agent, waits for a person, and the issue says so. A new job of a commented issue is not claimed before
   * `settle`.
   *
   * @param job the issue's job, where it has one
   * @param answer what a person did about the job's having been stopped, where that is so
   * @param by whose act led to it; null where nothing tells
   */
  async enqueue(present: PresentIssue, job: Job | null, answer: Answer | null, by: Actor | null): Promise<void> {
    const { issue, isCommented } = present;
    const metadata = await this.options.parser.parse(issue);
    const { profile, correction, hold, unfit } = await this.assign(issue, metadata, job);
    this.options.bus.publish({
      type: 'orchestration.issue-parsed',
      issue: issue.ref,
      metadata,
      profile: profile?.name ?? null,
      correction: correction?.explanation ?? null,
      hiddenText: hiddenSentence(seenIssue(issue).hidden),
    } satisfies IssueParsed);

    const { queue, tracker } = this.options;
    const before = job === null ? null : readDetails(job.details);
    const remarks = newestRemarks(remarksOf(job), answer?.remarks ?? []);
    const begunAgain = whyBegunAgain(job);
    const orders = before === null ? NO_ORDERS : ordersAfterStart(before.orders, job !== null && isOver(job));
    const work = { body: issue.body, metadata, correction, remarks, orders };
    const details = newDetails({ ...before, ...work, begunAgain, isRevised: false, halt: null });
    const isGuess = hold === null && confidenceBand(metadata.confidence) === 'queue-with-warning';
    const said: readonly NoticeMarker[] = hold === null ? (isGuess ? ['guess'] : []) : [hold.marker];
    const notices = noticesAfter(details.notices, said);
    const draft = await this.draft(present, { ...details, notices }, profile?.name ?? '');
    // Cut off before the end, all of this is done again: as edited, or by what has begun a job anew that is over.
    const { startedBy, startEvent } = before ?? details;
    const undone = job !== null && isOver(job) ? { startedBy, startEvent, orders: before?.orders ?? orders } : {};
    const unfinished = { ...draft, details: { ...draft.details, ...undone, isUnfinished: true } };
    const isNew = job === null && hold === null;
    // Of a new one nothing is left to do between the two, and whoever waits for its start waits for one commit less.
    const first = !isNew ? unfinished : isCommented ? { ...unfinished, profile: '' } : draft;
    const { job: drafted } = await queue.enqueue(first, 'Its issue was assigned.', by);
    // Once it runs no more, its run can write nothing about the rounds that are forgotten here.
    if (drafted.state === 'running') await this.restart(drafted, answer, before, by);
    // Only now: what a person said is kept by then, and so is that there is something to do.
    if (job !== null) await this.forget(job);
    const isLeft = drafted.state !== 'running' && LEFT.some((state) => state === drafted.state);
    if (job !== null && isLeft) await this.restart(drafted, answer, before, by);
    if (hold !== null) {
      await this.hold(issue, hold.reason);
      // Before it counts as done: where that fails, people would wait for questions that nobody asked.
      await tracker.ensureComment(issue.ref, hold.marker, hold.comment);
    }
    if (!isNew) await queue.enqueue(draft, 'What blocks it changed.');

    if (isGuess) await tracker.ensureComment(issue.ref, 'guess', guessComment(metadata));
    await this.epics.mark(issue, unfit);
  }

  /**
   * Lets a new job be claimed, as what was ordered with its assignment is carried out: by the profile that was named.
   * Returns the details it has then; still unfinished where it cannot be let.
   */
  async settle(issue: TrackedIssue): Promise<JobDetails> {
    const job = await this.options.queue.require(issue.ref);
    const details = readDetails(job.details);
    const { orders } = details;
    const isLeft = job.state === 'pending' || job.state === 'available';
    // Whatever else became of it was not ordered: it is drafted anew by the next look, as where no profile can take it.
    const isOrdered = orders.pause !== null || orders.cancelledBy !== null;
    if (!details.isUnfinished || (!isLeft && !isOrdered)) return details;
    const { profile } = await this.assign(issue, details.metadata, job);
    if (profile === null) return details;
    const whole = { ...details, isUnfinished: false };
    await this.store({ ...job, profile: profile.name }, whole);
    const settled = { issue: issue.ref, profile: profile.name };
    this.options.bus.publish({ type: 'orchestration.profile-settled', ...settled } satisfies ProfileSettled);
    return whole;
  }

  /**
   * Parses the new text of a job whose work has begun. Where other criteria follow from it the work begins again, with
   * what is in the workspace; else the agent is told the text before it is prompted again.
   *
   * @param by who edited it; null where nothing tells
   */
  async revise(present: PresentIssue, job: Job, by: Actor | null): Promise<void> {
    const { issue, start } = present;
    const before = readDetails(job.details);
    const metadata = await this.options.parser.parse(issue);
    if (before.isUnfinished || !isSameList(before.metadata.acceptanceCriteria, metadata.acceptanceCriteria)) {
      return this.enqueue(present, job, null, by);
    }
    const details = { ...before, ...start, ...textOf(present), body: issue.body, metadata, isRevised: true };
    await this.store({ ...job, title: issue.title }, details);
  }

  /** Brings title, priority and blockers up to date, without asking the parser again. */
  async refresh(present: PresentIssue, job: Job): Promise<void> {
    const details = readDetails(job.details);
    const hold = holdForHiddenBlockers(present.issue);
    const notices = hold === null ? details.notices : noticesAfter(details.notices, [hold.marker]);
    const draft = await this.draft(present, { ...details, notices }, job.profile);
    await this.options.queue.enqueue(draft, 'What blocks it changed.');
    if (hold === null) return;
    await this.hold(present.issue, hold.reason);
    await this.options.tracker.ensureComment(present.issue.ref, hold.marker, hold.comment);
  }

  /** Notes that work may go on with the new text of a paused job, which is parsed when the pause is over. */
  async confirmText(present: PresentIssue, job: Job): Promise<void> {
    const details = readDetails(job.details);
    if (details.textHash === present.textHash) return;
    await this.store(job, { ...details, ...present.start, ...textOf(present), isUnfinished: true });
  }

  /** Notes who gave the issue to the bot, where the job knows of an older act or of none. */
  async noteStart({ start }: PresentIssue, job: Job): Promise<void> {
    const details = readDetails(job.details);
    const isRead = start.history?.readTo.id === details.history?.readTo.id;
    if (start.startEvent !== details.startEvent || !isRead) await this.store(job, { ...details, ...start });
  }

  /**
   * Notes how new the picture is that the job's end follows from, so that an older one cannot revive it, and drops a
   * fresh start that was ordered and not made: it is no word for whoever assigns the issue another day.
   */
  async close(job: Job, updatedAt: string): Promise<void> {
    const details = readDetails(job.details);
    const { issueUpdatedAt, orders } = details;
    const newest = updatedAt === '' ? issueUpdatedAt : updatedAt;
    if (newest === issueUpdatedAt && orders.retry === null) return;
    await this.store(job, { ...details, issueUpdatedAt: newest, orders: { ...orders, retry: null } });
  }

  private async draft(present: PresentIssue, details: JobDetails, profile: string): Promise<JobDraft> {
    const { issue, updatedAt, start } = present;
    return {
      issue: issue.ref,
      title: issue.title,
      profile,
      priority: details.orders.priority ?? priorityOf(issue.labels),
      blockers: await this.blockers.resolve(issue, details.metadata, details.links),
      details: storeDetails({
        ...details,
        ...start,
        ...textOf(present),
        body: issue.body,
        baseBranch: issue.defaultBranch,
        isUnfinished: false,
        issueUpdatedAt: updatedAt,
      }),
    };
  }

  private async store(job: Job, details: JobDetails): Promise<void> {
    await this.options.queue.enqueue({ ...job, details: storeDetails(details) }, job.reason);
  }

  /** A session that knows the old text is not gone on with, nor a workspace on whose base no gates can be run. */
  private async forget(job: Job): Promise<void> {
    const { runs } = this.options;
    const progress = await runs.progress(job.id);
    // A person has mended the gates' definition since, on a newer commit of the base branch.
    if (progress.verdict?.fault === 'definition') await this.dropWorkspace(job, progress);
    // What reviews asked of work that is done by now says nothing of new work.
    const { review } = progress;
    if (review !== null && job.state === 'completed') await runs.note(job.id, { review: { ...review, open: [] } });
    // Whoever goes on all the same has seen what became of it: that must neither stop new work nor count as its end.
    if (await this.isSettled(job, progress)) await runs.note(job.id, { pullRequest: null });
    await runs.resetRounds(job.id);
  }

  /** Whether a person is needed or the work is over, and its pull request is merged, closed or gone. */
  private async isSettled(job: Job, { pullRequest }: JobProgress): Promise<boolean> {
    if ((job.state !== 'needs_attention' && !isOver(job)) || pullRequest === null) return false;
    const reading = await this.options.pullRequests.readPullRequest({ ...job.issue, number: pullRequest.number });
    return reading.kind === 'gone' || (reading.kind === 'found' && reading.pullRequest.state !== 'open');
  }

  /** Unless there is work in it that could not be kept elsewhere. */
  private async dropWorkspace(job: Job, progress: JobProgress): Promise<void> {
    const { workspaces, runs } = this.options;
    const { baseBranch, baseCommit, place } = progress;
    // Out of reach from here: whoever has it drops it when the job comes back to him.
    if (place !== null && place !== (await workspaces.place())) return runs.note(job.id, { place: NOWHERE });
    const workspace = await workspaces.prepare({ issue: job.issue, title: job.title, baseBranch, baseCommit });
    const { isKept } = await leaveDraft(this.options, workspace, job, progress);
    if (isKept) await workspaces.remove(job.issue);
  }

  private async restart(job: Job, answer: Answer | null, before: JobDetails | null, by: Actor | null): Promise<void> {
    const reason = restartReason(job.state, answer, before);
    await this.options.queue.move({ jobId: job.id, from: job.state, to: 'available', reason, by, failures: 0 });
  }

  private async hold(issue: TrackedIssue, reason: string): Promise<void> {
    const job = await this.options.queue.require(issue.ref);
    await this.options.queue.move({ jobId: job.id, from: job.state, to: 'needs_attention', reason });
  }

  private async assign(issue: TrackedIssue, metadata: IssueMetadata, job: Job | null): Promise<Assignment> {
    if (confidenceBand(metadata.confidence) === 'ask') {
      const reason = `Its text says too little: ${metadata.questions.join(' ')}`;
      const hold: Hold = { reason, marker: 'questions', comment: questionsComment(metadata) };
      return { profile: null, correction: null, hold, unfit: null };
    }
    const { profiles } = this.options.registry;
    const estimates = await this.estimates(metadata);
    const estimateFor = ({ name }: AgentProfile): number => estimates.get(name)?.tokens ?? metadata.estimatedTokens;
    try {
      const profile = assignProfile(...choiceOf(metadata, profiles, chosenFor(job)), estimateFor);
      const estimate = estimates.get(profile.name);
      const correction = estimate === undefined || estimate.explanation === null ? null : estimate;
      return { profile, correction, hold: holdForHiddenBlockers(issue), unfit: null };
    } catch (error) {
      if (!(error instanceof NoCapableAgentError)) throw error;
      const unfit = { reasons: error.reasons, proposal: splitProposal(metadata, profiles, estimateFor) };
      const parts = job === null ? null : partsFor(readDetails(job.details).split, textHash(issue));
      const hold: Hold = { reason: error.message, marker: 'no-agent', comment: noAgentComment(unfit, parts) };
      return { profile: null, correction: null, hold, unfit };
    }
  }

  /** By profile, what the work is expected to need with it. */
  private async estimates({ estimatedTokens, difficulty }: IssueMetadata) {
    const { registry, calibration } = this.options;
    const corrected = new Map<string, CorrectedEstimate>();
    // One after the other: each asks the store a little, and all at once would take a connection each.
    for (const { name } of registry.profiles) {
      corrected.set(name, await calibration.correct(estimatedTokens, difficulty, name));
    }
    return corrected;
  }
}

/** What work goes on with from here on. */
function textOf({ textHash, isPresumed }: PresentIssue): Partial<JobDetails> {
  return { textHash, isPresumed, edits: [] };
}

function isOver({ state }: Job): boolean {
  return state === 'completed' || state === 'cancelled';
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((entry, at) => entry === other[at]);
}

/** The profile that a person chose; null for the cheapest that can do it. */
function chosenFor(job: Job | null): string | null {
  return job === null ? null : ordersAfterStart(readDetails(job.details).orders, isOver(job)).profile;
}

/** What was said about work that is over by now says nothing of new work. */
function remarksOf(job: Job | null): readonly Remark[] {
  if (job === null || isOver(job)) return [];
  return readDetails(job.details).remarks;
}

/** A link nobody can follow may lead to open work: no agent starts on the strength of a guess. */
function holdForHiddenBlockers({ hiddenBlockers }: TrackedIssue): Hold | null {
  if (hiddenBlockers === 0) return null;
  const reason =
    `It is blocked by ${hiddenBlockers} issue(s) that the bot may not see. ` +
    'Give the bot access or remove the link, then assign the issue again.';
  return { reason, marker: 'hidden-blockers', comment: reason };
}
