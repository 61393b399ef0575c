import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { issueKey, messageOf, parseIssueRef, type IssueRef } from '../../kernel/index.js';
import { UNSETTLED_STATES, type Job, type JobMoved } from '../../queue/index.js';
import { setGateStatuses } from './gate-statuses.js';
import type {
  ApprovalsChanged,
  DraftKept,
  GatesDecided,
  LeadChanged,
  ProfileSettled,
  SessionCompacted,
  WorkPublished,
  WriteBackFailed,
} from '../orchestration.events.js';
import { endedLately } from '../ended-lately.js';
import { Leading } from '../leading.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import type { Stop } from '../ports/run-store.port.js';
import { readMarkOf } from '../read-mark-of.js';
import { stateLabel, statusComment, type StatusView } from './status-comment.js';
import { statusViewOf } from './status-view.js';
import { hasStory, story, storyMarker } from './story.js';
import { withinGrace } from '../within-grace.js';

/** Further back nobody looks soon, and each costs requests to the tracker. */
const MOST_WAITING = 100;
/** Of those that ended lately, a coordinator that was killed may have left a few unwritten. */
const MOST_ENDED = 20;
const SETTLED_STATES = ['completed', 'cancelled'] as const;

/**
 * Shows people what is going on: one comment and one label on each issue that has a job, brought up to date after
 * every change. It holds nobody up, and what could not be written is tried again at the next `flush`.
 */
@Injectable()
export class StatusWriter implements OnModuleInit {
  /** By job. */
  private readonly outdated = new Map<string, IssueRef>();
  private writing: Promise<void> | null = null;
  /** Whether a job began to wait since circles were last looked for. */
  private mayCloseCircle = false;
  /** By waiting job: what was seen to block it. */
  private blockers: ReadonlyMap<string, string> = new Map();
  /** Jobs that were moved since that was looked at. */
  private readonly moved = new Set<string>();

  /** By job: what stands on its issue, as far as this coordinator knows. */
  private readonly shown = new Map<string, string>();

