import { Inject, Injectable } from '@nestjs/common';

import { messageOf } from '../kernel/index.js';
import { ActiveRuns } from './runs/active-runs.js';
import { CircleNotices } from './dependencies/circle-notices.js';
import { Dispatch } from './runs/dispatch.js';
import { EpicKeeper } from './dependencies/epic-keeper.js';
import { IntakeService, type LoopSigns, type Sharing } from './intake/intake.service.js';
import { Leading } from './leading.js';
import type { LoopTicked, TickFailed } from './orchestration.events.js';
import { nextSweepMs } from './intake/next-sweep.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';
import { StatusWriter } from './status/status-writer.js';

/** A sweep that failed asked for much, and is not begun again sooner, in milliseconds. */
const FAILED_SWEEP_PAUSE_MS = 60_000;

/** What a tick needs of the loop it belongs to. */
export interface TickSurroundings extends LoopSigns {
  /** Called when a run ended, for the next tick. */
  readonly wake: () => void;
}

/**
 * One look at everything: what was delivered, what runs, what may start.
 *
 * Each part stands alone: one that fails is told and done again by the next tick, and the others go on.
 */
@Injectable()
export class Tick {
  private lastSweepAt = Number.NEGATIVE_INFINITY;
  private sweepIntervalMs: number;
  private noSweepBefore = Number.NEGATIVE_INFINITY;
  /** Since the last sweep. */
  private deliveries = 0;
  private sweptTerm: number | null = null;

  constructor(
    @Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(Leading) private readonly leading: Leading,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(ActiveRuns) private readonly runs: ActiveRuns,
    @Inject(Dispatch) private readonly dispatch: Dispatch,
    @Inject(StatusWriter) private readonly statusWriter: StatusWriter,
    @Inject(CircleNotices) private readonly circles: CircleNotices,
    @Inject(EpicKeeper) private readonly epics: EpicKeeper,
  ) {
    this.sweepIntervalMs = options.limits.sweepIntervalMs;
  }

  async run(loop: TickSurroundings): Promise<void> {
    const { clock, bus } = this.options;
    const startedAt = clock.monotonic();
    const taken = new AbortController();
    const looked = new AbortController();
    const shared = this.share(loop);
    const sharing = this.shareMeanwhile(shared, loop, taken.signal, looked.signal);
    const leads = await this.part('lead', () => this.leading.look());
    const deliveries = leads ? await this.lead(startedAt, { ...loop, shared, taken: () => taken.abort() }) : 0;
    looked.abort();
    const started = (await sharing) + (await this.begin(loop));
    this.statusWriter.flush();
    bus.publish({
      type: 'orchestration.loop-ticked',
      durationMs: clock.monotonic() - startedAt,
      deliveries,
      started,
    } satisfies LoopTicked);
  }

  /** What every coordinator does: takes up what others left, and begins what may begin. Returns how much that is. */
  private async share(loop: TickSurroundings): Promise<number> {
    await this.part('retries', () => this.options.queue.promoteDue());
    await this.part('leases', () => this.reopenAbandoned());
    return this.begin(loop);
  }

  /**
   * A look at everything may take minutes, for which nobody's job waits, neither what is taken over nor what was just
   * delivered; and a delivery that came alone does not wait until there is nothing to take over.
   */
  private async shareMeanwhile(
    shared: Promise<number>,
    loop: TickSurroundings,
    taken: AbortSignal,
    over: AbortSignal,
  ): Promise<number> {
    const { clock, limits } = this.options;
    let started = await shared;
    let isTakenUp = false;
    for (;;) {
      await clock.sleep(limits.loopIntervalMs, isTakenUp ? over : AbortSignal.any([taken, over]));
      if (over.aborted) return started;
      const isNew = taken.aborted && !isTakenUp;
      isTakenUp = taken.aborted;
      started += await (isNew ? this.begin(loop) : this.share(loop));
    }
  }

  /** Stops what was taken away, and begins what may begin. Returns how much that is. */
  private async begin(loop: TickSurroundings): Promise<number> {
    await this.part('runs', () => this.runs.reconcile());
    return (await this.part('claims', () => this.claimAll(loop))) ?? 0;
  }

  private async reopenAbandoned(): Promise<void> {
    const { queue, replicas } = this.options;
    const reason = 'Its run was cut off: the coordinator stopped, or gave no sign of life.';
    await queue.reopenAbandoned(await replicas.deadHolders(), reason);
  }

  /** What the leader alone does. Returns how many deliveries were settled. */
  private async lead(startedAt: number, everybody: TickSurroundings & Sharing): Promise<number> {
    // What the leader before had in mind is not known: everything is looked at.
    if (this.leading.term !== this.sweptTerm) this.lastSweepAt = Number.NEGATIVE_INFINITY;
    this.sweptTerm = this.leading.term;
    const loop = { ...everybody, mayGoOn: () => everybody.mayGoOn() && this.leading.isLeading };
    const deliveries = (await this.part('intake', () => this.intake.takeDeliveries(loop))) ?? 0;
    this.deliveries += deliveries;
    if (deliveries > 0) await this.part('circles', () => this.circles.look());
    await this.part('reviews', () => this.intake.lookAtArrived(loop));
    await this.part('sweep', () => this.sweepWhenDue(startedAt, loop));
    return deliveries;
  }

  private async sweepWhenDue(now: number, loop: TickSurroundings): Promise<void> {
    if (now - this.lastSweepAt < this.sweepIntervalMs || now < this.noSweepBefore) return;
    this.noSweepBefore = now + FAILED_SWEEP_PAUSE_MS;
    const found = await this.intake.sweep(loop);
    // What the first one finds was there before anybody listened.
    if (found !== null && this.lastSweepAt !== Number.NEGATIVE_INFINITY) {
      const { sweepIntervalMs: baseMs } = this.options.limits;
      const presentMs = this.sweepIntervalMs;
      this.sweepIntervalMs = nextSweepMs({ baseMs, presentMs, deliveries: this.deliveries, found });
    }
    this.lastSweepAt = now;
    this.noSweepBefore = Number.NEGATIVE_INFINITY;
    this.deliveries = 0;
    await this.part('statuses', () => this.statusWriter.catchUp());
    await this.part('circles', () => this.circles.sweep());
    await this.part('epics', () => this.epics.goOn());
  }

  private async claimAll({ wake, mayGoOn }: TickSurroundings): Promise<number> {
    let started = 0;
    while (mayGoOn()) {
      const closed = await this.dispatch.closedProfiles();
      const askedAt = this.options.clock.monotonic();
      const job = await this.options.queue.claim(closed);
      if (job === undefined) break;
      this.dispatch.started(job);
      const ended = (): void => {
        this.dispatch.ended(job);
        wake();
      };
      this.runs.start(job, ended, askedAt);
      started += 1;
    }
    await this.statusWriter.markWaiting(this.dispatch.takeNews());
    return started;
  }

  private async part<T>(name: string, step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      const reason = messageOf(error);
      this.options.bus.publish({ type: 'orchestration.tick-failed', part: name, reason } satisfies TickFailed);
      return undefined;
    }
  }
}
