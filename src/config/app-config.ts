import { join, resolve } from 'node:path';

import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

import { SecretScrubber } from '../kernel/index.js';
import { InvalidConfigurationError } from './config.errors.js';
import { EnvironmentVariables, type BlockerEndName, type LogLevelName } from './environment-variables.js';
import { VARIABLES } from './variables.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 1_440 * MINUTE;
const MEGABYTE = 1_048_576;
const INHERITED = [
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
/** By these OpenSSL, Node, Python, pip, curl, git and Cargo are told of authorities, such as a company's own. */
const CERTIFICATES = [
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'PIP_CERT',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];

/** The configuration of the service, checked and in the units the program uses. */
export interface AppConfig {
  readonly webhook: { readonly secrets: readonly string[]; readonly bodyLimitBytes: number };
  readonly gitea: {
    readonly url: string;
    readonly token: string | null;
    /** For setting up alone; null for none. */
    readonly setupToken: string | null;
    readonly botName: string;
    readonly labelScope: string;
  };
  /** Ids of accounts. */
  readonly people: { readonly allowed: readonly number[]; readonly blocked: readonly number[] };
  readonly dependencies: {
    /** Whether dependencies between repositories are written back as links of Gitea. */
    readonly linksOtherRepositories: boolean;
    /** When an issue no longer blocks others, where its repository does not say. */
    readonly blockersFinished: BlockerEndName;
  };
  readonly anthropic: { readonly apiKey: string; readonly baseUrl: string | null; readonly parserModel: string };
  readonly http: { readonly host: string; readonly port: number; readonly apiToken: string | null };
  readonly logLevel: LogLevelName;
  /** Absolute. */
  readonly dataFolder: string;
  readonly workspaces: {
    /** Absolute. */
    readonly folder: string;
    /** Whether other coordinators work there too. */
    readonly isShared: boolean;
  };
  readonly database: {
    /** Of a PostgreSQL database; null for the embedded one. A secret. */
    readonly url: string | null;
    readonly poolSize: number;
    readonly statementTimeoutMs: number;
    /** How long a start waits for a server that is not there. */
    readonly startWaitMs: number;
  };
  readonly retention: {
    readonly keepMs: number;
    readonly keepDeliveryIdsMs: number;
    readonly maxFolderBytes: number;
    readonly maxRecordBytes: number;
    /** 0 for none. */
    readonly reserveBytes: number;
  };
  readonly profiles: {
    /** Absolute; null for the default profiles. */
    readonly file: string | null;
    readonly glm: { readonly baseUrl: string | null; readonly apiKey: string | null };
    readonly minimax: { readonly baseUrl: string | null; readonly apiKey: string | null };
    /** Looks up the variable a profile of the file names as its key. */
    readonly secretOf: (variable: string) => string | undefined;
  };
  /** Absolute; null where gates are declared by repositories alone, or detected. */
  readonly gatesFile: string | null;
  readonly limits: {
    readonly running: number;
    readonly runningPerRepository: number;
    readonly rejections: number;
    readonly roundsWithoutProgress: number;
    readonly failures: number;
    readonly turns: number;
    readonly reviewRounds: number;
  };
  /** Shares from 0 to 1. */
  readonly context: { readonly compactAt: number; readonly rotateAt: number };
  readonly times: {
    readonly turnTimeoutMs: number;
    readonly silenceMs: number;
    readonly runTimeoutMs: number;
    readonly jobTimeoutMs: number;
    readonly gateTimeoutMs: number;
    readonly loopIntervalMs: number;
    readonly sweepIntervalMs: number;
    readonly leaseMs: number;
    readonly shutdownGraceMs: number;
  };
  readonly sandbox: {
    /** Whether agents and gates may run without one where none works. */
    readonly isOptional: boolean;
    /** Absolute. */
    readonly readable: readonly string[];
    readonly memoryBytes: number;
    readonly processes: number;
    readonly fileBytes: number;
  };
  readonly egress: { readonly allowedHosts: readonly string[]; readonly privateHosts: readonly string[] };
  /** Null where there is no budget. */
  readonly budgets: Readonly<
    Record<'run' | 'issue' | 'day', { readonly tokens: number | null; readonly usd: number | null }>
  >;
  readonly isCalibrated: boolean;
  /** PATH, proxies and certificates, for the programs that the service starts itself. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Variables that name files of certificates, for what agents and gates start. */
  readonly certificates: Readonly<Record<string, string>>;
  /** Knows every secret value, also those that `secretOf` looked up. */
  readonly scrubber: SecretScrubber;
}

/**
 * Reads the configuration out of environment variables. An empty variable counts as one that is not set.
 *
 * @param scrubber learns every secret value
 * @throws {InvalidConfigurationError} naming every variable that is missing or wrong, and no value
 */
export function loadAppConfig(
  environment: Readonly<Record<string, string | undefined>>,
  scrubber = new SecretScrubber(),
): AppConfig {
  const given = valuesOf(environment);
  const variables = plainToInstance(EnvironmentVariables, given, { exposeDefaultValues: true });
  const problems = [...missing(given), ...mistakes(variables, given), ...contradictions(variables)];
  if (problems.length > 0) throw new InvalidConfigurationError(problems);

  return toAppConfig(variables, environment, scrubber);
}

function valuesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const variable of VARIABLES) {
    const value = environment[variable.name]?.trim() || variable.default;
    if (value !== null && value !== undefined) values[variable.name] = value;
  }
  return values;
}

