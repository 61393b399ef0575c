import type { IssueRef } from '../kernel/index.js';
import { distinct, findReferences, leadingReferences, withoutNotes } from './issue-references.js';
import { isNothing, readListLine } from './list-line.js';
import { plainSentence } from './plain-sentence.js';
import type { Section, SectionMeaning } from './sections.js';

export interface Dependencies {
  readonly blocks: readonly IssueRef[];
  readonly blockedBy: readonly IssueRef[];
  /** What was said about dependencies and could not be used, in sentences to the author. */
  readonly problems: readonly string[];
}

type Direction = 'blocks' | 'blockedBy';

/** What the lines of a section are; null where each line says it. */
const LISTS = new Map<SectionMeaning, Direction | null>([
  ['dependencies', null],
  ['blocked-by', 'blockedBy'],
  ['blocks', 'blocks'],
]);
const KEY = /^[*_`]{0,3}(blocked by|depends on|blocks)[*_`]{0,3}(?=[\s:#]|$)\s{0,4}:?[*_`]{0,3}(.*)$/i;
const MAX_QUOTED = 120;
const MAX_PROBLEMS = 5;
/** More of them are a slip of the pen, or a try to make the queue work. */
const MAX_REFERENCES = 200;

/**
 * Finds which issues a text says it waits for, and which wait for it.
 *
 * Under "Dependencies": `Blocked by:` or `Depends on:` and `Blocks:`, with references after it or in a list below; a
 * list without a key is what the issue waits for. Under a heading "Blocked by", "Depends on" or "Blocks": every line.
 * Elsewhere only a line that begins with one of the keys followed by a reference (`Depends on #12`), and of that line
 * only the references it begins with: "Blocks #3, see #4" names #3.
 */
export function readDependencies(sections: readonly Section[], home: IssueRef): Dependencies {
  const reader = new DependencyReader(home);
  for (const { meaning, lines } of sections) {
    const heading = LISTS.get(meaning);
    if (heading === undefined) reader.readProse(lines);
    else reader.readList(lines, heading);
  }
  return reader.result();
}

class DependencyReader {
  private readonly found: Record<Direction, IssueRef[]> = { blocks: [], blockedBy: [] };
  private readonly problems: string[] = [];

  constructor(private readonly home: IssueRef) {}

  /** @param heading what the section's heading says; null when its lines say it */
  readList(lines: readonly string[], heading: Direction | null): void {
    let open = heading;
    let isAfterGap = false;
    for (const line of lines) {
      const { isListed, text } = readListLine(line);
      const field = readKey(text);
      // A list under "Blocked by:" ends with the first paragraph after it; one under a heading, with the section.
      if (field !== null || (isAfterGap && !isListed && text !== '')) open = heading;
      isAfterGap = text === '';
      if (field !== null) {
        this.add(field.direction, field.value);
        if (isNothing(field.value)) open = field.direction;
      } else if (open !== null) {
        this.add(open, text);
      } else {
        this.keep('blockedBy', leadingReferences(text, this.home));
      }
    }
  }

  readProse(lines: readonly string[]): void {
    for (const line of lines) {
      const field = readKey(readListLine(line).text);
      if (field !== null) this.keep(field.direction, leadingReferences(field.value, this.home));
    }
  }

  result(): Dependencies {
    const blocks = distinct(this.found.blocks, this.home);
    const blockedBy = distinct(this.found.blockedBy, this.home);
    for (const { length } of [blocks, blockedBy]) {
      if (length > MAX_REFERENCES) {
        this.problems.push(`The issue names ${length} dependencies; only the first ${MAX_REFERENCES} are used.`);
      }
    }
    return {
      blocks: blocks.slice(0, MAX_REFERENCES),
      blockedBy: blockedBy.slice(0, MAX_REFERENCES),
      problems: this.problems,
    };
  }

  private add(direction: Direction, text: string): void {
    // What is noted in parentheses counts only where there is nothing else.
    const beside = findReferences(withoutNotes(text), this.home);
    const refs = beside.length > 0 ? beside : findReferences(text, this.home);
    this.keep(direction, refs);
    const hasRoom = this.problems.length < MAX_PROBLEMS;
    if (hasRoom && refs.length === 0 && !isNothing(text) && !namesIssue(text)) {
      this.problems.push(
        `Which issues are meant by "${plainSentence(text, MAX_QUOTED)}" under the dependencies? ` +
          'Write them as #12 or owner/repository#12.',
      );
    }
  }

  private keep(direction: Direction, refs: readonly IssueRef[]): void {
    // One by one: a body can hold more references than a call takes arguments.
    for (const ref of refs) this.found[direction].push(ref);
  }
}

/** Whether a text names any issue: one that names only the issue itself is readable, and nothing to wait for. */
function namesIssue(text: string): boolean {
  return findReferences(text, { owner: '-', repo: '-', number: 0 }).length > 0;
}

function readKey(text: string): { readonly direction: Direction; readonly value: string } | null {
  const [, key, value] = KEY.exec(text) ?? [];
  if (key === undefined || value === undefined) return null;
  return { direction: key.toLowerCase() === 'blocks' ? 'blocks' : 'blockedBy', value };
}
