import type { Migration } from './migration.js';

export const place: Migration = {
  version: 9,
  name: 'place',
  statements: ({ text }) => [`alter table job_progress add column place ${text}`],
};
