import type { Migration } from './migration.js';

/** What goes through all jobs whose work is not over reads no others, however many there are. */
export const unsettledJobs: Migration = {
  version: 15,
  name: 'unsettled-jobs',
  statements: () => [`create index jobs_unsettled on jobs (id) where state not in ('completed', 'cancelled')`],
};
