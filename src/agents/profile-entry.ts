import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsUrl,
  Matches,
  Max,
  Min,
} from 'class-validator';
import { DIFFICULTIES, type Difficulty } from '../kernel/index.js';
import { MODEL_PROTOCOLS, type ModelProtocol, type ProfileBudget } from './agent-profile.js';
import { ACP_PRESET_NAMES } from './runtimes/acp/acp-presets.js';

const MAX_WINDOW = 100_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const NAME_RULE = { message: '$property must be 1 to 64 letters, digits, dots, dashes or underscores' };
/** As a server names its models, with an owner or a tag: `org/model:tag`. */
const MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;
/** The system passes no zeros to a program. */
const ARGUMENT = /^[^\0]{1,4096}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Prices of a profile in the file, in US dollars per million tokens. */
export class PricesEntry {
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly input: number = NaN;

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly output: number = NaN;

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly cacheRead: number | null = null;

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly cacheWrite: number | null = null;
}

/** What a profile in the file may spend on one day. */
export class BudgetEntry implements ProfileBudget {
  @IsOptional()
  @IsInt()
  @Min(1)
  readonly tokensPerDay: number | null = null;

  @IsOptional()
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  readonly usdPerDay: number | null = null;
}

/** A profile in the file. */
export class ProfileEntry {
  @Matches(NAME, NAME_RULE)
  readonly name: string = '';

  @Matches(NAME, NAME_RULE)
  readonly runtime: string = 'embedded';

  /** The API that the address speaks. Left out: the one that the preset usually calls, or else anthropic. */
  @IsOptional()
  @IsIn(MODEL_PROTOCOLS)
  readonly protocol: ModelProtocol | null = null;

  /** For the runtime acp: a known agent. */
  @IsOptional()
  @IsIn(ACP_PRESET_NAMES)
  readonly preset: string | null = null;

  /** The program of the agent and its arguments. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(64)
  @Matches(ARGUMENT, { each: true, message: '$property must be a program and its arguments, each a text' })
  readonly command: readonly [string, ...string[]] | null = null;

  @Matches(MODEL, { message: '$property must be the name under which the address serves the model' })
  readonly model: string = '';

  @IsOptional()
  @IsUrl(
    { protocols: ['http', 'https'], require_protocol: true, require_tld: false, disallow_auth: true },
    { message: '$property must be an http or https address without a user or password' },
  )
  readonly baseUrl: string | null = null;

  /** The environment variable that holds the key. The key itself never stands in the file. */
  @IsOptional()
  @Matches(VARIABLE, { message: '$property must be the name of an environment variable' })
  readonly apiKeyEnv: string | null = null;

  @IsInt()
  @Min(1)
  @Max(MAX_WINDOW)
  readonly windowTokens: number = NaN;

  @IsInt()
  @Min(1)
  @Max(MAX_WINDOW)
  readonly maxOutputTokens: number = 8_192;

  @IsIn(DIFFICULTIES)
  readonly difficultyUpTo: Difficulty | '' = '';

  @IsBoolean()
  readonly selfHosted: boolean = false;

  @IsInt()
  @Min(1)
  @Max(1_000)
  readonly maxConcurrent: number = 1;
}
