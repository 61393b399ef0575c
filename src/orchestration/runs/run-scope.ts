import { addSpend, type Spend } from '../../agents/index.js';
import type { DomainEvent } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';
import type { JobDetails } from '../job-details.js';
import { RunInterruptedError, type Interruption } from '../orchestration.errors.js';
import type { OrchestrationEvent } from '../orchestration.events.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import type { JobProgress } from '../ports/run-store.port.js';

type Distribute<E> = E extends DomainEvent ? Omit<E, 'issue' | 'runId'> : never;
/** An event of a run, without what the scope adds. */
type OfThisRun = Distribute<Extract<OrchestrationEvent, { readonly runId: string }>>;

/** What is counted one by one. Tokens and time are too, by `spend` and by every write. */
type Counter = 'rejections' | 'turns' | 'handOvers' | 'compactions';

/** Why the signal of a run was aborted. */
export interface InterruptionReason {
  readonly interruption: Interruption;
  readonly sentence: string;
}

/**
 * What the parts of one run share: the job, its progress, and whether they may still go on.
 *
 * Progress is written under the job's fencing token before anything acts on it, one write after the other. It is the one
 * place where the counters of a job grow, so that none begins anew with a run, a session or a process.
 */
export class RunScope {
  private saving: Promise<void> = Promise.resolve();
  private spent: Promise<unknown> = Promise.resolve();
  private measuredAt: number;
  /** Whether the run before had its workspace and session elsewhere, out of reach. */
  isMoved = false;

  constructor(
    readonly runId: string,
    readonly job: Job,
    readonly details: JobDetails,
    /** Aborted with an InterruptionReason when the run must stop. */
    readonly signal: AbortSignal,
    private current: JobProgress,
    private readonly options: Pick<OrchestrationOptions, 'runs' | 'bus' | 'clock'>,
  ) {
    this.measuredAt = options.clock.monotonic();
  }

  get progress(): JobProgress {
    return this.current;
  }

  /**
   * Replaces the named fields of the progress, durably.
   *
   * @throws {LeaseLostError} if this run does not hold the job any more
   */
  save(changes: Partial<Omit<JobProgress, 'jobId' | 'workedMs'>>): Promise<void> {
    const timed = { ...changes, workedMs: this.measure() };
    this.current = { ...this.current, ...timed };
    this.saving = Promise.all([this.saving, this.spent]).then(() =>
      this.options.runs.save(this.job.id, this.job.fencingToken, timed),
    );
    return this.saving;
  }

  /** Adds one to a counter, and replaces what belongs to that in the same write. As `save`. */
  count(counter: Counter, changes: Parameters<RunScope['save']>[0] = {}): Promise<void> {
    return this.save({ ...changes, [counter]: this.current[counter] + 1 });
  }

  /** Adds to what was spent, also when the job is no longer this run's. A failure to write it shows with the next `save`. */
  spend(spend: Spend): void {
    this.current = { ...this.current, spend: addSpend(this.current.spend, spend) };
    this.spent = Promise.all([this.spent, this.options.runs.addSpend(this.job.id, spend)]);
    this.spent.catch(() => undefined);
  }

  /** Resolves when all that was to be written is, or could not be. */
  async written(): Promise<void> {
    await Promise.allSettled([this.saving, this.spent]);
  }

  announce(event: OfThisRun): void {
    this.options.bus.publish({ ...event, issue: this.job.issue, runId: this.runId } as OrchestrationEvent);
  }

  /** What the job has taken until this moment, in whole milliseconds; what is left over counts the next time. */
  private measure(): number {
    const passed = Math.floor(this.options.clock.monotonic() - this.measuredAt);
    this.measuredAt += passed;
    return this.current.workedMs + passed;
  }

  /** @throws {RunInterruptedError} if the run must stop */
  assertMayGoOn(): void {
    if (!this.signal.aborted) return;
    const { interruption, sentence } = this.signal.reason as InterruptionReason;
    throw new RunInterruptedError(interruption, sentence);
  }
}
