import { addSpend, type Spend } from '../agents/index.js';
import type { DomainEvent, EventBus } from '../kernel/index.js';
import type { Job } from '../queue/index.js';
import type { JobDetails } from './job-details.js';
import { RunInterruptedError, type Interruption } from './orchestration.errors.js';
import type { OrchestrationEvent } from './orchestration.events.js';
import type { JobProgress, RunStore } from './run-store.port.js';

type Distribute<E> = E extends DomainEvent ? Omit<E, 'issue' | 'runId'> : never;
/** An event of a run, without what the scope adds. */
type OfThisRun = Distribute<Extract<OrchestrationEvent, { readonly runId: string }>>;

/** Why the signal of a run was aborted. */
export interface InterruptionReason {
  readonly interruption: Interruption;
  readonly sentence: string;
}

/**
 * What the parts of one run share: the job, its progress, and whether they may still go on.
 *
 * Progress is written under the job's fencing token before anything acts on it, one write after the other.
 */
export class RunScope {
  private saving: Promise<void> = Promise.resolve();
  private spent: Promise<unknown> = Promise.resolve();

  constructor(
    readonly runId: string,
    readonly job: Job,
    readonly details: JobDetails,
    /** Aborted with an InterruptionReason when the run must stop. */
    readonly signal: AbortSignal,
    private current: JobProgress,
    private readonly store: RunStore,
    private readonly bus: EventBus,
  ) {}

  get progress(): JobProgress {
    return this.current;
  }

  /**
   * Replaces the named fields of the progress, durably.
   *
   * @throws {LeaseLostError} if this run does not hold the job any more
   */
  save(changes: Partial<Omit<JobProgress, 'jobId'>>): Promise<void> {
    this.current = { ...this.current, ...changes };
    this.saving = Promise.all([this.saving, this.spent]).then(() =>
      this.store.save(this.job.id, this.job.fencingToken, changes),
    );
    return this.saving;
  }

  /** Adds to what was spent, also when the job is no longer this run's. A failure to write it shows with the next `save`. */
  spend(spend: Spend): void {
    this.current = { ...this.current, spend: addSpend(this.current.spend, spend) };
    this.spent = Promise.all([this.spent, this.store.addSpend(this.job.id, spend)]);
    this.spent.catch(() => undefined);
  }

  /** Resolves when all that was to be written is, or could not be. */
  async written(): Promise<void> {
    await Promise.allSettled([this.saving, this.spent]);
  }

  announce(event: OfThisRun): void {
    this.bus.publish({ ...event, issue: this.job.issue, runId: this.runId } as OrchestrationEvent);
  }

  /** @throws {RunInterruptedError} if the run must stop */
  assertMayGoOn(): void {
    if (!this.signal.aborted) return;
    const { interruption, sentence } = this.signal.reason as InterruptionReason;
    throw new RunInterruptedError(interruption, sentence);
  }
}