function missing(given: Readonly<Record<string, string>>): string[] {
  return VARIABLES.filter((variable) => variable.isRequired && given[variable.name] === undefined).map(
    (variable) => `${variable.name} is not set. ${variable.meaning}`,
  );
}

function mistakes(variables: EnvironmentVariables, given: Readonly<Record<string, string>>): string[] {
  return validateSync(variables)
    .filter((error) => given[error.property] !== undefined)
    .map((error) => `${error.property} ${Object.values(error.constraints ?? {})[0]}`);
}

function contradictions(variables: EnvironmentVariables): string[] {
  const { ALLOWED_USER_IDS: allowed, BLOCKED_USER_IDS: blocked } = variables;
  const isCompactedLate = variables.COMPACT_AT_PERCENT >= variables.ROTATE_AT_PERCENT;
  const isForgottenEarly = variables.RETENTION_DELIVERY_ID_DAYS < variables.RETENTION_DAYS;
  const isInBoth = allowed.some((id) => blocked.includes(id));
  return [
    ...(isCompactedLate ? ['COMPACT_AT_PERCENT must be below ROTATE_AT_PERCENT'] : []),
    ...(isForgottenEarly ? ['RETENTION_DELIVERY_ID_DAYS must not be below RETENTION_DAYS'] : []),
    ...(isInBoth ? ['ALLOWED_USER_IDS and BLOCKED_USER_IDS must not name the same account'] : []),
  ];
}

