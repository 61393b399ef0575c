import type { RetainedJobs } from './retained-jobs.port.js';
import type { KeptFolder } from './retention.types.js';

/** Folders that can be dropped one by one. */
export interface FolderStore {
  list(jobs: RetainedJobs): Promise<readonly KeptFolder[]>;
  /**
   * Drops a folder of the list, unless it came into use meanwhile: that is looked at again where nobody can begin to use
   * it. Resolves with whether it is gone.
   */
  drop(folder: KeptFolder, jobs: RetainedJobs): Promise<boolean>;
}
