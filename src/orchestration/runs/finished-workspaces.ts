import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

import { formatIssueRef, messageOf } from '../../kernel/index.js';
import type { JobMoved } from '../../queue/index.js';
import { UNLED_OPTIONS, type OrchestrationOptions } from '../orchestration.options.js';

/**
 * Deletes the workspace of a job that is completed: its work is merged or was not wanted, and its branch is at the
 * forge. Where nothing can be pushed, the workspace and the mirror are all there is, and stay.
 */
@Injectable()
export class FinishedWorkspaces implements OnModuleInit {
  private readonly logger = new Logger(FinishedWorkspaces.name);

  constructor(@Inject(UNLED_OPTIONS) private readonly options: OrchestrationOptions) {}

  onModuleInit(): void {
    if (!this.options.workspaces.canPush) return;
    this.options.bus.subscribe<JobMoved>('queue.job-moved', (event) => {
      // A running job's agent still works there. Its run is being stopped; the folder is left.
      if (event.to === 'completed' && event.from !== 'running') void this.remove(event);
    });
  }

  private async remove({ issue }: JobMoved): Promise<void> {
    try {
      await this.options.workspaces.remove(issue);
    } catch (error) {
      this.logger.warn('Workspace not deleted', { issue: formatIssueRef(issue), reason: messageOf(error) });
    }
  }
}
