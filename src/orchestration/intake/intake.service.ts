import { Inject, Injectable, Logger } from '@nestjs/common';

import { isSameLogin, formatIssueRef, issueKey, messageOf, type IssueRef } from '../../kernel/index.js';
import type { JobMoved } from '../../queue/index.js';
import { isPullRequestKind, type Delivery } from '../../webhook/index.js';
import { JoblessCommands } from '../commands/jobless-commands.js';
import { BlockerResolver } from '../dependencies/blocker-resolver.js';
import type { IntakeDecision } from './decide-intake.js';
import { hintOf, isComment, isEdit, isStart, newestOf, type IssueHint } from './issue-hint.js';
import { IssueReconciler } from './issue-reconciler.js';
import { Notices } from './notices.js';
import { endedLately } from '../ended-lately.js';
import type { ProfileSettled } from '../orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { PullRequestWatch } from '../reviews/pull-request-watch.js';

/** How many deliveries one look takes. The rest wait for the next. */
const BATCH = 500;

/** How many of the jobs that were completed lately are looked at. */
const MOST_ENDED = 50;

/** What is done about an issue that is as the queue holds it to be. */
const QUIET: ReadonlySet<IntakeDecision> = new Set(['refresh', 'leave']);

const ECHOED_KINDS = new Set(['issue_comment', 'issue_label', 'pull_request_comment']);

/** Between the loop and what takes long in it. */
export interface LoopSigns {
  /** False while the app shuts down: what is left waits for the next start. */
  readonly mayGoOn: () => boolean;
  /** Called after each step: a tick with much to do is slow, and not dead. */
  readonly beat: () => void;
}

/** What goes on beside the intake of deliveries. */
export interface Sharing {
  /** Settled when what there was before them has been claimed. */
  readonly shared: Promise<unknown>;
  /**
   * Called when the last of them has made a new job that may be claimed, and when it has not: the most urgent of all that
   * was delivered is known from then on.
   */
  readonly taken: () => void;
}

