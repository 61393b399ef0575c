import { seenIssue, visibleText } from '../../parser/index.js';
import type { Job } from '../../queue/index.js';
import { readDetails, type JobDetails } from '../job-details.js';
import type { WorkOrder } from './prompts.js';

/** What of a work order is the issue's own. What a person cannot see in the issue, the agent does not get either. */
export function textOfIssue(
  { title }: Pick<Job, 'title'>,
  { body, metadata }: Pick<JobDetails, 'body' | 'metadata'>,
): Pick<WorkOrder, 'title' | 'body' | 'acceptanceCriteria'> {
  const seen = seenIssue({ title, body });
  const acceptanceCriteria = metadata.acceptanceCriteria.map((criterion) => visibleText(criterion).trim());
  return {
    title: seen.title,
    body: seen.body,
    acceptanceCriteria: acceptanceCriteria.filter((criterion) => criterion !== ''),
  };
}

/** The order that a run works by, which follows its issue's text while somebody who may edits it. */
export class PresentOrder {
  private order: WorkOrder;
  /** Hash of the text that the order holds. */
  private textHash: string;

  /** @param findJob the job as it is at this moment */
  constructor(
    begun: WorkOrder,
    { textHash }: Pick<JobDetails, 'textHash'>,
    private readonly findJob: () => Promise<Job | undefined>,
  ) {
    this.order = begun;
    this.textHash = textHash;
  }

  get current(): WorkOrder {
    return this.order;
  }

  /** Looks whether the text is another than before. */
  async follow(): Promise<boolean> {
    const job = await this.findJob();
    if (job === undefined) return false;
    const details = readDetails(job.details);
    // A job that is being made anew of its text stops this run, which needs to know nothing of it any more.
    if (details.textHash === this.textHash || details.isUnfinished) return false;
    this.textHash = details.textHash;
    this.order = { ...this.order, ...textOfIssue(job, details) };
    return true;
  }
}
