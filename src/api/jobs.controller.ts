import {
  BadRequestException,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Param,
  Query,
  UseGuards,
} from '@nestjs/common';

import type { SpendView } from '../budgets/index.js';
import { InvalidIssueRefError, formatIssueRef, issueKey, parseIssueRef, type IssueRef } from '../kernel/index.js';
import type { JobProgress, RunRecord } from '../orchestration/index.js';
import { JOB_STATES, type Job, type JobEvent, type JobState } from '../queue/index.js';
import { API_OPTIONS, type ApiModuleOptions } from './api.options.js';
import { ApiTokenGuard } from './api-token.guard.js';

/** A job as the API shows it: no text of the issue but its title, and no secret. */
interface JobView {
  readonly issue: string;
  readonly title: string;
  readonly state: JobState;
  /** One sentence: what it waits for, or why it is where it is. */
  readonly why: string;
  readonly profile: string;
  readonly priority: number;
  readonly blockedBy: readonly { readonly issue: string; readonly isFinished: boolean }[];
  readonly progress: Omit<JobProgress, 'jobId' | 'session'>;
  /** What it cost so far, all its runs together; null where nobody reckons that. */
  readonly cost: SpendView | null;
  readonly updatedAt: string;
}

const MOST_JOBS = 500;

/** Shows the jobs to whoever holds the API token. */
@Controller('api/jobs')
@UseGuards(ApiTokenGuard)
export class JobsController {
  constructor(@Inject(API_OPTIONS) private readonly options: ApiModuleOptions) {}

  /** Jobs in claim order, at most 500, of one state where `?state=` names it. */
  @Get()
  async list(@Query('state') state?: string): Promise<{ jobs: readonly JobView[] }> {
    const states = state === undefined ? JOB_STATES : JOB_STATES.filter((known) => known === state);
    if (states.length === 0) {
      throw new BadRequestException({
        error: 'API_STATE_UNKNOWN',
        message: `Expected a state of ${JOB_STATES.join(', ')}`,
      });
    }
    const jobs = await this.options.queue.list({ states, limit: MOST_JOBS });
    return { jobs: await Promise.all(jobs.map((job) => this.view(job))) };
  }

  /** One job with its history and its runs. */
  @Get(':owner/:repo/:number')
  async show(
    @Param('owner') owner: string,
    @Param('repo') repo: string,
    @Param('number') number: string,
  ): Promise<{ job: JobView; history: readonly JobEvent[]; runs: readonly RunRecord[] }> {
    const jobId = issueKey(readRef(`${owner}/${repo}#${number}`));
    const job = await this.options.queue.find(jobId);
    if (job === undefined)
      throw new NotFoundException({ error: 'API_JOB_UNKNOWN', message: `There is no job ${jobId}` });
    const [history, runs] = await Promise.all([this.options.queue.history(jobId), this.options.runs.runs(jobId)]);
    return { job: await this.view(job), history, runs };
  }

  private async view(job: Job): Promise<JobView> {
    const { jobId: _, session: __, ...progress } = await this.options.runs.progress(job.id);
    return {
      issue: formatIssueRef(job.issue),
      title: job.title,
      state: job.state,
      why: await this.options.queue.explain(job.id),
      profile: job.profile,
      priority: job.priority,
      blockedBy: job.blockers.map(({ issue, isFinished }) => ({ issue: formatIssueRef(issue), isFinished })),
      progress,
      cost: (await this.options.budgets?.spentOn(job.issue)) ?? null,
      updatedAt: new Date(job.updatedAt).toISOString(),
    };
  }
}

function readRef(text: string): IssueRef {
  try {
    return parseIssueRef(text);
  } catch (error) {
    if (!(error instanceof InvalidIssueRefError)) throw error;
    throw new BadRequestException({ error: error.code, message: error.message });
  }
}
