import type { Migration } from './migration.js';

export const reviews: Migration = {
  version: 7,
  name: 'reviews',
  statements: ({ text, whole }) => [
    `alter table job_progress add column review ${text}`,
    `alter table job_progress add column review_rounds ${whole} not null default 0`,
  ],
};
