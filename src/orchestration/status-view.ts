import type { Job } from '../queue/index.js';
import { readDetails } from './job-details.js';
import type { OrchestrationOptions } from './orchestration.options.js';
import type { StatusView } from './status-comment.js';

/** What people are shown of a job, as it is at this moment. */
export async function statusViewOf(
  { queue, runs, spendGuard, isConfined }: Pick<OrchestrationOptions, 'queue' | 'runs' | 'spendGuard' | 'isConfined'>,
  job: Job,
): Promise<StatusView> {
  const progress = await runs.progress(job.id);
  const cost = (await spendGuard.spentOn?.(job.issue)) ?? null;
  const why = await queue.explain(job.id);
  return { job, progress, cost, details: readDetails(job.details), isConfined, why };
}