/** Turns stored deliveries into jobs, and finds what no delivery told. */
@Injectable()
export class IntakeService {
  private readonly logger = new Logger(IntakeService.name);

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(IssueReconciler) private readonly reconciler: IssueReconciler,
    @Inject(BlockerResolver) private readonly blockers: BlockerResolver,
    @Inject(PullRequestWatch) private readonly pullRequests: PullRequestWatch,
    @Inject(Notices) private readonly notices: Notices,
    @Inject(JoblessCommands) private readonly jobless: JoblessCommands,
  ) {}

  /**
   * Acts on the deliveries that wait, each issue once. They are settled only when what follows from them was done: where
   * that fails the newest of an issue waits for the next call, and who edited its text. The others say nothing that
   * these do not say, and must not keep those of other issues out of the batch. Returns how many were settled.
   */
  async takeDeliveries({ mayGoOn, beat, shared, taken }: LoopSigns & Sharing): Promise<number> {
    const deliveries = await this.options.deliveries.unsettled(BATCH);
    let settled = 0;
    const issues = byIssue(deliveries);
    // Of many the first is not to be claimed before the most urgent is known.
    if (issues.length > 1) await shared;
    for (const [at, ofOneIssue] of issues.entries()) {
      if (!mayGoOn()) break;
      const act = () => this.act(ofOneIssue);
      const isDone = await (at === issues.length - 1 ? this.telling(taken, act) : act());
      const kept = isDone ? [] : worthKeeping(ofOneIssue);
      const done = ofOneIssue.filter((delivery) => !kept.includes(delivery)).map(({ id }) => id);
      await this.options.deliveries.settle(done);
      settled += done.length;
      beat();
    }
    return settled;
  }

  /**
   * Reads every issue that is assigned to the bot or has a job that has not ended or ended not long ago, and every
   * unfinished blocker. Does nothing where the tracker cannot be asked, or does not name all assigned issues. Returns
   * how many issues were otherwise than the queue held them to be; null where nothing was looked at.
   */
  async sweep({ mayGoOn, beat }: LoopSigns): Promise<number | null> {
    await this.blockers.relearn();
    const assigned = await this.options.tracker.assignedIssues();
    if (assigned === null) return null;

    // The issues of those may have been opened again without the bot, which no list of assigned issues tells.
    const ended = await endedLately(this.options, ['completed'], MOST_ENDED);
    const blockers = await this.options.queue.unfinishedBlockers();
    const refs = new Map([...blockers, ...assigned].map((ref) => [issueKey(ref), ref]));
    for await (const { id, issue } of this.options.queue.unsettled()) refs.set(id, issue);
    for (const { id, issue } of ended) refs.set(id, issue);
    let found = 0;
    for (const ref of refs.values()) {
      if (!mayGoOn()) break;
      const decision = await this.reconcile(ref, null);
      if (decision !== null && !QUIET.has(decision)) found += 1;
      beat();
    }
    return found;
  }

  /** Reads the issues whose job has just come into review: what people said of its pull request before waits there. */
  async lookAtArrived({ mayGoOn, beat }: LoopSigns): Promise<void> {
    for (const ref of this.pullRequests.takeArrived()) {
      if (!mayGoOn()) break;
      await this.reconcile(ref, null);
      beat();
    }
  }

  /** Tells of a new job that may be claimed, before what else there is to do about its issue, or of the end. */
  private async telling<T>(tell: () => void, work: () => Promise<T>): Promise<T> {
    const { bus } = this.options;
    const deafen = [
      bus.subscribe<JobMoved>(
        'queue.job-moved',
        ({ from, to, profile }) => from === null && to === 'available' && profile !== '' && tell(),
      ),
      bus.subscribe<ProfileSettled>('orchestration.profile-settled', tell),
    ];
    try {
      return await work();
    } finally {
      for (const stop of deafen) stop();
      tell();
    }
  }

  private async act(deliveries: AtLeastOne<Delivery>): Promise<boolean> {
    if (deliveries.every((delivery) => this.isEcho(delivery))) return true;
    const { issue, kind } = newestOf(deliveries);
    if (!isPullRequestKind(kind)) return (await this.reconcile(issue.ref, hintOf(deliveries))) !== null;
    // What became of a pull request is about the issue it was opened for.
    const job = await this.pullRequests.jobOf(issue.ref);
    return job === undefined || (await this.reconcile(job.issue, null)) !== null;
  }

  /** What the bot itself wrote, its comments and its label, says nothing new. */
  private isEcho({ kind, sender }: Delivery): boolean {
    return ECHOED_KINDS.has(kind) && isSameLogin(sender, this.options.botName);
  }

  /** What was done about the issue; null where that failed. */
  private async reconcile(ref: IssueRef, hint: IssueHint | null): Promise<IntakeDecision | null> {
    try {
      const decision = await this.reconciler.reconcile(ref, hint);
      await this.notices.settle(ref);
      if (hint !== null && hint.comments.length > 0) await this.jobless.attend(ref, changedAt(hint));
      return decision;
    } catch (error) {
      // One issue that cannot be read must not keep the others waiting.
      this.logger.error('Issue not reconciled', { issue: formatIssueRef(ref), reason: messageOf(error) });
      return null;
    }
  }
}

type AtLeastOne<T> = readonly [T, ...T[]];

function changedAt({ snapshot }: IssueHint): number | null {
  const at = Date.parse(snapshot.updatedAt);
  return Number.isNaN(at) ? null : at;
}

function byIssue(deliveries: readonly Delivery[]): readonly AtLeastOne<Delivery>[] {
  const groups = new Map<string, [Delivery, ...Delivery[]]>();
  for (const delivery of deliveries) {
    const key = issueKey(delivery.issue.ref);
    const group = groups.get(key);
    if (group) group.push(delivery);
    else groups.set(key, [delivery]);
  }
  return [...groups.values()];
}

/**
 * The newest, and the last edit, comment and start of each person: nothing but deliveries tells who edited a text, and
 * which text somebody saw who ordered something, or gave the issue to the bot.
 */
function worthKeeping(deliveries: AtLeastOne<Delivery>): readonly Delivery[] {
  return [newestOf(deliveries), ...[isEdit, isComment, isStart].flatMap((is) => lastOfEach(deliveries.filter(is)))];
}

function lastOfEach(deliveries: readonly Delivery[]): readonly Delivery[] {
  const last = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const before = last.get(delivery.sender);
    last.set(delivery.sender, before === undefined ? delivery : newestOf([before, delivery]));
  }
  return [...last.values()];
}
