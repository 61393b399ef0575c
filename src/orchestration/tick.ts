import { Inject, Injectable } from '@nestjs/common';

import { messageOf } from '../kernel/index.js';
import { ActiveRuns } from './active-runs.js';
import { IntakeService } from './intake.service.js';
import type { LoopTicked, TickFailed } from './orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';
import { StatusWriter } from './status-writer.js';

/** What a tick needs of the loop it belongs to. */
export interface TickSurroundings {
  /** Called when a run ended, for the next tick. */
  readonly wake: () => void;
  /** False while the app shuts down. */
  readonly mayClaim: () => boolean;
  /** Called after each step: a tick with much to do is slow, and not dead. */
  readonly beat: () => void;
}

/**
 * One look at everything: what was delivered, what runs, what may start.
 *
 * Each part stands alone: one that fails is told and done again by the next tick, and the others go on.
 */
@Injectable()
export class Tick {
  private lastSweepAt = Number.NEGATIVE_INFINITY;

  constructor(
    @Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(IntakeService) private readonly intake: IntakeService,
    @Inject(ActiveRuns) private readonly runs: ActiveRuns,
    @Inject(StatusWriter) private readonly statusWriter: StatusWriter,
  ) {}

  async run({ wake, mayClaim, beat }: TickSurroundings): Promise<void> {
    const { clock, queue, bus } = this.options;
    const startedAt = clock.monotonic();
    const deliveries = await this.part('intake', () => this.intake.takeDeliveries(beat));
    await this.part('sweep', () => this.sweepWhenDue(startedAt, beat));
    await this.part('retries', () => queue.promoteDue());
    await this.part('leases', () =>
      queue.reopenAbandoned([], 'Its run was cut off: the coordinator stopped, or gave no sign of life.'),
    );
    await this.part('runs', () => this.runs.reconcile());
    const started = await this.part('claims', () => this.claimAll(wake, mayClaim));
    this.statusWriter.flush();
    bus.publish({
      type: 'orchestration.loop-ticked',
      durationMs: clock.monotonic() - startedAt,
      deliveries: deliveries ?? 0,
      started: started ?? 0,
    } satisfies LoopTicked);
  }

  private async sweepWhenDue(now: number, beat: () => void): Promise<void> {
    if (now - this.lastSweepAt < this.options.limits.sweepIntervalMs) return;
    await this.intake.sweep(beat);
    this.lastSweepAt = now;
  }

  private async claimAll(wake: () => void, mayClaim: () => boolean): Promise<number> {
    let started = 0;
    while (mayClaim()) {
      const job = await this.options.queue.claim();
      if (job === undefined) break;
      this.runs.start(job, wake);
      started += 1;
    }
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
