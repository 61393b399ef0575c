import type { Migration } from './migration.js';

export const replicas: Migration = {
  version: 8,
  name: 'replicas',
  statements: ({ text, whole, moment, json, wakeOn }) => [
    `create table replicas (
      holder ${text} not null primary key,
      identity ${json('identity')} not null,
      folder ${text} not null,
      seen_at ${moment} not null
    )`,
    `create table leases (
      name ${text} not null primary key,
      holder ${text} not null,
      fencing_token ${whole} not null,
      ends_at ${moment} not null
    )`,
    ...wakeOn('deliveries'),
    // A claim leaves nobody anything to do.
    ...wakeOn('job_events', `new.to_state <> 'running'`),
  ],
};
