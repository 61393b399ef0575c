import { Inject, Injectable, Logger } from '@nestjs/common';

import { formatIssueRef, messageOf } from '../../kernel/index.js';
import { LeaseLostError, type Job, type JobMove, type JobState } from '../../queue/index.js';
import type { Interruption } from '../orchestration.errors.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';
import { Patience } from './patience.js';
import { retryDelayMs } from './retry-delay.js';
import type { RunEnding } from './run-ending.js';
import type { InterruptionReason } from './run-scope.js';
import { RunService } from './run.service.js';
import type { Stop } from '../ports/run-store.port.js';
import { withinGrace } from '../within-grace.js';

/** A stop that nobody can have seen yet. */
const UNSEEN: Stop = { lastRemark: null, isLabelled: false };

/** The states in which nobody goes on with a job by himself. */
const ENDED = ['cancelled', 'completed', 'needs_attention'] as const satisfies readonly JobState[];

interface ActiveRun {
  readonly job: Job;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

/** A model that asks for more is mistaken. */
const LONGEST_ASKED_MS = 86_400_000;
/** A budget may be raised before it is renewed: its jobs must not sleep until then. */
const BUDGET_LOOK_MS = 600_000;
const LOST = 'Its lease was lost.';
/** A lease is renewed this many times before it would end. */
const RENEWALS_PER_LEASE = 3;
/**
 * What of a lease is left for stopping an agent where nobody answers, as somebody else may begin as soon as it has ended:
 * so many milliseconds, in which one that does not listen is killed too; of a short lease half of it, of a long one more.
 */
const STOPPING_MS = 3_000;
const LEAST_STOPPING_PART = 1 / 6;
const MOST_STOPPING_PART = 1 / 2;

/**
 * The runs of this process: begins them, keeps their leases alive, stops them, and moves their jobs when they end.
 *
 * A job is in it from its claim until its state was moved on.
 */
@Injectable()
export class ActiveRuns {
  private readonly logger = new Logger(ActiveRuns.name);
  private readonly runs = new Map<string, ActiveRun>();
  private readonly patience = new Patience();

  constructor(
    @Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions,
    @Inject(RunService) private readonly runService: RunService,
  ) {}

  get count(): number {
    return this.runs.size;
  }

  /**
   * Begins a run of a job this process has just claimed.
   *
   * @param ended called when the job was moved on
   * @param askedAt when it was asked for, on the clock's monotonic time: the lease began no sooner, and not long after
   */
  start(job: Job, ended: () => void, askedAt = this.options.clock.monotonic()): void {
    const stop = new AbortController();
    // The job may come back to this process before its last run is over: two agents must never share a workspace.
    const earlier = this.runs.get(job.id)?.ended ?? Promise.resolve();
    const run: ActiveRun = {
      job,
      stop,
      ended: this.follow(job, stop, earlier, askedAt).finally(() => {
        if (this.runs.get(job.id) === run) this.runs.delete(job.id);
        ended();
      }),
    };
    this.runs.set(job.id, run);
  }

  /** Stops the runs whose job was ended or halted, or was taken away from this process. */
  async reconcile(): Promise<void> {
    for (const { job, stop } of this.runs.values()) {
      const present = await this.options.queue.find(job.id);
      if (present?.state === 'running' && present.fencingToken === job.fencingToken) continue;
      const isEnded = present !== undefined && ENDED.some((state) => state === present.state);
      interrupt(stop, isEnded ? 'cancelled' : 'lease_lost', present?.reason ?? 'The job is gone.');
    }
  }

  /** Stops every run, to go on later, and resolves when all are over or the grace is. */
  async stopAll(graceMs: number, sentence = 'The coordinator is shutting down.'): Promise<void> {
    const runs = [...this.runs.values()];
    for (const { stop } of runs) interrupt(stop, 'shutdown', sentence);
    await withinGrace(Promise.all(runs.map(({ ended }) => ended)), this.options.clock, graceMs);
  }

  private async follow(job: Job, stop: AbortController, earlier: Promise<void>, askedAt: number): Promise<void> {
    const over = new AbortController();
    const watches = [this.keepLease(job, stop, over.signal, askedAt), this.watchTime(stop, over.signal)];
    await earlier;
    const ending = await this.runService.attempt(job, stop.signal);
    over.abort();
    await Promise.all(watches);
    try {
      if (await this.settle(job, ending)) return;
    } catch (error) {
      // The lease ends by itself and the job is taken up again: nothing is lost, and nobody else may be told.
      if (!(error instanceof LeaseLostError))
        this.logger.warn('Job not moved', { issue: formatIssueRef(job.issue), reason: messageOf(error) });
    }
    // Where it was taken away, others wait for this. Without an answer the lease ends by itself.
    await this.options.queue.release(job.id, job.fencingToken).catch(() => undefined);
  }

