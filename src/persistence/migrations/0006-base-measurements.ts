import type { Migration } from './migration.js';

export const baseMeasurements: Migration = {
  version: 6,
  name: 'base measurements',
  statements: ({ sequence, text, moment }) => [
    `create table base_measurements (
      sequence ${sequence},
      key ${text} not null unique,
      measurement ${text} not null,
      measured_at ${moment} not null
    )`,
  ],
};
