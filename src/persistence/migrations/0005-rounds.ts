import type { Migration } from './migration.js';

export const rounds: Migration = {
  version: 5,
  name: 'rounds',
  statements: ({ text, whole }) => [
    `alter table job_progress add column turns ${whole} not null default 0`,
    `alter table job_progress add column worked_ms bigint not null default 0`,
    `alter table job_progress add column fingerprints ${text}`,
    `alter table job_progress add column rounds ${text}`,
    `alter table job_progress add column draft ${text}`,
    `alter table job_progress add column stop ${text}`,
  ],
};
