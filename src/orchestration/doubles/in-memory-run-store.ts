import { addSpend, type Spend } from '../../agents/index.js';
import { SystemClock, issueKey, type Clock, type IssueRef } from '../../kernel/index.js';
import { LeaseLostError } from '../../queue/index.js';
import type { Aftermath, JobProgress, ReviewRecord, RunOutcome, RunRecord, RunStore } from '../ports/run-store.port.js';
import { FRESH_ROUNDS, REVIEW_ROUND, unstartedProgress } from './unstarted-progress.js';

/** Whether a job runs under this fencing token at this moment. A look at the queue's store answers it. */
export type IsCurrentLease = (jobId: string, fencingToken: number) => Promise<boolean>;

/** Whether a job is of an issue in the same repository: its id is the issue's key. */
function isJobIn(ref: IssueRef, jobId: string): boolean {
  const number = Number(jobId.slice(jobId.lastIndexOf('#') + 1));
  return jobId === issueKey({ ...ref, number });
}

/**
 * Keeps runs and progress as long as the process lives: for trying out and for tests.
 *
 * It asks whether a token is current and then writes, which is not one step: between processes it would not do.
 */
export class InMemoryRunStore implements RunStore {
  private readonly progressByJob = new Map<string, JobProgress>();
  /** In the order of their beginning. */
  private readonly allRuns = new Map<string, RunRecord>();

  /** @param isCurrent where it is left out, every token is believed: for a store that only one run writes to */
  constructor(
    private readonly clock: Clock = new SystemClock(),
    private readonly isCurrent: IsCurrentLease = () => Promise.resolve(true),
  ) {}

  async progress(jobId: string): Promise<JobProgress> {
    return structuredClone(this.progressByJob.get(jobId) ?? unstartedProgress(jobId));
  }

  async save(jobId: string, fencingToken: number, changes: Partial<Omit<JobProgress, 'jobId'>>): Promise<void> {
    if (!(await this.isCurrent(jobId, fencingToken))) throw new LeaseLostError(jobId, fencingToken);
    this.change(jobId, changes);
  }

  async addSpend(jobId: string, spend: Spend): Promise<void> {
    const { spend: before } = this.progressByJob.get(jobId) ?? unstartedProgress(jobId);
    this.change(jobId, { spend: addSpend(before, spend) });
  }

  async resetRounds(jobId: string): Promise<void> {
    if (this.progressByJob.has(jobId)) this.change(jobId, FRESH_ROUNDS);
  }

  async beginReviewRound(jobId: string, review: ReviewRecord): Promise<void> {
    const { reviewRounds } = await this.progress(jobId);
    this.change(jobId, { ...REVIEW_ROUND, review, reviewRounds: reviewRounds + 1 });
  }

  async note(jobId: string, aftermath: Partial<Aftermath>): Promise<void> {
    this.change(jobId, aftermath);
  }

  async jobsOfPullRequest(pullRequest: IssueRef): Promise<readonly string[]> {
    return [...this.progressByJob.values()]
      .filter(({ jobId, pullRequest: own }) => own?.number === pullRequest.number && isJobIn(pullRequest, jobId))
      .map(({ jobId }) => jobId);
  }

  async start({ id, jobId, fencingToken, profile }: Parameters<RunStore['start']>[0]): Promise<void> {
    if (this.allRuns.has(id)) return;
    const now = this.clock.now();
    const ofJob = [...this.allRuns.values()].filter((run) => run.jobId === jobId);
    if (ofJob.some((run) => run.fencingToken > fencingToken)) throw new LeaseLostError(jobId, fencingToken);
    for (const run of ofJob.filter(({ endedAt }) => endedAt === null)) {
      const reason = `Run ${id} has taken over`;
      this.allRuns.set(run.id, { ...run, endedAt: now, outcome: 'interrupted', reason });
    }
    const unended = { endedAt: null, outcome: null, reason: null };
    this.allRuns.set(id, { id, jobId, fencingToken, profile, startedAt: now, ...unended });
  }

  async end(runId: string, outcome: RunOutcome, reason: string): Promise<void> {
    const run = this.allRuns.get(runId);
    if (run === undefined || run.endedAt !== null) return;
    this.allRuns.set(runId, { ...run, endedAt: this.clock.now(), outcome, reason });
  }

  async runs(jobId: string): Promise<readonly RunRecord[]> {
    return [...this.allRuns.values()].filter((run) => run.jobId === jobId).reverse();
  }

  private change(jobId: string, changes: Partial<Omit<JobProgress, 'jobId'>>): void {
    const before = this.progressByJob.get(jobId) ?? unstartedProgress(jobId);
    this.progressByJob.set(jobId, structuredClone({ ...before, ...changes, jobId }));
  }
}
