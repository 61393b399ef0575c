import type { Migration } from './migration.js';

export const jobsAndDeliveries: Migration = {
  version: 1,
  name: 'jobs and deliveries',
  statements: ({ sequence, text, whole, measured, real, moment, json }) => [
    `create table deliveries (
      sequence ${sequence},
      id ${text} not null unique,
      kind ${text} not null,
      action ${text} not null,
      issue_id ${text} not null,
      issue ${json('issue')} not null,
      sender ${text} not null,
      received_at ${moment} not null,
      settled_at ${moment},
      fault ${text}
    )`,
    `create index deliveries_unsettled on deliveries (sequence) where settled_at is null and fault is null`,

    `create table jobs (
      id ${text} not null primary key,
      owner ${text} not null,
      repo ${text} not null,
      number ${whole} not null,
      repository ${text} not null,
      lane ${text} not null,
      title ${text} not null,
      profile ${text} not null,
      priority ${real} not null,
      details ${json('details')} not null,
      state ${text} not null,
      reason ${text} not null,
      fencing_token ${whole} not null,
      lease_holder ${text},
      lease_ends_at ${moment},
      not_before ${moment},
      failures ${whole} not null,
      created_at ${moment} not null,
      updated_at ${moment} not null,
      check ((state = 'running') = (lease_holder is not null and lease_ends_at is not null)),
      check ((state = 'retryable') = (not_before is not null))
    )`,
    // The order within a lane is that of a claim: its first row is the only one of the lane that can be next. Not a
    // partial index, because the planner would rather take the next one than that.
    `create index jobs_claimable on jobs (state, lane, priority desc, number, id)`,
    `create index jobs_by_state on jobs (state, priority desc, number, id)`,

    `create table job_blockers (
      job_id ${text} not null references jobs (id),
      blocker_id ${text} not null,
      owner ${text} not null,
      repo ${text} not null,
      number ${whole} not null,
      is_finished ${whole} not null check (is_finished in (0, 1)),
      primary key (job_id, blocker_id)
    )`,
    `create index job_blockers_by_blocker on job_blockers (blocker_id, is_finished)`,
    `create index job_blockers_unfinished on job_blockers (job_id) where is_finished = 0`,

    `create table job_events (
      sequence ${sequence},
      job_id ${text} not null references jobs (id),
      at ${moment} not null,
      from_state ${text},
      to_state ${text} not null,
      reason ${text} not null,
      fencing_token ${whole} not null
    )`,
    `create index job_events_by_job on job_events (job_id, sequence)`,

    `create table runs (
      sequence ${sequence},
      id ${text} not null unique,
      job_id ${text} not null,
      fencing_token ${whole} not null,
      profile ${text} not null,
      started_at ${moment} not null,
      ended_at ${moment},
      outcome ${text},
      reason ${text}
    )`,
    `create index runs_by_job on runs (job_id, sequence)`,

    `create table job_progress (
      job_id ${text} not null primary key,
      base_commit ${text},
      base_branch ${text},
      branch ${text},
      head_commit ${text},
      published_commit ${text},
      session ${json('session')},
      rejections ${whole} not null,
      compactions ${whole} not null,
      hand_overs ${whole} not null,
      spend ${json('spend')},
      peak_tokens ${measured},
      used_tokens ${measured},
      usable_tokens ${measured},
      verdict ${json('verdict')},
      pull_request ${json('pull_request')}
    )`,

    `create table parsed_texts (
      key ${text} not null primary key,
      metadata ${json('metadata')} not null,
      created_at ${moment} not null
    )`,

    // One row that is written to learn whether anything can be.
    `create table write_probe (id ${whole} not null primary key check (id = 1), writes ${whole} not null)`,
    `insert into write_probe (id, writes) values (1, 0)`,
  ],
};
