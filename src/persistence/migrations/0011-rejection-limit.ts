import type { Migration } from './migration.js';

export const rejectionLimit: Migration = {
  version: 11,
  name: 'rejection-limit',
  statements: ({ whole }) => [`alter table job_progress add column max_rejections ${whole}`],
};
