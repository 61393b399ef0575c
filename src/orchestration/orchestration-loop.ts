import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';

import { ActiveRuns } from './runs/active-runs.js';
import { Leading } from './leading.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';
import { PullRequestWatch } from './reviews/pull-request-watch.js';
import { StatusWriter } from './status/status-writer.js';
import { Tick } from './tick.js';
import { withinGrace } from './within-grace.js';

const SCHEDULE_NAME = 'mosaic-coordinator.orchestration';

/**
 * Runs one tick at a time: at once when woken, and by the schedule when nothing wakes it.
 *
 * A tick that fails does not end it. When the app shuts down it begins nothing more, stops the runs, and is over when
 * they are, or the grace is.
 */
@Injectable()
export class OrchestrationLoop implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private ticking: Promise<void> | null = null;
  private isWanted = false;
  private isStopping = false;
  private aliveAt: number | null = null;

  constructor(
    @Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(Tick) private readonly tick: Tick,
    @Inject(ActiveRuns) private readonly runs: ActiveRuns,
    @Inject(Leading) private readonly leading: Leading,
    @Inject(PullRequestWatch) private readonly pullRequests: PullRequestWatch,
    @Inject(StatusWriter) private readonly statusWriter: StatusWriter,
    @Inject(SchedulerRegistry) private readonly schedule: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { loopIntervalMs } = this.options.limits;
    this.beat();
    this.options.signals.listen((jobId) => void this.hear(jobId));
    this.schedule.addInterval(
      SCHEDULE_NAME,
      setInterval(() => this.wake(), loopIntervalMs),
    );
    this.wake();
  }

  /** Looks at everything soon: at once, or after the tick that is under way. */
  wake(): void {
    if (this.isStopping) return;
    this.isWanted = true;
    this.ticking ??= this.drain().finally(() => {
      this.ticking = null;
    });
  }

  /** Resolves when nothing more is to be looked at, for now. */
  async idle(): Promise<void> {
    while (this.ticking) await this.ticking;
  }

  /** Milliseconds since the last tick, or the last step of the one under way, ended; null before the app has started. */
  get sinceLastTickMs(): number | null {
    return this.aliveAt === null ? null : this.options.clock.monotonic() - this.aliveAt;
  }

  /** Stops the runs of this process, to go on when they may, and resolves when they are over or the grace is. */
  async stopRuns(sentence: string): Promise<void> {
    await this.runs.stopAll(this.options.limits.shutdownGraceMs, sentence);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    if (this.schedule.doesExist('interval', SCHEDULE_NAME)) this.schedule.deleteInterval(SCHEDULE_NAME);
    const { clock, limits } = this.options;
    // A tick ends at its next step; one that waits for a model or for Gitea is not waited for without end.
    await withinGrace(this.idle(), clock, limits.shutdownGraceMs);
    // Others do not wait for these runs to end. What is to be shown of those is told them.
    if (this.options.leadership.termMs !== null) {
      await this.statusWriter.idle(limits.shutdownGraceMs);
      await this.leading.release();
    }
    await this.runs.stopAll(limits.shutdownGraceMs);
    await this.statusWriter.idle(limits.shutdownGraceMs);
    await this.leading.release();
  }

  private async hear(jobId: string | null): Promise<void> {
    if (jobId !== null) {
      this.statusWriter.hear(jobId);
      // What cannot be read now is found by the sweep.
      await this.pullRequests.hear(jobId).catch(() => undefined);
    }
    this.wake();
  }

  private async drain(): Promise<void> {
    while (this.isWanted && !this.isStopping) {
      this.isWanted = false;
      await this.tick.run({
        wake: () => this.wake(),
        mayGoOn: () => !this.isStopping,
        beat: () => this.beat(),
      });
      this.beat();
    }
  }

  private beat(): void {
    this.aliveAt = this.options.clock.monotonic();
  }
}
