import type { RunStore } from '../orchestration/index.js';
import type { QueueService } from '../queue/index.js';

/** What `ApiModule.forRoot` needs. */
export interface ApiModuleOptions {
  readonly queue: QueueService;
  readonly runs: RunStore;
  /** The bearer token that opens it; null keeps it closed. */
  readonly token: string | null;
}

export const API_OPTIONS = Symbol('API_OPTIONS');