  private async keepLease(job: Job, stop: AbortController, over: AbortSignal, askedAt: number): Promise<void> {
    const { clock, queue, leadership } = this.options;
    const pauseMs = queue.leaseMs / RENEWALS_PER_LEASE;
    const sureMs = queue.leaseMs - stoppingMs(queue.leaseMs);
    let heldAt = askedAt;
    /** For how long it is still sure that the lease holds; a pause where it is not. */
    const untilUnsureMs = (): number => {
      const leftMs = heldAt + sureMs - clock.monotonic();
      return leftMs > 0 ? leftMs : pauseMs;
    };
    for (;;) {
      await clock.sleep(Math.min(untilUnsureMs(), pauseMs), over);
      if (over.aborted) return;
      const now = clock.monotonic();
      // Where others share the store, a process that was paused stops its agent before anything else: one may work.
      const isUnsure = leadership.termMs !== null && now - heldAt >= sureMs;
      if (isUnsure) interrupt(stop, 'lease_lost', LOST);
      // Also of a job that was taken away: until its agent has stopped, it keeps the others waiting.
      const isHeld = await this.renew(job, untilUnsureMs(), over);
      if (over.aborted) return;
      if (isHeld === true) heldAt = now;
      // A store that cannot be reached is no answer. But soon the lease may have ended, and somebody else may work.
      const mayEnd = clock.monotonic() - heldAt >= sureMs;
      if (isHeld === false || mayEnd) interrupt(stop, 'lease_lost', LOST);
    }
  }

  /** Null where the store gives no answer, or none before it is too late. */
  private renew({ id, fencingToken }: Job, waitMs: number, over: AbortSignal): Promise<boolean | null> {
    const { clock, queue } = this.options;
    const answered = new AbortController();
    const answer = queue.renew(id, fencingToken).catch(() => null);
    const tooLate = clock.sleep(waitMs, AbortSignal.any([over, answered.signal])).then(() => null);
    return Promise.race([answer, tooLate]).finally(() => answered.abort());
  }

  private async watchTime(stop: AbortController, over: AbortSignal): Promise<void> {
    const { clock, limits } = this.options;
    await clock.sleep(limits.runTimeoutMs, over);
    if (!over.aborted)
      interrupt(
        stop,
        'timed_out',
        `The run took longer than ${limits.runTimeoutMs / 60_000} minutes (RUN_TIMEOUT_MINUTES).`,
      );
  }

  /** Resolves with whether the job was this run's to move. */
  private async settle(job: Job, ending: RunEnding): Promise<boolean> {
    const move = this.moveFor(job, ending);
    if (move === null) return false;
    if (move.to === 'needs_attention') await this.options.runs.save(job.id, job.fencingToken, { stop: UNSEEN });
    await this.options.queue.move({ jobId: job.id, from: 'running', fencingToken: job.fencingToken, ...move });
    return true;
  }

  private moveFor(job: Job, ending: RunEnding): Pick<JobMove, 'to' | 'reason' | 'waitMs' | 'failures'> | null {
    if (!('phase' in ending) || ending.phase !== 'model') this.patience.renew(job.id);
    switch (ending.outcome) {
      case 'in_review':
        return { to: 'in_review', reason: ending.reason, failures: 0 };
      case 'needs_attention':
        return { to: 'needs_attention', reason: ending.reason };
      case 'retryable':
        return this.retry(job, ending);
      case 'cancelled':
        return null;
      case 'interrupted':
        // Where somebody else has it, the token no longer moves it.
        return { to: 'available', reason: `${ending.reason} It goes on afterwards.` };
    }
  }

  private retry(job: Job, { reason, phase, retryAfterMs }: Extract<RunEnding, { readonly outcome: 'retryable' }>) {
    const { limits, randomness } = this.options;
    const isFailure = this.patience.isExhaustedBy(job.id, phase);
    const failures = isFailure ? job.failures + 1 : job.failures;
    if (isFailure && failures >= limits.maxFailures) {
      return {
        to: 'needs_attention' as const,
        reason: `It failed ${failures} times. The last time: ${reason}`,
        failures,
      };
    }
    const waitMs = Math.max(
      retryDelayMs(Math.max(failures, 1), randomness.fraction()),
      Math.min(retryAfterMs ?? 0, phase === 'budget' ? BUDGET_LOOK_MS : LONGEST_ASKED_MS),
    );
    return { to: 'retryable' as const, reason, waitMs, failures };
  }
}

function interrupt(stop: AbortController, interruption: Interruption, sentence: string): void {
  stop.abort({ interruption, sentence } satisfies InterruptionReason);
}

function stoppingMs(leaseMs: number): number {
  return Math.min(Math.max(STOPPING_MS, leaseMs * LEAST_STOPPING_PART), leaseMs * MOST_STOPPING_PART);
}
