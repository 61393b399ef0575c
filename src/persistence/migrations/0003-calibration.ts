import type { Migration } from './migration.js';

export const calibration: Migration = {
  version: 3,
  name: 'calibration',
  statements: ({ sequence, text, real }) => [
    `create table calibration_samples (
      sequence ${sequence},
      job_id ${text} not null unique,
      profile ${text} not null,
      difficulty ${text} not null,
      estimated_tokens ${real} not null check (estimated_tokens > 0),
      peak_tokens ${real} not null check (peak_tokens > 0)
    )`,
    `create index calibration_samples_by_group on calibration_samples (profile, difficulty, sequence)`,
  ],
};
