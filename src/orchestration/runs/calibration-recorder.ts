import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import { messageOf } from '../../kernel/index.js';
import type { JobMoved } from '../../queue/index.js';
import { readDetails } from '../job-details.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

/**
 * Tells the calibration what each job took whose gates passed: once it is in review, and again with its completion, as
 * it may have gone on in between. One whose occupancy nobody told teaches nothing.
 */
@Injectable()
export class CalibrationRecorder implements OnModuleInit {
  private readonly logger = new Logger(CalibrationRecorder.name);

  constructor(@Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions) {}

  onModuleInit(): void {
    this.options.bus.subscribe<JobMoved>('queue.job-moved', ({ jobId, from, to }) => {
      if (to === 'in_review' || (from === 'in_review' && to === 'completed')) void this.record(jobId);
    });
  }

  private async record(jobId: string): Promise<void> {
    const { queue, runs, calibration } = this.options;
    try {
      const [job, { peakTokens }] = await Promise.all([queue.find(jobId), runs.progress(jobId)]);
      if (job === undefined || peakTokens === null) return;
      const { estimatedTokens, difficulty } = readDetails(job.details).metadata;
      await calibration.record({ jobId, profile: job.profile, difficulty, estimatedTokens, peakTokens });
    } catch (error) {
      // One job of many: the work itself does not depend on it.
      this.logger.warn('Calibration not recorded', { jobId, reason: messageOf(error) });
    }
  }
}
