import { readFileSync } from 'node:fs';
import {
  ADDED_ANSWERS,
  LEFT_OUT,
  NULL_ANSWERS,
  NULLABLE,
  OPTIONAL_AFTER_ALL,
  REFUSALS,
  UNDESCRIBED,
} from './gitea-description-gaps.js';

/** As much of JSON schema as Gitea's description uses. A `$ref` is the name of a schema. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

interface Operation {
  /** Names of what may stand in the query. */
  readonly query?: readonly string[];
  readonly body?: Schema;
  /** By status; null where nothing is said of the body. */
  readonly answers: Readonly<Record<string, Schema | null>>;
}

interface Description {
  readonly version: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** One request to the REST interface and its answer. */
export interface Exchange {
  readonly method: string;
  /** After `/api/v1`, without the query. */
  readonly path: string;
  readonly query: string;
  /** The JSON of the request; undefined where there was none. */
  readonly sent: unknown;
  readonly status: number;
  /** The JSON of the answer; undefined where it was empty. */
  readonly received: unknown;
}

/**
 * How much an answer must have: *exact*, as the newest Gitea writes it, every property and no other; *loose*, as any
 * version may write it: what is known and there is of the right type.
 */
export type Strictness = 'exact' | 'loose';

const description = JSON.parse(
  readFileSync(new URL('../fixtures/gitea-openapi.json', import.meta.url), 'utf8'),
) as Description;

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const operations = Object.entries(description.operations).map(([name, operation]) => {
  const [method = '', path = ''] = name.split(' ');
  // A branch and a file's path may have slashes: the last segment takes the rest.
  const pattern = path
    .replace(/\./g, '\\.')
    .replace(/\{(branch|head|filepath)\}$/, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  return {
    name,
    method,
    operation,
    matcher: new RegExp(`^${pattern}$`),
    fixed: path.split('/').filter((segment) => !segment.startsWith('{')).length,
  };
});

/** The name of the operation, such as `GET /repos/{owner}/{repo}`, or null where the description has none. */
export function operationOf(method: string, path: string): string | null {
  // `/repos/issues/search` could be a repository too: the one with the most fixed segments is meant.
  const found = operations.filter((one) => one.method === method && one.matcher.test(path));
  return found.toSorted((a, b) => b.fixed - a.fixed)[0]?.name ?? null;
}

/**
 * What in this exchange is not as Gitea describes itself: in the request a name or type that it does not know, in the
 * answer a status, name or type that it does not give. Empty where all is well.
 *
 * Where the description itself is wrong or silent, what its source does is laid over it (gitea-description-gaps.ts).
 */
export function differencesOf(exchange: Exchange, strictness: Strictness = 'exact'): readonly string[] {
  const { method, path, status } = exchange;
  const name = operationOf(method, path);
  if (name === null) return [`${method} ${path} is in no description`];
  const operation = description.operations[name] as Operation;
  const found = [...inRequest(operation, exchange), ...inAnswer(name, operation, exchange, strictness)];
  return found.map((difference) => `${name} (${status}): ${difference}`);
}

function inRequest(operation: Operation, { query, sent, status }: Exchange): string[] {
  // What was refused may have been wrong on purpose.
  if (status >= 400) return [];
  const unknown = [...new URLSearchParams(query).keys()].filter((key) => !(operation.query ?? []).includes(key));
  const found = unknown.map((key) => `the query has ${key}`);
  if (operation.body === undefined) return sent === undefined ? found : [...found, 'the request has a body'];
  return [
    ...found,
    ...compare(operation.body, sent, { where: 'request', mayLack: true, mayHaveMore: false, isNullable: false }),
  ];
}

function inAnswer(
  name: string,
  operation: Operation,
  { status, received }: Exchange,
  strictness: Strictness,
): string[] {
  if (status >= 400) return inRefusal(name, operation, status, received);
  const added = ADDED_ANSWERS[name]?.[status];
  const schema = added === undefined ? operation.answers[status] : added;
  if (schema === undefined) return ['the status is none of its own'];
  if (schema === null) return received === undefined ? [] : ['the answer has a body'];
  if (received === null && NULL_ANSWERS.includes(name)) return [];
  // An empty list is `null` where the slice was never made.
  const isNullable = schema.type === 'array' && strictness === 'loose';
  const isLoose = strictness === 'loose';
  return compare(schema, received, { where: 'answer', mayLack: isLoose, mayHaveMore: isLoose, isNullable });
}

/** Refusals are `{message, url}`; a few have no body at all, and one is a bare JSON text. */
function inRefusal(name: string, operation: Operation, status: number, received: unknown): string[] {
  const isKnown = String(status) in operation.answers || REFUSALS.everywhere.includes(status);
  const isOwn = isKnown || (REFUSALS.of[name] ?? []).includes(status);
  if (!isOwn) return ['the status is none of its own'];
  if (received === undefined) return REFUSALS.withoutBody.includes(status) ? [] : ['the refusal has no body'];
  if (typeof received === 'string') return status === 400 ? [] : ['the refusal is a bare text'];
  return compare({ $ref: 'APIError' }, received, {
    where: 'refusal',
    mayLack: false,
    mayHaveMore: false,
    isNullable: false,
  });
}

interface Looking {
  readonly where: string;
  /** Whether properties may be missing, as in requests and in answers of other versions. */
  readonly mayLack: boolean;
  /** Whether there may be properties that are not described. */
  readonly mayHaveMore: boolean;
  readonly isNullable: boolean;
}

function compare(schema: Schema, value: unknown, looking: Looking, name = ''): string[] {
  const { where } = looking;
  if (schema.$ref !== undefined) {
    return compare(description.schemas[schema.$ref] as Schema, value, looking, schema.$ref);
  }
  if (value === null && looking.isNullable) return [];
  if (schema.enum && !schema.enum.includes(value)) return [`${where} is ${JSON.stringify(value)}, which is no ${name}`];
  if (!isOfType(schema, value)) return [`${where} is ${wordFor(value)} and not ${schema.type}`];
  if (schema.format === 'date-time' && !TIME.test(String(value))) return [`${where} is no time`];
  if (Array.isArray(value)) {
    const items = schema.items ?? {};
    const inside = { ...looking, isNullable: false };
    return value.flatMap((entry, at) => compare(items, entry, { ...inside, where: `${where}[${at}]` }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return compareProperties(schema, value as Readonly<Record<string, unknown>>, looking, name);
}

function compareProperties(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  looking: Looking,
  name: string,
): string[] {
  const { where, mayLack } = looking;
  const { properties, additionalProperties } = schema;
  if (properties === undefined && additionalProperties === undefined) return [];
  const required = (schema.required ?? []).filter((key) => !(OPTIONAL_AFTER_ALL[name] ?? []).includes(key));
  const missing = Object.keys(properties ?? {}).filter((key) => {
    if (key in value) return false;
    if (mayLack) return required.includes(key);
    return !(LEFT_OUT[name] ?? []).includes(key);
  });
  const present = Object.entries(value).flatMap(([key, entry]) => {
    const property = properties?.[key] ?? UNDESCRIBED[name]?.[key] ?? additionalProperties;
    if (property === undefined && looking.mayHaveMore) return [];
    if (property === undefined) return [`${where} has ${key}, which ${name || 'it'} has not`];
    const isNullable = (NULLABLE[name] ?? []).includes(key);
    return compare(property, entry, { ...looking, where: `${where}.${key}`, isNullable });
  });
  return [...missing.map((key) => `${where} lacks ${key}`), ...present];
}

function isOfType({ type }: Schema, value: unknown): boolean {
  if (type === undefined) return true;
  if (type === 'integer') return Number.isSafeInteger(value);
  return wordFor(value) === type;
}

function wordFor(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
