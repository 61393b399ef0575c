import { Inject, Injectable, Logger } from '@nestjs/common';

import { formatIssueRef, issueKey, messageOf, type IssueRef } from '../kernel/index.js';
import { UNSETTLED_STATES } from '../queue/index.js';
import type { Delivery } from '../webhook/index.js';
import { BlockerResolver } from './blocker-resolver.js';
import { IssueReconciler, type IssueHint } from './issue-reconciler.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';

/** How many deliveries one look takes. The rest wait for the next. */
const BATCH = 500;

const ECHOED_KINDS = new Set(['issue_comment', 'issue_label']);

/** Between the loop and what takes long in it. */
export interface LoopSigns {
  /** False while the app shuts down: what is left waits for the next start. */
  readonly mayGoOn: () => boolean;
  /** Called after each step: a tick with much to do is slow, and not dead. */
  readonly beat: () => void;
}

/** Turns stored deliveries into jobs, and finds what no delivery told. */
@Injectable()
export class IntakeService {
  private readonly logger = new Logger(IntakeService.name);

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(IssueReconciler) private readonly reconciler: IssueReconciler,
    @Inject(BlockerResolver) private readonly blockers: BlockerResolver,
  ) {}

  /**
   * Acts on the deliveries that wait, each issue once. The newest of an issue is settled only when what follows from it
   * was done: where that fails it waits for the next call. The others say nothing that it does not say, and must not
   * keep those of other issues out of the batch. Returns how many were settled.
   */
  async takeDeliveries({ mayGoOn, beat }: LoopSigns): Promise<number> {
    const deliveries = await this.options.deliveries.unsettled(BATCH);
    let settled = 0;
    for (const ofOneIssue of byIssue(deliveries)) {
      if (!mayGoOn()) break;
      const last = newest(ofOneIssue);
      const isDone = ofOneIssue.every((delivery) => this.isEcho(delivery)) || (await this.act(last));
      const done = ofOneIssue.filter((delivery) => isDone || delivery !== last).map(({ id }) => id);
      await this.options.deliveries.settle(done);
      settled += done.length;
      beat();
    }
    return settled;
  }

  /**
   * Reads every issue that is assigned to the bot or has a job that has not ended, and every unfinished blocker. Does
   * nothing where the tracker cannot be asked, or does not name all assigned issues.
   */
  async sweep({ mayGoOn, beat }: LoopSigns): Promise<void> {
    await this.blockers.relearn();
    const assigned = await this.options.tracker.assignedIssues();
    if (assigned === null) return;

    const held = (await this.options.queue.list({ states: UNSETTLED_STATES })).map((job) => job.issue);
    const blockers = await this.options.queue.unfinishedBlockers();
    const refs = new Map([...blockers, ...assigned, ...held].map((ref) => [issueKey(ref), ref]));
    for (const ref of refs.values()) {
      if (!mayGoOn()) break;
      await this.reconcile(ref, null);
      beat();
    }
  }

  private act({ issue, kind, action }: Delivery): Promise<boolean> {
    const isDeleted = action === 'deleted' && !kind.includes('comment');
    return this.reconcile(issue.ref, { snapshot: issue, isDeleted });
  }

  /** What the bot itself wrote, its status comment and its label, says nothing new. */
  private isEcho({ kind, sender }: Delivery): boolean {
    return ECHOED_KINDS.has(kind) && sender.toLowerCase() === this.options.botName.toLowerCase();
  }

  private async reconcile(ref: IssueRef, hint: IssueHint | null): Promise<boolean> {
    try {
      await this.reconciler.reconcile(ref, hint);
      return true;
    } catch (error) {
      // One issue that cannot be read must not keep the others waiting.
      this.logger.error('Issue not reconciled', { issue: formatIssueRef(ref), reason: messageOf(error) });
      return false;
    }
  }
}

type AtLeastOne<T> = readonly [T, ...T[]];

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

/** The delivery with the newest picture of the issue; of equally new ones the last that came. */
function newest(deliveries: AtLeastOne<Delivery>): Delivery {
  return deliveries.reduce((best, delivery) =>
    Date.parse(delivery.issue.updatedAt) < Date.parse(best.issue.updatedAt) ? best : delivery,
  );
}
