import type { Migration } from './migration.js';

export const spend: Migration = {
  version: 2,
  name: 'spend',
  statements: ({ text }) => [
    // A row a run and day, that grows: the calls of one run are many, and nobody asks for one of them.
    `create table spend (
      run_id ${text} not null,
      day ${text} not null,
      profile ${text} not null,
      issue_id ${text} not null,
      input_tokens bigint not null check (input_tokens >= 0),
      output_tokens bigint not null check (output_tokens >= 0),
      cache_read_tokens bigint not null check (cache_read_tokens >= 0),
      cache_write_tokens bigint not null check (cache_write_tokens >= 0),
      unpriced_tokens bigint not null check (unpriced_tokens >= 0),
      cost_micro_usd bigint not null check (cost_micro_usd >= 0),
      primary key (run_id, day, profile, issue_id)
    )`,
    `create index spend_by_issue on spend (issue_id)`,
    `create index spend_by_day on spend (day, profile)`,
  ],
};
