import type { Migration } from './migration.js';

/** Of the row that brought a job where it is, all that its history says now can still be told; of those before it no more. */
export const history: Migration = {
  version: 12,
  name: 'history',
  statements: ({ text, whole, moment }) => [
    `alter table job_events add column changed_by ${text}`,
    `alter table job_events add column not_before ${moment}`,
    `alter table job_events add column failures ${whole} not null default 0`,
    `update job_events set
      not_before = (select jobs.not_before from jobs where jobs.id = job_events.job_id),
      failures = (select jobs.failures from jobs where jobs.id = job_events.job_id),
      changed_by = (
        select 'coordinator:' || jobs.lease_holder from jobs where jobs.id = job_events.job_id and jobs.state = 'running'
      )
      where sequence in (select max(sequence) from job_events group by job_id)`,
  ],
};
