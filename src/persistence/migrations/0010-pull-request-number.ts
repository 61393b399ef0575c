import type { Migration } from './migration.js';

export const pullRequestNumber: Migration = {
  version: 10,
  name: 'pull-request-number',
  statements: ({ whole }) => [
    `alter table job_progress add column pull_request_number ${whole}`,
    `create index job_progress_by_pull_request on job_progress (pull_request_number)`,
  ],
};
