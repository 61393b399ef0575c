import type { Migration } from './migration.js';

/** The lease of a job that was taken from its holder: a job that does not run has none in the columns of running ones. */
export const takenLease: Migration = {
  version: 13,
  name: 'taken-lease',
  statements: ({ text, moment }) => [
    `alter table jobs add column taken_from ${text}`,
    `alter table jobs add column taken_lease_ends_at ${moment}`,
  ],
};
