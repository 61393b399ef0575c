import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';

import { issueKey, messageOf } from '../kernel/index.js';
import type { JobMoved } from '../queue/index.js';
import { readDetails } from './job-details.js';
import type { GatesDecided, SessionCompacted, WorkPublished, WriteBackFailed } from './orchestration.events.js';
import { ORCHESTRATION_OPTIONS, type OrchestrationOptions } from './orchestration.options.js';
import { stateLabel, statusComment } from './status-comment.js';

/**
 * Shows people what is going on: one comment and one label on each issue that has a job, brought up to date after
 * every change. It holds nobody up, and what could not be written is tried again at the next `flush`.
 */
@Injectable()
export class StatusWriter implements OnModuleInit {
  private readonly outdated = new Set<string>();
  private writing: Promise<void> | null = null;

  constructor(@Inject(ORCHESTRATION_OPTIONS) private readonly options: OrchestrationOptions) {}

  onModuleInit(): void {
    const { bus } = this.options;
    bus.subscribe<JobMoved>('queue.job-moved', (event) => this.mark(event.jobId));
    bus.subscribe<GatesDecided>('orchestration.gates-decided', (event) => this.mark(issueKey(event.issue)));
    bus.subscribe<SessionCompacted>('orchestration.session-compacted', (event) => this.mark(issueKey(event.issue)));
    bus.subscribe<WorkPublished>('orchestration.work-published', (event) => this.mark(issueKey(event.issue)));
  }

  /** Begins to write what is out of date, unless it is under way. */
  flush(): void {
    if (this.writing || !this.options.tracker.canWrite) return;
    this.writing = this.writeAll().finally(() => {
      this.writing = null;
    });
  }

  /** Resolves when everything was written or tried, or after the grace. */
  async idle(graceMs: number): Promise<void> {
    this.flush();
    const waited = new AbortController();
    await Promise.race([this.writing, this.options.clock.sleep(graceMs, waited.signal)]);
    waited.abort();
  }

  private mark(jobId: string): void {
    this.outdated.add(jobId);
    this.flush();
  }

  private async writeAll(): Promise<void> {
    // What fails goes back to the set only after the round, or a tracker that is away would be asked without end.
    const failed: string[] = [];
    for (const jobId of this.outdated) {
      this.outdated.delete(jobId);
      if (!(await this.write(jobId))) failed.push(jobId);
    }
    for (const jobId of failed) this.outdated.add(jobId);
  }

  private async write(jobId: string): Promise<boolean> {
    const { queue, runs, tracker, bus } = this.options;
    const job = await queue.find(jobId);
    if (job === undefined) return true;
    try {
      const progress = await runs.progress(jobId);
      const view = { job, progress, details: readDetails(job.details), why: await queue.explain(jobId) };
      await tracker.ensureStateLabel(job.issue, stateLabel(job.state));
      await tracker.ensureComment(job.issue, 'status', statusComment(view));
      return true;
    } catch (error) {
      bus.publish({
        type: 'orchestration.write-back-failed',
        issue: job.issue,
        reason: messageOf(error),
      } satisfies WriteBackFailed);
      return false;
    }
  }
}
