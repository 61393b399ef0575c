import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  type ValidationOptions,
} from 'class-validator';

export const LOG_LEVELS = ['debug', 'info', 'warning', 'error'] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

export const BLOCKER_ENDS = ['closed', 'merged'] as const;
export type BlockerEndName = (typeof BLOCKER_ENDS)[number];

/** The shortest secret that is accepted, in characters. */
const SHORTEST_SECRET = 16;
const MOST_TOKENS = 1_000_000_000_000;
const MOST_DOLLARS = 1_000_000;

/** An address without a user, a query or a fragment: those could carry a secret into a log line. */
function IsHttpUrl(options?: ValidationOptions): PropertyDecorator {
  const isUrl = IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true },
    { message: 'must be an http:// or https:// address without a user in it', ...options },
  );
  return isUrl;
}

function IsWholeNumber(from: number, to: number): PropertyDecorator {
  return (target, property) => {
    Type(() => Number)(target, property);
    IsInt({ message: `must be a whole number from ${from} to ${to}` })(target, property);
    Min(from, { message: `must be a whole number from ${from} to ${to}` })(target, property);
    Max(to, { message: `must be a whole number from ${from} to ${to}` })(target, property);
  };
}

function IsSecretList(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) =>
      String(value)
        .split(',')
        .map((secret) => secret.trim()),
    )(target, property);
    ValidateBy({
      name: 'isSecretList',
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) && value.every((secret: string) => secret.length >= SHORTEST_SECRET),
        defaultMessage: () => `must be a secret of at least ${SHORTEST_SECRET} characters, or several with commas`,
      },
    })(target, property);
  };
}

function IsListOf(pattern: RegExp, separator: string, message: string): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) =>
      String(value)
        .split(separator)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )(target, property);
    Matches(pattern, { each: true, message })(target, property);
  };
}

function IsHostList(): PropertyDecorator {
  return IsListOf(
    /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
    ',',
    'must be host names such as `registry.npmjs.org` or `*.example.org:8443`, separated by commas',
  );
}

function IsAccountList(): PropertyDecorator {
  return IsListOf(/^[1-9]\d{0,14}$/, ',', 'must be ids of accounts, whole numbers from 1, separated by commas');
}

function IsSwitch(): PropertyDecorator {
  return (target, property) => {
    Transform(({ value }: { value: unknown }) => ({ true: true, false: false })[String(value)])(target, property);
    IsBoolean({ message: 'must be true or false' })(target, property);
  };
}

function IsDollars(): PropertyDecorator {
  const message = `must be an amount of US dollars above 0, at most ${MOST_DOLLARS}`;
  return (target, property) => {
    Type(() => Number)(target, property);
    IsNumber({ allowNaN: false, allowInfinity: false }, { message })(target, property);
    IsPositive({ message })(target, property);
    Max(MOST_DOLLARS, { message })(target, property);
  };
}

