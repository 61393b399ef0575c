import { issueKey, parseIssueRef, type IssueRef } from '../../../kernel/index.js';
import { InvalidScriptError } from '../../agents.errors.js';
import { NO_SPEND, TURN_STOPS, type TurnStop } from '../../agents.types.js';
import type { AgentScript, IssueScript, ScriptStep } from './script.types.js';

type Fields = Readonly<Record<string, unknown>>;

/** Fields of each step, beside `do`. */
const FIELDS: Readonly<Record<ScriptStep['do'], readonly string[]>> = {
  say: ['text'],
  write: ['path', 'content'],
  run: ['command'],
  'report-usage': ['usedTokens', 'spend'],
  'wait-for-interrupt': [],
  stop: ['stop', 'detail', 'retryAfterMs'],
};

/**
 * Checks a script from a file.
 *
 * @throws {InvalidScriptError} naming the first place that is wrong
 */
export function readAgentScript(given: unknown): AgentScript {
  const script = fieldsOf(given, 'the script');
  return Object.fromEntries(Object.entries(script).map(([issue, value]) => [issue, readIssueScript(value, issue)]));
}

/** The script for an issue: its own, or the one for every other. */
export function scriptFor(script: AgentScript, issue: IssueRef): IssueScript | undefined {
  const own = Object.keys(script).find((key) => key !== '*' && issueKey(parseIssueRef(key)) === issueKey(issue));
  return script[own ?? '*'];
}

function readIssueScript(given: unknown, issue: string): IssueScript {
  if (issue !== '*') parseKey(issue);
  const { steps, afterCompaction, ...rest } = fieldsOf(given, issue);
  assertNothingElse(rest, issue);
  if (!Array.isArray(steps)) throw new InvalidScriptError(`Expected ${issue}.steps to be a list`);
  const read = { steps: steps.map((step: unknown, at) => readStep(step, `${issue}.steps[${at}]`)) };
  if (afterCompaction === undefined) return read;
  if (afterCompaction === null || afterCompaction === 'fails') return { ...read, afterCompaction };
  return { ...read, afterCompaction: countOf(afterCompaction, `${issue}.afterCompaction`) };
}

function parseKey(issue: string): void {
  try {
    parseIssueRef(issue);
  } catch (error) {
    throw new InvalidScriptError(`Expected an issue such as owner/repository#1, or *, got ${issue}`, { cause: error });
  }
}

function readStep(given: unknown, place: string): ScriptStep {
  const { do: kind, ...fields } = fieldsOf(given, place);
  if (!isKind(kind)) {
    throw new InvalidScriptError(`Expected ${place}.do to be one of ${Object.keys(FIELDS).join(', ')}`);
  }
  assertNothingElse(Object.fromEntries(Object.entries(fields).filter(([key]) => !FIELDS[kind].includes(key))), place);
  const text = (key: string): string => textOf(fields[key], `${place}.${key}`);
  switch (kind) {
    case 'say':
      return { do: kind, text: text('text') };
    case 'write':
      return { do: kind, path: text('path'), content: text('content') };
    case 'run':
      return { do: kind, command: text('command') };
    case 'wait-for-interrupt':
      return { do: kind };
    case 'report-usage':
      return readUsage(fields, place);
    case 'stop':
      return readStop(fields, place);
  }
}

function readUsage({ usedTokens, spend }: Fields, place: string): ScriptStep {
  const used = usedTokens === null ? null : countOf(usedTokens, `${place}.usedTokens`);
  if (spend === undefined) return { do: 'report-usage', usedTokens: used };
  const { ...counts } = fieldsOf(spend, `${place}.spend`);
  for (const [key, value] of Object.entries(counts)) {
    if (!(key in NO_SPEND)) throw new InvalidScriptError(`${place}.spend.${key} is not known`);
    countOf(value, `${place}.spend.${key}`);
  }
  return { do: 'report-usage', usedTokens: used, spend: counts };
}

function readStop({ stop, detail, retryAfterMs }: Fields, place: string): ScriptStep {
  if (!isStop(stop)) throw new InvalidScriptError(`Expected ${place}.stop to be one of ${TURN_STOPS.join(', ')}`);
  return {
    do: 'stop',
    stop,
    ...(detail === undefined ? {} : { detail: textOf(detail, `${place}.detail`) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: countOf(retryAfterMs, `${place}.retryAfterMs`) }),
  };
}

function isKind(value: unknown): value is ScriptStep['do'] {
  return typeof value === 'string' && Object.hasOwn(FIELDS, value);
}

function isStop(value: unknown): value is TurnStop {
  return TURN_STOPS.some((stop) => stop === value);
}

function fieldsOf(value: unknown, place: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidScriptError(`Expected ${place} to be an object`);
  }
  return value as Fields;
}

function textOf(value: unknown, place: string): string {
  if (typeof value !== 'string') throw new InvalidScriptError(`Expected ${place} to be a text`);
  return value;
}

function countOf(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidScriptError(`Expected ${place} to be a whole number from 0`);
  }
  return value;
}

function assertNothingElse(rest: Fields, place: string): void {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new InvalidScriptError(`${place}.${unknown} is not known`);
}
