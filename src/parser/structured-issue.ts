import { DIFFICULTIES, type Difficulty, type IssueRef } from '../kernel/index.js';
import { isNothing, readField, readListLine } from './list-line.js';
import type { IssueText } from './parser.types.js';
import { readDependencies } from './read-dependencies.js';
import { readSections, type Section, type SectionMeaning } from './sections.js';
import { structuralLines } from './structural-lines.js';
import { readTokenAmount } from './token-amount.js';

/** What an issue's text says in the structured format. Null and empty where it says nothing. */
export interface StructuredIssue {
  readonly estimatedTokens: number | null;
  readonly difficulty: Difficulty | null;
  /** In lower case. */
  readonly recommendedAgent: string | null;
  readonly blocks: readonly IssueRef[];
  readonly blockedBy: readonly IssueRef[];
  readonly acceptanceCriteria: readonly string[];
  /** What was said and could not be used, in sentences to the author. */
  readonly problems: readonly string[];
  /** How much the title, the prose and the criteria say, in letters and digits; an ideograph counts as three. */
  readonly letters: number;
}

/** A body is read up to here, in UTF-16 units: a longer one would keep the process from everything else. */
export const MAX_READ_LENGTH = 262_144;
/** Beyond these a list is no list of criteria; the agent reads the issue itself. */
const MAX_CRITERIA = 100;
const MAX_CRITERION = 500;
const TOO_LONG = `The text is too long: only its first ${MAX_READ_LENGTH} characters are read.`;
const TOTAL = /^(?:total(?: estimated?)?|estimated total|estimate)(?: tokens)?$/;
const MACHINE_READ: readonly SectionMeaning[] = ['estimate', 'difficulty', 'dependencies', 'blocked-by', 'blocks'];

/**
 * Reads the structured format without a model: headings in any case, level and order; unknown text is left alone; code,
 * comments and quoted text are not structure. Takes time in proportion to the text.
 *
 * Where several sections or lines say the same thing, the first that can be read counts. Without a total the estimate
 * is the sum of the parts that name tokens.
 */
export function readStructuredIssue({ ref, title, body }: IssueText): StructuredIssue {
  const sections = readSections(structuralLines(body.slice(0, MAX_READ_LENGTH)));
  const linesOf = (meaning: SectionMeaning): readonly string[] =>
    sections.filter((section) => section.meaning === meaning).flatMap((section) => section.lines);
  const { blocks, blockedBy, problems } = readDependencies(sections, ref);
  return {
    ...readEstimate(linesOf('estimate')),
    difficulty: readDifficulty(linesOf('difficulty')),
    blocks,
    blockedBy,
    acceptanceCriteria: readCriteria(linesOf('criteria')),
    problems: body.length > MAX_READ_LENGTH ? [...problems, TOO_LONG] : problems,
    letters: countLetters(title) + countProse(sections),
  };
}

function readEstimate(lines: readonly string[]): Pick<StructuredIssue, 'estimatedTokens' | 'recommendedAgent'> {
  let total: number | null = null;
  let sum = 0;
  let recommendedAgent: string | null = null;
  for (const line of lines) {
    const field = readField(readListLine(line).text);
    if (field === null) continue;
    if (field.key === 'recommended agent') recommendedAgent ??= readAgent(field.value);
    else if (TOTAL.test(field.key)) total ??= readTokenAmount(field.value, { isUnitOptional: true });
    else sum += readTokenAmount(field.value, { isUnitOptional: false }) ?? 0;
  }
  return { estimatedTokens: total ?? (sum > 0 ? sum : null), recommendedAgent };
}

function readAgent(value: string): string | null {
  const [name] = /^[a-z0-9][a-z0-9._-]{0,63}(?![a-z0-9._-])/i.exec(value) ?? [];
  return name === undefined || /^(?:none|any|n)$/i.test(name) ? null : name.toLowerCase();
}

/** The one difficulty that the ticked boxes, or else the first line, name. A template's "easy | medium | hard" names none. */
function readDifficulty(lines: readonly string[]): Difficulty | null {
  const read = lines.map(readListLine).filter(({ text }) => !isNothing(text));
  const hasBoxes = read.some(({ isChecked }) => isChecked !== null);
  const said = hasBoxes ? read.filter(({ isChecked }) => isChecked === true) : read.slice(0, 1);
  const words = said.flatMap(
    ({ text }) =>
      text
        .slice(0, MAX_CRITERION)
        .toLowerCase()
        .match(/\p{L}+/gu) ?? [],
  );
  const [named = null, another] = DIFFICULTIES.filter((difficulty) => words.includes(difficulty));
  return another === undefined ? named : null;
}

/** The list's entries, each with the lines that go on from it; without a list each line is one. */
function readCriteria(lines: readonly string[]): string[] {
  const read = lines.map((line) => ({ ...readListLine(line), isIndented: /^\s/.test(line) }));
  const isList = read.some(({ isListed }) => isListed);
  const criteria: string[] = [];
  let isOpen = false;
  for (const { isListed, isIndented, text } of read) {
    const last = criteria.at(-1);
    const goesOn = isList && !isListed && (isOpen || isIndented);
    if (text === '') isOpen = false;
    else if (goesOn && last !== undefined) criteria.splice(-1, 1, `${last} ${text}`.slice(0, MAX_CRITERION));
    else if ((isListed || !isList) && !isNothing(text)) {
      criteria.push(text.slice(0, MAX_CRITERION));
      isOpen = isListed;
    }
  }
  return criteria.slice(0, MAX_CRITERIA);
}

function countProse(sections: readonly Section[]): number {
  return sections
    .filter(({ meaning }) => !MACHINE_READ.includes(meaning))
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + (isNothing(line) ? 0 : countLetters(line)), 0);
}

function countLetters(text: string): number {
  const letters = text.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  const ideographs =
    text.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu)?.length ?? 0;
  return letters + 2 * ideographs;
}
