import type { Job } from '../../queue/index.js';
import { readDetails } from '../job-details.js';
import type { OrchestrationOptions } from '../orchestration.options.js';
import type { StatusView } from './status-comment.js';

type Sources = Pick<OrchestrationOptions, 'queue' | 'runs' | 'spendGuard' | 'isConfined' | 'labelScope' | 'limits'>;

/** What people are shown of a job, as it is at this moment. */
export async function statusViewOf(
  { queue, runs, spendGuard, isConfined, labelScope, limits }: Sources,
  job: Job,
): Promise<StatusView> {
  const progress = await runs.progress(job.id);
  const cost = (await spendGuard.spentOn?.(job.issue)) ?? null;
  const why = await queue.explain(job.id);
  const last = (await queue.history(job.id)).at(-1);
  const movedAt = last?.at ?? job.createdAt;
  const changedAt = Math.max(movedAt, progress.verdict?.decidedAt ?? 0);
  const changedBy = changedAt === movedAt && last?.by?.kind === 'person' ? last.by.login : null;
  const maxRejections = Math.min(progress.maxRejections ?? limits.maxRejections, limits.maxRejections);
  const details = readDetails(job.details);
  return { job, progress, cost, details, isConfined, why, changedAt, changedBy, maxRejections, labelScope };
}
