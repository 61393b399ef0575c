import type { Migration } from './migration.js';

export const startsWithoutProgress: Migration = {
  version: 4,
  name: 'starts without progress',
  statements: ({ text, whole }) => [
    `alter table job_progress add column starts_without_progress ${whole} not null default 0`,
    `alter table job_progress add column gated_commit ${text}`,
  ],
};
