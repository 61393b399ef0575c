import type { Generated, Kysely, Transaction } from 'kysely';

/** The tables as the last migration leaves them. A moment is milliseconds since 1970; a flag is 0 or 1. */
export interface Tables {
  deliveries: DeliveryTable;
  jobs: JobTable;
  job_blockers: JobBlockerTable;
  job_events: JobEventTable;
  runs: RunTable;
  job_progress: JobProgressTable;
  parsed_texts: ParsedTextTable;
  spend: SpendTable;
  calibration_samples: CalibrationSampleTable;
  base_measurements: BaseMeasurementTable;
  replicas: ReplicaTable;
  leases: LeaseTable;
  write_probe: { id: number; writes: number };
  schema_migrations: { version: number; name: string; applied_at: number };
}

/** Whatever runs queries: the database, or a transaction of it. */
export type Queries = Kysely<Tables> | Transaction<Tables>;

export interface DeliveryTable {
  sequence: Generated<number>;
  id: string;
  kind: string;
  action: string;
  issue_id: string;
  /** JSON: IssueSnapshot. */
  issue: string;
  sender: string;
  received_at: number;
  settled_at: number | null;
  /** Why the row cannot be used; such a row is kept for a person to look at. */
  fault: string | null;
}

export interface JobTable {
  id: string;
  owner: string;
  repo: string;
  number: number;
  /** The repository's key. */
  repository: string;
  /** Repository and profile: what the limits hold back alike. See `laneOf`. */
  lane: string;
  title: string;
  profile: string;
  priority: number;
  /** JSON. */
  details: string;
  state: string;
  reason: string;
  fencing_token: number;
  lease_holder: string | null;
  lease_ends_at: number | null;
  /** Whose lease it is that a job keeps which was taken from its holder. */
  taken_from: string | null;
  taken_lease_ends_at: number | null;
  not_before: number | null;
  /** Of how many milliseconds its wait until then was; null where an older version began it. */
  retry_wait_ms: number | null;
  failures: number;
  created_at: number;
  updated_at: number;
}

export interface JobBlockerTable {
  job_id: string;
  blocker_id: string;
  owner: string;
  repo: string;
  number: number;
  is_finished: number;
}

export interface JobEventTable {
  sequence: Generated<number>;
  job_id: string;
  at: number;
  from_state: string | null;
  to_state: string;
  reason: string;
  fencing_token: number;
  /** See `toActorColumn`. Null where nobody said. */
  changed_by: string | null;
  not_before: number | null;
  failures: number;
}

export interface RunTable {
  sequence: Generated<number>;
  id: string;
  job_id: string;
  fencing_token: number;
  profile: string;
  started_at: number;
  ended_at: number | null;
  outcome: string | null;
  reason: string | null;
}

/** What is JSON: session, spend, verdict, pull_request, fingerprints, rounds, draft, stop and review. */
export interface JobProgressTable {
  job_id: string;
  base_commit: string | null;
  base_branch: string | null;
  branch: string | null;
  head_commit: string | null;
  published_commit: string | null;
  session: string | null;
  rejections: number;
  compactions: number;
  hand_overs: number;
  spend: string | null;
  peak_tokens: number | null;
  used_tokens: number | null;
  usable_tokens: number | null;
  verdict: string | null;
  pull_request: string | null;
  starts_without_progress: number;
  gated_commit: string | null;
  turns: number;
  worked_ms: number;
  fingerprints: string | null;
  rounds: string | null;
  draft: string | null;
  stop: string | null;
  review: string | null;
  review_rounds: number;
  place: string | null;
  max_rejections: number | null;
  /** That of `pull_request`, to find the job by. Null too where a version before schema 10 wrote that. */
  pull_request_number: number | null;
}

export interface ParsedTextTable {
  key: string;
  /** JSON: IssueMetadata. */
  metadata: string;
  created_at: number;
}

export interface CalibrationSampleTable {
  /** The newest has the highest. */
  sequence: Generated<number>;
  job_id: string;
  profile: string;
  difficulty: string;
  estimated_tokens: number;
  peak_tokens: number;
}

export interface BaseMeasurementTable {
  /** The newest has the highest. */
  sequence: Generated<number>;
  key: string;
  /** JSON: BaseMeasurement. */
  measurement: string;
  measured_at: number;
}

/** What one run spent on one day. Money is in whole microdollars. */
export interface SpendTable {
  run_id: string;
  /** By UTC, such as `2026-03-31`. */
  day: string;
  profile: string;
  issue_id: string;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  /** Those whose price was unknown. */
  unpriced_tokens: number;
  cost_micro_usd: number;
}

/** A process that works on the database, or did. */
export interface ReplicaTable {
  /** As in the leases of jobs. */
  holder: string;
  /** JSON: ProcessIdentity. */
  identity: string;
  /** Which data folder it has locked; see `folderIdentity`. */
  folder: string;
  /** By the clock of leases. */
  seen_at: number;
}

/** A right that one process has at a time. */
export interface LeaseTable {
  name: string;
  holder: string;
  /** Grows by one whenever another process takes the right, or the same one takes it anew. */
  fencing_token: number;
  /** By the clock of leases. */
  ends_at: number;
}