/** The environment once it is known to be usable. One property a variable of the table in variables.ts. */
export class EnvironmentVariables {
  @IsSecretList() readonly GITEA_WEBHOOK_SECRET!: readonly string[];
  @IsHttpUrl() readonly GITEA_URL!: string;
  @IsString() readonly ANTHROPIC_API_KEY!: string;
  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` }) readonly LOG_LEVEL!: LogLevelName;
  @Matches(/^[A-Za-z0-9.:_-]+$/, { message: 'must be an address or a host name' }) readonly HOST!: string;
  @IsWholeNumber(0, 65_535) readonly PORT!: number;
  @IsOptional() @IsString() readonly GITEA_TOKEN?: string;
  @IsOptional() @IsString() readonly GITEA_SETUP_TOKEN?: string;
  @Matches(/^[A-Za-z0-9._-]{1,100}$/, { message: 'must be a login of Gitea' }) readonly GITEA_BOT_NAME!: string;
  @IsAccountList() readonly ALLOWED_USER_IDS: readonly string[] = [];
  @IsAccountList() readonly BLOCKED_USER_IDS: readonly string[] = [];
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/, {
    message: 'must be at most 30 letters, digits, dots, dashes and underscores, such as `mosaic`',
  })
  readonly LABEL_SCOPE!: string;
  @IsSwitch() readonly LINK_OTHER_REPOSITORIES!: boolean;
  @IsIn(BLOCKER_ENDS, { message: `must be one of ${BLOCKER_ENDS.join(', ')}` })
  readonly BLOCKERS_FINISHED!: BlockerEndName;
  @IsString() readonly DATA_FOLDER!: string;
  @IsOptional() @IsString() readonly WORKSPACES_FOLDER?: string;
  @IsOptional()
  @Matches(/^postgres(?:ql)?:\/\/[^\s/?#]*\/[^\s/?#]+(?:\?\S*)?$/, {
    message: 'must be like `postgres://user:password@host:5432/name`, with %40 for an @ in a password, and so on',
  })
  readonly DATABASE_URL?: string;
  @IsWholeNumber(2, 500) readonly DATABASE_POOL_SIZE!: number;
  @IsWholeNumber(0, 3_600) readonly DATABASE_WAIT_SECONDS!: number;
  @IsWholeNumber(1, 300) readonly DATABASE_STATEMENT_SECONDS!: number;
  @IsWholeNumber(1, 3_650) readonly RETENTION_DAYS!: number;
  @IsWholeNumber(1, 36_500) readonly RETENTION_DELIVERY_ID_DAYS!: number;
  @IsWholeNumber(1, 1_000_000_000) readonly RETENTION_MEGABYTES!: number;
  @IsWholeNumber(1, 1_000_000_000) readonly RETENTION_RECORD_MEGABYTES!: number;
  @IsWholeNumber(0, 1_000_000_000) readonly DISK_RESERVE_MEGABYTES!: number;
  @IsOptional()
  @MinLength(SHORTEST_SECRET, { message: `must have at least ${SHORTEST_SECRET} characters` })
  readonly API_TOKEN?: string;
  @IsOptional() @IsHttpUrl() readonly ANTHROPIC_BASE_URL?: string;
  @IsString() readonly PARSER_MODEL!: string;
  @IsOptional() @IsString() readonly AGENT_PROFILES_FILE?: string;
  @IsOptional() @IsString() readonly GATES_FILE?: string;
  @IsOptional() @IsHttpUrl() readonly GLM_BASE_URL?: string;
  @IsOptional() @IsString() readonly GLM_API_KEY?: string;
  @IsOptional() @IsHttpUrl() readonly MINIMAX_BASE_URL?: string;
  @IsOptional() @IsString() readonly MINIMAX_API_KEY?: string;
  @IsWholeNumber(1, 1_000) readonly MAX_RUNNING!: number;
  @IsWholeNumber(1, 1_000) readonly MAX_RUNNING_PER_REPOSITORY!: number;
  @IsWholeNumber(1, 100) readonly MAX_REJECTIONS!: number;
  @IsWholeNumber(1, 100) readonly MAX_ROUNDS_WITHOUT_PROGRESS!: number;
  @IsWholeNumber(1, 100) readonly MAX_FAILURES!: number;
  @IsWholeNumber(1, 10_000) readonly MAX_TURNS!: number;

  @IsWholeNumber(1, 1_000) readonly MAX_REVIEW_ROUNDS!: number;
  @IsWholeNumber(1, 99) readonly COMPACT_AT_PERCENT!: number;
  @IsWholeNumber(2, 100) readonly ROTATE_AT_PERCENT!: number;
  @IsWholeNumber(1, 1_440) readonly TURN_TIMEOUT_MINUTES!: number;
  @IsWholeNumber(1, 10_080) readonly RUN_TIMEOUT_MINUTES!: number;
  @IsWholeNumber(1, 100_000) readonly JOB_TIMEOUT_MINUTES!: number;
  @IsWholeNumber(1, 1_440) readonly GATE_TIMEOUT_MINUTES!: number;
  @IsWholeNumber(1, 1_440) readonly SILENCE_MINUTES!: number;
  @IsWholeNumber(1, 3_600) readonly LOOP_INTERVAL_SECONDS!: number;
  @IsWholeNumber(5, 86_400) readonly SWEEP_INTERVAL_SECONDS!: number;
  @IsWholeNumber(5, 3_600) readonly LEASE_SECONDS!: number;
  @IsWholeNumber(1_000, 100_000_000) readonly WEBHOOK_BODY_LIMIT_BYTES!: number;
  @IsWholeNumber(1, 600) readonly SHUTDOWN_GRACE_SECONDS!: number;
  @IsSwitch() readonly ALLOW_UNSANDBOXED_AGENT!: boolean;
  @IsListOf(/^\/[^:\n]*$/, ':', 'must be absolute paths, separated by colons')
  readonly SANDBOX_READABLE: readonly string[] = [];
  @IsWholeNumber(64, 1_048_576) readonly SANDBOX_MEMORY_MB!: number;
  @IsWholeNumber(16, 100_000) readonly SANDBOX_PROCESSES!: number;
  @IsWholeNumber(1, 1_048_576) readonly SANDBOX_FILE_MB!: number;
  @IsHostList() readonly EGRESS_ALLOWED_HOSTS: readonly string[] = [];
  @IsHostList() readonly EGRESS_PRIVATE_HOSTS: readonly string[] = [];
  @IsOptional() @IsWholeNumber(1, MOST_TOKENS) readonly BUDGET_RUN_TOKENS?: number;
  @IsOptional() @IsDollars() readonly BUDGET_RUN_USD?: number;
  @IsOptional() @IsWholeNumber(1, MOST_TOKENS) readonly BUDGET_ISSUE_TOKENS?: number;
  @IsDollars() readonly BUDGET_ISSUE_USD!: number;
  @IsOptional() @IsWholeNumber(1, MOST_TOKENS) readonly BUDGET_DAY_TOKENS?: number;
  @IsDollars() readonly BUDGET_DAY_USD!: number;
  @IsSwitch() readonly CALIBRATION!: boolean;
}
