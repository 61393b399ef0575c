/** The headings that mean something. Two names for one thing share their meaning. */
const MEANINGS = new Map<string, SectionMeaning>([
  ['objective', 'objective'],
  ['context estimate', 'estimate'],
  ['difficulty', 'difficulty'],
  ['dependencies', 'dependencies'],
  ['blocked by', 'blocked-by'],
  ['depends on', 'blocked-by'],
  ['blocks', 'blocks'],
  ['acceptance criteria', 'criteria'],
]);

export type SectionMeaning =
  'objective' | 'estimate' | 'difficulty' | 'dependencies' | 'blocked-by' | 'blocks' | 'criteria' | 'prose';

/** A heading's meaning and the lines under it. What stands under no known heading is prose. */
export interface Section {
  readonly meaning: SectionMeaning;
  readonly lines: readonly string[];
}

/** Longer than any known heading with its decorations. Bounds the work for one line. */
const MAX_HEADING = 120;

interface Heading {
  readonly level: number;
  readonly meaning: SectionMeaning;
  /** What follows a colon in the heading, as in `## Difficulty: hard`. */
  readonly rest: string;
}

/**
 * Parts lines at their headings: `#` to `######`, or underlined with `===` or `---`, in any case, with or without a
 * number, emphasis or a colon. A known heading starts a section wherever it stands; an unknown one ends the section it
 * stands in, but for one of a deeper level, which is part of it.
 */
export function readSections(lines: readonly string[]): Section[] {
  let current: { meaning: SectionMeaning; lines: string[]; level: number } = { meaning: 'prose', lines: [], level: 0 };
  const sections = [current];
  for (const [index, line] of lines.entries()) {
    const heading = readHeading(line) ?? readUnderlined(line, lines[index + 1]);
    if (heading === null) {
      if (!isUnderline(line)) current.lines.push(line);
      continue;
    }
    const isPartOfSection = heading.meaning === 'prose' && current.meaning !== 'prose' && heading.level > current.level;
    if (isPartOfSection) continue;
    current = { meaning: heading.meaning, lines: [heading.rest], level: heading.level };
    sections.push(current);
  }
  return sections;
}

function readHeading(line: string): Heading | null {
  const [, marks, text] = /^ {0,3}(#{1,6})[ \t](.*)$/.exec(line.slice(0, MAX_HEADING)) ?? [];
  return marks === undefined || text === undefined ? null : toHeading(marks.length, text);
}

function readUnderlined(line: string, next: string | undefined): Heading | null {
  if (next === undefined || !isUnderline(next) || line.trim() === '' || line.length > MAX_HEADING) return null;
  // Under a list, `---` is a rule across the page.
  if (/^\s*(?:[-*+>|]|\d+[.)])/.test(line)) return null;
  return toHeading(next.includes('=') ? 1 : 2, line);
}

function isUnderline(line: string): boolean {
  return line.length <= MAX_HEADING && /^ {0,3}(?:=+|-+)\s*$/.test(line);
}

function toHeading(level: number, text: string): Heading {
  const colon = text.includes(':') ? text.indexOf(':') : text.length;
  const name = text
    .slice(0, colon)
    .replace(/[*_`]/g, '')
    .toLowerCase()
    .replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
    .replace(/\s+/g, ' ');
  return { level, meaning: MEANINGS.get(name) ?? 'prose', rest: text.slice(colon + 1) };
}
