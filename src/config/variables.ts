/** One environment variable, as README.md, .env.example and docker-compose.yml list it. */
export interface Variable {
  readonly name: string;
  readonly isRequired: boolean;
  /** Null where there is none. */
  readonly default: string | null;
  readonly isSecret: boolean;
  readonly meaning: string;
}

function required(name: string, meaning: string, isSecret = false): Variable {
  return { name, isRequired: true, default: null, isSecret, meaning };
}

function optional(name: string, defaultValue: string | null, meaning: string, isSecret = false): Variable {
  return { name, isRequired: false, default: defaultValue, isSecret, meaning };
}

/** Every variable the service reads. A test compares this table with README.md, .env.example and the class beside it. */
export const VARIABLES: readonly Variable[] = [
  required(
    'GITEA_WEBHOOK_SECRET',
    'Secret of the webhook, at least 16 characters. Several, comma-separated, are accepted while one is being replaced.',
    true,
  ),
  required('GITEA_URL', 'Address of Gitea or Forgejo, such as `https://git.example.org`.'),
  required('ANTHROPIC_API_KEY', 'Key for the model that parses issues and, by default, drives the agents.', true),
  optional('LOG_LEVEL', 'info', 'debug, info, warning or error.'),
  optional('HOST', '0.0.0.0', 'Address to listen on.'),
  optional('PORT', '8000', 'Port to listen on.'),
  optional(
    'GITEA_TOKEN',
    null,
    'Token of the bot account, with scopes write:issue, write:repository and read:user. Without it the coordinator works from payloads alone.',
    true,
  ),
  optional(
    'GITEA_SETUP_TOKEN',
    null,
    'Token of somebody who administers the repository, for `mosaic-coordinator init` and `doctor` alone: webhooks need it. The service never uses it.',
    true,
  ),
  optional('GITEA_BOT_NAME', 'mosaic', 'Login of the bot account. An issue assigned to it is work.'),
  optional(
    'ALLOWED_USER_IDS',
    null,
    'Ids of the only accounts that may start and steer work, separated by commas. They need write permission too. Without it everybody who may write to the repository may.',
  ),
  optional(
    'BLOCKED_USER_IDS',
    null,
    'Ids of accounts that may never start or steer work, such as other bots, separated by commas.',
  ),
  optional('LABEL_SCOPE', 'mosaic', 'Scope of the labels that mirror the state of the work, such as `mosaic/running`.'),
  optional(
    'LINK_OTHER_REPOSITORIES',
    'false',
    "true: a dependency on another repository's issue is written back as a link of Gitea too. Gitea must allow such links.",
  ),
  optional(
    'BLOCKERS_FINISHED',
    'closed',
    'When an issue no longer blocks others, where its repository does not say: `closed`, or `merged` for issues that the coordinator opened a pull request for.',
  ),
  optional('DATA_FOLDER', './data', 'Where the embedded database and the workspaces live. Of each process alone.'),
  optional(
    'WORKSPACES_FOLDER',
    null,
    'Where workspaces and sessions live instead, on storage that all coordinators of a database share: one that takes a job over then goes on where the other stopped.',
  ),
  optional(
    'DATABASE_URL',
    null,
    'PostgreSQL (14 or newer) instead of the embedded database, for several processes: `postgres://user:password@host/name`. Encrypted unless it is on this machine, or `?sslmode=disable` is said.',
    true,
  ),
  optional('DATABASE_POOL_SIZE', '10', 'How many connections to PostgreSQL this process makes at most, and one more.'),
  optional('DATABASE_WAIT_SECONDS', '60', 'How long a start waits for a PostgreSQL that is not there or just starts.'),
  optional('DATABASE_STATEMENT_SECONDS', '10', 'How long PostgreSQL may work on one statement.'),
  optional(
    'RETENTION_DAYS',
    '30',
    'How long workspaces, transcripts and histories of jobs that ended are kept, and payloads of deliveries. What belongs to other jobs is never deleted.',
  ),
  optional(
    'RETENTION_DELIVERY_ID_DAYS',
    '730',
    'How long the ids of deliveries are known, so that one that comes again is. Not below RETENTION_DAYS.',
  ),
  optional(
    'RETENTION_MEGABYTES',
    '20480',
    'What workspaces, mirrors and downloads of gates may take on the disk before those that are not in use are deleted sooner, the oldest first.',
  ),
  optional('RETENTION_RECORD_MEGABYTES', '1024', 'The same for payloads of deliveries and histories in the database.'),
  optional(
    'DISK_RESERVE_MEGABYTES',
    '512',
    'How much of the disk of DATA_FOLDER is kept free for the database: below it no work begins, below a quarter of it what runs is stopped, and goes on when there is room. 0: none.',
  ),
  optional('API_TOKEN', null, 'Bearer token for `/api`, at least 16 characters. Without it `/api` is closed.', true),
  optional('ANTHROPIC_BASE_URL', null, "Address of the model's API, where it is not Anthropic's own."),
  optional('PARSER_MODEL', 'claude-sonnet-5-5', 'The model that is asked about issues without the structured format.'),
  optional('AGENT_PROFILES_FILE', null, 'A YAML file that replaces the default agent profiles.'),
  optional(
    'GATES_FILE',
    null,
    'A YAML file with the gates of repositories that declare none: like a `.mosaic/coordinator.yml`, with `gates` and `base` alone.',
  ),
  optional('GLM_BASE_URL', null, 'Anthropic-compatible address of a self-hosted GLM; switches the profile `glm` on.'),
  optional('GLM_API_KEY', null, 'Key for GLM_BASE_URL, where it needs one.', true),
  optional(
    'MINIMAX_BASE_URL',
    null,
    'Anthropic-compatible address of a self-hosted MiniMax; switches the profile `minimax` on.',
  ),
  optional('MINIMAX_API_KEY', null, 'Key for MINIMAX_BASE_URL, where it needs one.', true),
  optional('MAX_RUNNING', '4', 'How many jobs run at once.'),
  optional('MAX_RUNNING_PER_REPOSITORY', '2', 'How many jobs of one repository run at once.'),
  optional('MAX_REJECTIONS', '5', 'How often the gates may reject a job before a person must act.'),
  optional(
    'MAX_ROUNDS_WITHOUT_PROGRESS',
    '3',
    'How many rejected rounds in a row may leave nothing new before a person must act.',
  ),
  optional('MAX_FAILURES', '5', 'How often a job may fail for reasons that may pass before a person must act.'),
  optional('MAX_TURNS', '100', 'How many turns agents may take on one job before a person must act.'),
  optional('MAX_REVIEW_ROUNDS', '20', 'How often reviews may send the work of a job back before a person must act.'),
  optional('COMPACT_AT_PERCENT', '80', 'Share of the usable context window from which a session is compacted.'),
  optional('ROTATE_AT_PERCENT', '95', 'Share of the usable context window from which a session is replaced.'),
  optional('TURN_TIMEOUT_MINUTES', '60', 'How long one turn of an agent may take.'),
  optional('RUN_TIMEOUT_MINUTES', '240', 'How long one run may take.'),
  optional(
    'JOB_TIMEOUT_MINUTES',
    '1440',
    'How long the runs of a job may take, all together, before a person must act.',
  ),
  optional('GATE_TIMEOUT_MINUTES', '15', 'How long one gate may take where its definition does not say.'),
  optional(
    'SILENCE_MINUTES',
    '5',
    'How long an agent may show no sign of life, without a tool that runs, before it is interrupted.',
  ),
  optional('LOOP_INTERVAL_SECONDS', '4', 'How often the loop looks for work when nothing wakes it.'),
  optional(
    'SWEEP_INTERVAL_SECONDS',
    '300',
    'About how often Gitea is asked for what no webhook told: a quarter to four times this. Needs GITEA_TOKEN.',
  ),
  optional(
    'LEASE_SECONDS',
    '12',
    'How long a claim lasts without a sign of life. Where coordinators share a database, the jobs of one that is gone are taken over after it.',
  ),
  optional('WEBHOOK_BODY_LIMIT_BYTES', '10000000', 'Largest delivery that is read.'),
  optional('SHUTDOWN_GRACE_SECONDS', '10', 'How long running agents may take to stop on SIGTERM.'),
  optional(
    'ALLOW_UNSANDBOXED_AGENT',
    'false',
    'true: agents and gates run without a sandbox where bubblewrap does not work. They can then read what the service can.',
  ),
  optional(
    'SANDBOX_READABLE',
    null,
    'Files and folders that agents and gates may read besides the system, such as a toolchain, separated by colons.',
  ),
  optional('SANDBOX_MEMORY_MB', '4096', 'How much memory one process of an agent or gate may have.'),
  optional('SANDBOX_PROCESSES', '1024', 'How many processes and threads one command of an agent or gate may have.'),
  optional('SANDBOX_FILE_MB', '2048', 'How large a file an agent or gate may write.'),
  optional(
    'EGRESS_ALLOWED_HOSTS',
    null,
    'Hosts that agents and gates may reach besides the model, separated by commas: `registry.npmjs.org`, `*.example.org`, `example.org:8443`. Port 443 unless one is named; plain HTTP only where it is named.',
  ),
  optional(
    'EGRESS_PRIVATE_HOSTS',
    null,
    'The same for hosts in private networks or on this machine, such as `registry.internal:4873`. Addresses of cloud metadata are refused even so.',
  ),
  optional('BUDGET_RUN_TOKENS', null, 'How many tokens one run may spend.'),
  optional('BUDGET_RUN_USD', null, 'How many US dollars one run may spend.'),
  optional('BUDGET_ISSUE_TOKENS', null, 'How many tokens one issue may spend in all its runs.'),
  optional('BUDGET_ISSUE_USD', '20', 'How many US dollars one issue may spend in all its runs.'),
  optional('BUDGET_DAY_TOKENS', null, 'How many tokens all jobs together may spend in one day (UTC).'),
  optional('BUDGET_DAY_USD', '100', 'How many US dollars all jobs together may spend in one day (UTC).'),
  optional('CALIBRATION', 'true', 'false: estimates are not corrected by what finished jobs really needed.'),
];
