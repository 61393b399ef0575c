import { validateSync } from 'class-validator';
import { parseDocument } from 'yaml';
import type { Difficulty } from '../kernel/index.js';
import { findUnfitChoices, protocolOf } from './agent-choice.js';
import type { AgentProfile, Prices } from './agent-profile.js';
import { BudgetEntry, PricesEntry, ProfileEntry } from './profile-entry.js';
import { InvalidProfileFileError, type ProfileFileMistake } from './profile-file.errors.js';

const MAX_FILE_LENGTH = 262_144;
const PROFILE_KEYS = [...Object.keys(new ProfileEntry()), 'prices', 'budget'];
const PRICE_KEYS = Object.keys(new PricesEntry());
const BUDGET_KEYS = Object.keys(new BudgetEntry());

/** A profile as the file has it. */
interface ReadEntry {
  readonly profile: ProfileEntry;
  readonly prices: PricesEntry | null;
  readonly budget: BudgetEntry | null;
}

/**
 * Reads the operator's profiles from YAML or JSON: a list under `profiles`, each with `name`, `model`, `windowTokens`
 * and `difficultyUpTo`, and if wished `runtime` (embedded), `preset` or `command` (which agent), `protocol` (what the
 * address speaks), `baseUrl`, `apiKeyEnv`, `maxOutputTokens` (8192), `prices` (`input`, `output`, `cacheRead`,
 * `cacheWrite`; left out: zero for a self-hosted model, else unknown), `budget` (`tokensPerDay`, `usdPerDay`; none),
 * `selfHosted` (false) and `maxConcurrent` (1).
 *
 * A key is named by its environment variable and looked up with `lookUp`; where that finds nothing the profile is
 * there, and unusable.
 *
 * @throws {InvalidProfileFileError} if anything is wrong, with every mistake and its place
 */
export function parseProfileFile(text: string, lookUp: (variable: string) => string | undefined): AgentProfile[] {
  const entries = readEntries(text);
  const mistakes: ProfileFileMistake[] = [];
  const names = new Set<string>();
  const profiles = entries.flatMap((given, index) => {
    const path = `profiles[${index}]`;
    if (!isMapping(given)) {
      mistakes.push({ path, problem: 'must be a mapping of names to values' });
      return [];
    }
    const { prices: givenPrices, budget: givenBudget, ...rest } = given;
    const profile = fill(new ProfileEntry(), rest, PROFILE_KEYS, path, mistakes);
    const prices = readPart(givenPrices, () => new PricesEntry(), PRICE_KEYS, `${path}.prices`, mistakes);
    const budget = readPart(givenBudget, () => new BudgetEntry(), BUDGET_KEYS, `${path}.budget`, mistakes);
    for (const { key, problem } of findUnfitChoices(profile)) mistakes.push({ path: `${path}.${key}`, problem });
    if (profile.maxOutputTokens >= profile.windowTokens) {
      mistakes.push({ path: `${path}.maxOutputTokens`, problem: 'must be less than windowTokens' });
    }
    const key = String(profile.name).toLowerCase();
    if (names.has(key)) mistakes.push({ path: `${path}.name`, problem: `${profile.name} is the name of two profiles` });
    names.add(key);
    return [{ profile, prices, budget }];
  });
  if (mistakes.length > 0) throw new InvalidProfileFileError(mistakes);
  return profiles.map((entry) => toProfile(entry, lookUp));
}

function readEntries(text: string): readonly unknown[] {
  if (text.length > MAX_FILE_LENGTH) throw fileMistake(`The file is longer than ${MAX_FILE_LENGTH} characters`);
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    // The first line of each says what and where; the lines after it quote the file, which may hold a misplaced key.
    throw new InvalidProfileFileError(
      document.errors.map(({ message }) => ({ path: '', problem: message.replace(/\n[^]*/, '') })),
    );
  }
  const content = readContent(document);
  if (!isMapping(content)) throw fileMistake('The file must be a mapping with the key "profiles"');
  const mistakes = unknownKeys(content, ['profiles'], '');
  if (mistakes.length > 0) throw new InvalidProfileFileError(mistakes);
  const { profiles } = content;
  if (!Array.isArray(profiles) || profiles.length === 0) {
    throw new InvalidProfileFileError([{ path: 'profiles', problem: 'must be a list of at least one profile' }]);
  }
  return profiles;
}

function readContent(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS();
  } catch {
    // The parser refuses to expand aliases without end only here.
    throw fileMistake('The file repeats an alias too often; write the values out');
  }
}

/** A mapping in a profile; null where there is none. */
function readPart<E extends object>(
  given: unknown,
  make: () => E,
  known: readonly string[],
  path: string,
  mistakes: ProfileFileMistake[],
): E | null {
  if (given === undefined || given === null) return null;
  if (isMapping(given)) return fill(make(), given, known, path, mistakes);
  mistakes.push({ path, problem: `must be a mapping with ${known.join(', ')}` });
  return null;
}

/** Copies what `entry` knows, then notes what does not hold and what it does not know. */
function fill<E extends object>(
  entry: E,
  given: Record<string, unknown>,
  known: readonly string[],
  path: string,
  mistakes: ProfileFileMistake[],
): E {
  mistakes.push(...unknownKeys(given, known, path));
  for (const key of known) {
    if (Object.hasOwn(given, key) && given[key] !== undefined) Object.assign(entry, { [key]: given[key] });
  }
  for (const { property, constraints } of validateSync(entry)) {
    mistakes.push({ path: `${path}.${property}`, problem: Object.values({ ...constraints }).join(', ') });
  }
  return entry;
}

function unknownKeys(given: object, known: readonly string[], path: string): ProfileFileMistake[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      problem: `is not known; known are ${known.join(', ')}`,
    }));
}

function toProfile(
  { profile: entry, prices, budget }: ReadEntry,
  lookUp: (variable: string) => string | undefined,
): AgentProfile {
  const apiKey = entry.apiKeyEnv === null ? null : lookUp(entry.apiKeyEnv) || null;
  const isKeyMissing = entry.apiKeyEnv !== null && apiKey === null;
  const protocol = protocolOf(entry);
  return {
    name: entry.name,
    runtime: entry.runtime,
    ...(protocol === null ? {} : { protocol }),
    ...(entry.preset === null ? {} : { preset: entry.preset }),
    ...(entry.command === null ? {} : { command: entry.command }),
    model: entry.model,
    baseUrl: entry.baseUrl,
    apiKey,
    windowTokens: entry.windowTokens,
    maxOutputTokens: entry.maxOutputTokens,
    // Only the checked entry comes here, so that it is never the empty start value.
    difficultyUpTo: entry.difficultyUpTo as Difficulty,
    prices: pricesOf(prices, entry.selfHosted),
    ...(budget === null ? {} : { budget: { tokensPerDay: budget.tokensPerDay, usdPerDay: budget.usdPerDay } }),
    isSelfHosted: entry.selfHosted,
    maxConcurrent: entry.maxConcurrent,
    unusableBecause: isKeyMissing ? `no key is configured: set ${entry.apiKeyEnv}` : null,
  };
}

function pricesOf(prices: PricesEntry | null, isSelfHosted: boolean): Prices | null {
  if (prices === null) return isSelfHosted ? { input: 0, output: 0 } : null;
  const { input, output, cacheRead, cacheWrite } = prices;
  return {
    input,
    output,
    ...(cacheRead === null ? {} : { cacheRead }),
    ...(cacheWrite === null ? {} : { cacheWrite }),
  };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fileMistake(problem: string): InvalidProfileFileError {
  return new InvalidProfileFileError([{ path: '', problem }]);
}
