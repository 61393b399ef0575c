import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateIf,
  validateSync,
} from 'class-validator';
import { DIFFICULTIES, type Difficulty } from '../kernel/index.js';

/** What a model says about an issue, in the words of its answer. */
export class ModelEstimate {
  @IsInt()
  @Min(1_000)
  @Max(10_000_000)
  readonly estimated_tokens: number = NaN;

  @IsIn(DIFFICULTIES)
  readonly difficulty: Difficulty = 'hard';

  @ValidateIf((estimate: ModelEstimate) => estimate.recommended_agent !== null)
  @IsString()
  @MaxLength(64)
  readonly recommended_agent: string | null = null;

  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(500, { each: true })
  readonly acceptance_criteria: readonly string[] = [];

  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(220, { each: true })
  readonly blocked_by: readonly string[] = [];

  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(220, { each: true })
  readonly blocks: readonly string[] = [];

  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(1)
  readonly confidence: number = NaN;

  @IsArray()
  @ArrayMaxSize(10)
  @IsString({ each: true })
  @MaxLength(500, { each: true })
  readonly questions: readonly string[] = [];
}

const FIELDS = Object.keys(new ModelEstimate());
const REFERENCES = 'as #12 or owner/repo#12, exactly as the text writes them; empty when it names none';

/**
 * The form of the answer. The API does not enforce ranges, which is why they stand in the descriptions and are checked
 * afterwards.
 */
export const MODEL_ESTIMATE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: FIELDS,
  properties: {
    estimated_tokens: {
      type: 'integer',
      description: 'Tokens of context an agent needs for the work, tests included; 1000 to 10000000',
    },
    difficulty: { type: 'string', enum: [...DIFFICULTIES] },
    recommended_agent: {
      anyOf: [{ type: 'string' }, { type: 'null' }],
      description: 'Name of the agent that fits best, of those listed in the rules; else null',
    },
    acceptance_criteria: {
      type: 'array',
      items: { type: 'string' },
      description: 'What must hold when the work is done, one checkable sentence each; at most 50',
    },
    blocked_by: {
      type: 'array',
      items: { type: 'string' },
      description: `Issues that must be finished before this one, ${REFERENCES}`,
    },
    blocks: { type: 'array', items: { type: 'string' }, description: `Issues that wait for this one, ${REFERENCES}` },
    confidence: {
      type: 'number',
      description: '0 to 1: below 0.3 when the text does not say what is to be done, above 0.6 when it is clear',
    },
    questions: {
      type: 'array',
      items: { type: 'string' },
      description: 'What the author must add before the work can start, one question each, at most 3; empty if nothing',
    },
  },
} as const;

/** An answer that holds, or what is wrong with it. */
export type CheckedAnswer =
  { readonly estimate: ModelEstimate } | { readonly estimate: null; readonly problems: readonly string[] };

/** Reads a model's answer: JSON, also within a Markdown fence, as some addresses without structured output wrap it. */
export function checkModelAnswer(answer: string): CheckedAnswer {
  const given = parseObject(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1));
  if (given === null) return { estimate: null, problems: ['the answer is not a JSON object'] };

  const estimate = new ModelEstimate();
  const missing = FIELDS.filter((field) => !Object.hasOwn(given, field));
  // Only the fields that are known are taken over.
  for (const field of FIELDS) Object.assign(estimate, { [field]: given[field] });
  const wrong = validateSync(estimate).filter(({ property }) => !missing.includes(property));
  const problems = [
    ...missing.map((field) => `${field} is missing`),
    ...wrong.flatMap(({ constraints }) => Object.values({ ...constraints })),
  ];
  return problems.length === 0 ? { estimate } : { estimate: null, problems };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    // What begins with a brace is an object, or no JSON.
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