  /** Whether this coordinator began to lead, and has not looked yet at what the one before left unwritten. */
  private isNew = false;

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(Leading) private readonly leading: Leading,
  ) {}

  onModuleInit(): void {
    const { bus } = this.options;
    bus.subscribe<JobMoved>('queue.job-moved', ({ jobId, issue, to }) => {
      this.mayCloseCircle ||= to === 'pending';
      this.moved.add(jobId);
      this.mark(issue);
    });
    bus.subscribe<ProfileSettled>('orchestration.profile-settled', ({ issue }) => this.mark(issue));
    bus.subscribe<GatesDecided>('orchestration.gates-decided', ({ issue }) => this.mark(issue));
    bus.subscribe<SessionCompacted>('orchestration.session-compacted', ({ issue }) => this.mark(issue));
    bus.subscribe<DraftKept>('orchestration.draft-kept', ({ issue }) => this.mark(issue));
    bus.subscribe<ApprovalsChanged>('orchestration.approvals-changed', ({ issue }) => this.mark(issue));
    bus.subscribe<WorkPublished>('orchestration.work-published', ({ issue }) => this.mark(issue));
    bus.subscribe<LeadChanged>('orchestration.lead-changed', ({ leads }) => {
      this.isNew = leads;
      this.flush();
    });
  }

  /** Shows what another coordinator told of, as soon as this one leads: it may lead, and not be sure of it just now. */
  hear(jobId: string): void {
    this.outdated.set(jobId, parseIssueRef(jobId));
    this.flush();
  }

  /** Jobs of these profiles that wait for their turn show something else from now on. */
  async markWaiting(profiles: readonly string[]): Promise<void> {
    if (profiles.length === 0) return;
    const waiting = await this.options.queue.list({ states: ['available'], limit: MOST_WAITING });
    for (const { issue } of waiting.filter(({ profile }) => profiles.includes(profile))) this.mark(issue);
  }

  /** Shows what nobody told of: what others tell each other may be lost, and the answer of a store that was away too. */
  async catchUp(): Promise<void> {
    const present = new Set<string>();
    for await (const job of this.options.queue.unsettled()) {
      present.add(job.id);
      if (this.shown.get(job.id) !== standOf(job)) this.mark(job.issue);
    }
    for (const id of this.shown.keys()) {
      if (present.has(id)) continue;
      this.shown.delete(id);
      // Its end may be what was not told. One that was is written once more.
      this.mark(parseIssueRef(id));
    }
  }

  /** Begins to write what is out of date, unless it is under way. */
  flush(): void {
    if (this.writing || !this.options.tracker.canWrite || !this.leading.isLeading) return;
    this.writing = this.writeAll().finally(() => {
      this.writing = null;
    });
  }

  /** Resolves when everything was written or tried, or after the grace. */
  async idle(graceMs: number): Promise<void> {
    this.flush();
    await withinGrace(this.writing ?? Promise.resolve(), this.options.clock, graceMs);
  }

  private mark(issue: IssueRef): void {
    if (!this.leading.isLeading) return this.options.signals.tell(issueKey(issue));
    this.outdated.set(issueKey(issue), issue);
    this.flush();
  }

  private async writeAll(): Promise<void> {
    // What fails goes back only after the round, or a tracker that is away would be asked without end.
    const failed: IssueRef[] = [];
    await this.addUnsettled();
    do {
      await this.addCircles();
      await this.addBlocked();
      for (const [jobId, issue] of this.outdated) {
        this.outdated.delete(jobId);
        if (!(await this.write(jobId, issue))) failed.push(issue);
      }
    } while (this.mayCloseCircle || this.moved.size > 0);
    for (const issue of failed) this.outdated.set(issueKey(issue), issue);
  }

  /** A coordinator that was killed, or leads no longer, took with it what it had not written yet. */
  private async addUnsettled(): Promise<void> {
    if (!this.isNew) return;
    // Who loses the lead meanwhile and leads again is new again.
    this.isNew = false;
    try {
      for await (const { id, issue } of this.options.queue.unsettled()) this.outdated.set(id, issue);
      const ended = await endedLately(this.options, SETTLED_STATES, MOST_ENDED);
      for (const { id, issue } of ended) this.outdated.set(id, issue);
    } catch {
      this.isNew = true;
    }
  }

  /** Whoever closes a circle changes what holds up the others in it. */
  private async addCircles(): Promise<void> {
    if (!this.mayCloseCircle) return;
    this.mayCloseCircle = false;
    // Without an answer of the store there is nothing to add: the jobs themselves cannot be read then either.
    const cycles = await this.options.queue.cycles().catch(() => []);
    for (const id of cycles.flatMap(({ members }) => members)) this.outdated.set(id, parseIssueRef(id));
  }

  /** What blocks a waiting job, and what became of it, stands in its comment, though the job itself did not move. */
  private async addBlocked(): Promise<void> {
    const moved = [...this.moved];
    this.moved.clear();
    const waiting = await this.options.queue.list({ states: ['pending'], limit: MOST_WAITING }).catch(() => null);
    if (waiting === null) return;
    const former = this.blockers;
    this.blockers = new Map(waiting.map((job) => [job.id, blockersOf(job)]));
    for (const { id, issue, blockers } of waiting) {
      const isOther = former.has(id) && former.get(id) !== this.blockers.get(id);
      const isByMove = blockers.some((blocker) => moved.includes(issueKey(blocker.issue)));
      if (isOther || isByMove) this.outdated.set(id, issue);
    }
  }

  private async write(jobId: string, issue: IssueRef): Promise<boolean> {
    const { queue, tracker, bus } = this.options;
    try {
      const job = await queue.find(jobId);
      if (job === undefined) return true;
      const view = await statusViewOf(this.options, job);
      const { stop } = view.progress;
      if (job.state === 'needs_attention' && stop !== null) await this.showStop(view, stop);
      else await tracker.ensureStateLabel(issue, stateLabel(view.labelScope, job.state));
      await tracker.ensureComment(issue, 'status', statusComment(view));
      if (UNSETTLED_STATES.some((state) => state === job.state)) this.shown.set(jobId, standOf(job));
      else this.shown.delete(jobId);
      return true;
    } catch (error) {
      if (await this.isGone(issue)) return true;
      bus.publish({
        type: 'orchestration.write-back-failed',
        issue,
        reason: messageOf(error),
      } satisfies WriteBackFailed);
      return false;
    }
  }

  /**
   * Shows that a job was stopped: the label once, for whoever takes it away has said something by that, and the story.
   * What people had said before they could see it is no answer to it.
   */
  private async showStop(view: StatusView, stop: Stop): Promise<void> {
    const { runs, tracker } = this.options;
    const { id, issue, state } = view.job;
    let shown = stop;
    if (stop.lastRemark === null) {
      const mark = readMarkOf(view.job, issue);
      const { readTo } = (await tracker.remarksAfter(issue, mark)) ?? { readTo: mark };
      shown = { ...stop, lastRemark: readTo.id, lastRemarkAt: readTo.at };
      await runs.note(id, { stop: shown });
    }
    if (!stop.isLabelled) {
      await tracker.ensureStateLabel(issue, stateLabel(view.labelScope, state));
      await runs.note(id, { stop: { ...shown, isLabelled: true } });
    }
    if (!hasStory(view)) return;
    const evidence = await tracker.ensureComment(issue, storyMarker(view), story(view));
    const { verdict, draft } = view.progress;
    if (draft !== null && verdict?.commit === draft.commit) await setGateStatuses(tracker, issue, verdict, evidence);
  }

  /** On an issue that was deleted there is nothing to write, and there never will be. */
  private isGone(issue: IssueRef): Promise<boolean> {
    return this.options.tracker.readIssue(issue).then(
      ({ kind }) => kind === 'gone',
      () => false,
    );
  }
}

function standOf({ state, reason, fencingToken, profile }: Job): string {
  return `${state} ${fencingToken} ${profile} ${reason}`;
}

function blockersOf({ blockers }: Job): string {
  return blockers
    .map(({ issue, isFinished }) => `${issueKey(issue)} ${isFinished}`)
    .toSorted()
    .join('\n');
}
