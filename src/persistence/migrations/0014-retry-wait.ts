import type { Migration } from './migration.js';

/** How long a retryable job was to wait: where the clock was set back since, the moment it waits for says too much. */
export const retryWait: Migration = {
  version: 14,
  name: 'retry-wait',
  statements: ({ moment }) => [`alter table jobs add column retry_wait_ms ${moment}`],
};