function toAppConfig(
  variables: EnvironmentVariables,
  environment: Readonly<Record<string, string | undefined>>,
  scrubber: SecretScrubber,
): AppConfig {
  for (const secret of variables.GITEA_WEBHOOK_SECRET) scrubber.learn(secret);
  const secretOf = (name: string): string | undefined => {
    const secret = environment[name]?.trim() || undefined;
    if (secret !== undefined) scrubber.learn(secret);
    return secret;
  };
  for (const { name, isSecret } of VARIABLES) if (isSecret && name !== 'GITEA_WEBHOOK_SECRET') secretOf(name);
  for (const password of passwordsIn(variables.DATABASE_URL ?? '')) scrubber.learn(password);
  return {
    webhook: { secrets: variables.GITEA_WEBHOOK_SECRET, bodyLimitBytes: variables.WEBHOOK_BODY_LIMIT_BYTES },
    gitea: {
      url: variables.GITEA_URL.replace(/\/+$/, ''),
      token: variables.GITEA_TOKEN ?? null,
      setupToken: variables.GITEA_SETUP_TOKEN ?? null,
      botName: variables.GITEA_BOT_NAME,
      labelScope: variables.LABEL_SCOPE,
    },
    people: {
      allowed: variables.ALLOWED_USER_IDS.map(Number),
      blocked: variables.BLOCKED_USER_IDS.map(Number),
    },
    dependencies: {
      linksOtherRepositories: variables.LINK_OTHER_REPOSITORIES,
      blockersFinished: variables.BLOCKERS_FINISHED,
    },
    anthropic: {
      apiKey: variables.ANTHROPIC_API_KEY,
      baseUrl: variables.ANTHROPIC_BASE_URL ?? null,
      parserModel: variables.PARSER_MODEL,
    },
    http: { host: variables.HOST, port: variables.PORT, apiToken: variables.API_TOKEN ?? null },
    logLevel: variables.LOG_LEVEL,
    dataFolder: resolve(variables.DATA_FOLDER),
    workspaces: {
      folder: resolve(variables.WORKSPACES_FOLDER ?? join(variables.DATA_FOLDER, 'workspaces')),
      isShared: variables.WORKSPACES_FOLDER !== undefined,
    },
    database: {
      url: variables.DATABASE_URL ?? null,
      poolSize: variables.DATABASE_POOL_SIZE,
      statementTimeoutMs: variables.DATABASE_STATEMENT_SECONDS * SECOND,
      startWaitMs: variables.DATABASE_WAIT_SECONDS * SECOND,
    },
    retention: {
      keepMs: variables.RETENTION_DAYS * DAY,
      keepDeliveryIdsMs: variables.RETENTION_DELIVERY_ID_DAYS * DAY,
      maxFolderBytes: variables.RETENTION_MEGABYTES * MEGABYTE,
      maxRecordBytes: variables.RETENTION_RECORD_MEGABYTES * MEGABYTE,
      reserveBytes: variables.DISK_RESERVE_MEGABYTES * MEGABYTE,
    },
    profiles: {
      file: variables.AGENT_PROFILES_FILE === undefined ? null : resolve(variables.AGENT_PROFILES_FILE),
      glm: { baseUrl: variables.GLM_BASE_URL ?? null, apiKey: variables.GLM_API_KEY ?? null },
      minimax: { baseUrl: variables.MINIMAX_BASE_URL ?? null, apiKey: variables.MINIMAX_API_KEY ?? null },
      secretOf,
    },
    gatesFile: variables.GATES_FILE === undefined ? null : resolve(variables.GATES_FILE),
    limits: {
      running: variables.MAX_RUNNING,
      runningPerRepository: variables.MAX_RUNNING_PER_REPOSITORY,
      rejections: variables.MAX_REJECTIONS,
      roundsWithoutProgress: variables.MAX_ROUNDS_WITHOUT_PROGRESS,
      failures: variables.MAX_FAILURES,
      turns: variables.MAX_TURNS,
      reviewRounds: variables.MAX_REVIEW_ROUNDS,
    },
    context: { compactAt: variables.COMPACT_AT_PERCENT / 100, rotateAt: variables.ROTATE_AT_PERCENT / 100 },
    times: {
      silenceMs: variables.SILENCE_MINUTES * MINUTE,
      turnTimeoutMs: variables.TURN_TIMEOUT_MINUTES * MINUTE,
      runTimeoutMs: variables.RUN_TIMEOUT_MINUTES * MINUTE,
      jobTimeoutMs: variables.JOB_TIMEOUT_MINUTES * MINUTE,
      gateTimeoutMs: variables.GATE_TIMEOUT_MINUTES * MINUTE,
      loopIntervalMs: variables.LOOP_INTERVAL_SECONDS * SECOND,
      sweepIntervalMs: variables.SWEEP_INTERVAL_SECONDS * SECOND,
      leaseMs: variables.LEASE_SECONDS * SECOND,
      shutdownGraceMs: variables.SHUTDOWN_GRACE_SECONDS * SECOND,
    },
    sandbox: {
      isOptional: variables.ALLOW_UNSANDBOXED_AGENT,
      readable: variables.SANDBOX_READABLE,
      memoryBytes: variables.SANDBOX_MEMORY_MB * MEGABYTE,
      processes: variables.SANDBOX_PROCESSES,
      fileBytes: variables.SANDBOX_FILE_MB * MEGABYTE,
    },
    egress: { allowedHosts: variables.EGRESS_ALLOWED_HOSTS, privateHosts: variables.EGRESS_PRIVATE_HOSTS },
    budgets: {
      run: { tokens: variables.BUDGET_RUN_TOKENS ?? null, usd: variables.BUDGET_RUN_USD ?? null },
      issue: { tokens: variables.BUDGET_ISSUE_TOKENS ?? null, usd: variables.BUDGET_ISSUE_USD },
      day: { tokens: variables.BUDGET_DAY_TOKENS ?? null, usd: variables.BUDGET_DAY_USD },
    },
    isCalibrated: variables.CALIBRATION,
    inherited: present(INHERITED, environment),
    certificates: present(CERTIFICATES, environment),
    scrubber,
  };
}

/** The password of an address, as it stands there and as it is. */
function passwordsIn(url: string): readonly string[] {
  const [, password = ''] = /^\w+:\/\/[^:@/]*:([^@/]*)@/.exec(url) ?? [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}

function present(
  names: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(names.flatMap((name) => (environment[name] ? [[name, environment[name]]] : [])));
}
