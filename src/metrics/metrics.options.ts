import type { EventBus } from '../kernel/index.js';
import type { JobState } from '../queue/index.js';

/** What `MetricsModule.forRoot` needs: where events come from, and who counts jobs. */
export interface MetricsModuleOptions {
  readonly bus: EventBus;
  readonly countByState: () => Promise<Readonly<Record<JobState, number>>>;
}

export const METRICS_OPTIONS = Symbol('METRICS_OPTIONS');
