import type { BudgetService } from '../budgets/index.js';
import type { CalibrationService } from '../calibration/index.js';
import type { RunStore } from '../orchestration/index.js';
import type { QueueService } from '../queue/index.js';

/** What `ApiModule.forRoot` needs. */
export interface ApiModuleOptions {
  readonly queue: QueueService;
  readonly runs: RunStore;
  /** What estimates are corrected by. @default none: nothing is shown of it */
  readonly calibration?: Pick<CalibrationService, 'overview'>;
  /** Who reckons what is spent. Left out: nobody, and costs are shown as unknown. */
  readonly budgets?: Pick<BudgetService, 'spentOn' | 'standing'>;
  /** The bearer token that opens it; null keeps it closed. */
  readonly token: string | null;
}

export const API_OPTIONS = Symbol('API_OPTIONS');
