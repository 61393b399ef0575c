import { isProse } from './hidden-html.js';

/** A longer address is not looked through for its end. */
const LONGEST_ADDRESS = 2_000;
/** Parentheses in an address, one in the other. */
const DEEPEST = 32;
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '(': ')' };

/**
 * The text, without blank lines, without the titles of its links, which are shown to whoever points at them; without the
 * words that images show where they cannot be loaded; and without labels in words.
 *
 * @param isDefined whether a label stands for an address
 * @param aside called for each text that is taken away
 */
export function withoutLinkTitles(text: string, isDefined: (label: string) => boolean, aside: () => void): string {
  const partner = bracketPairs(text);
  const marks = [...text.matchAll(/!\[|\]\(|\]\[/g)];
  const kept: string[] = [];
  let done = 0;
  let nextLink = 0;
  for (const { 0: mark, index } of marks) {
    if (index < done) continue;
    while (nextLink < marks.length && !isLinkAfter(marks[nextLink], index)) nextLink += 1;
    const cut =
      mark === '!['
        ? alternative(text, index, { end: partner.get(index + 1), later: marks[nextLink]?.index, isDefined })
        : afterBracket(text, index + 1, partner, isDefined);
    if (cut === null) continue;
    aside();
    kept.push(text.slice(done, cut.from), cut.instead);
    done = cut.to;
  }
  kept.push(text.slice(done));
  return kept.join('');
}

function isLinkAfter(mark: RegExpExecArray | undefined, index: number): boolean {
  return mark !== undefined && mark[0] !== '![' && mark.index >= index;
}

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly instead: string;
}

interface ImagePlace {
  /** The bracket that closes its words; undefined where none does. */
  readonly end: number | undefined;
  /** The next place where the words of a link or an image end. */
  readonly later: number | undefined;
  readonly isDefined: (label: string) => boolean;
}

/** What an image shows in its place, in words. A file's name is none. */
function alternative(text: string, at: number, { end, later, isDefined }: ImagePlace): Cut | null {
  const from = at + 2;
  if (end !== undefined) {
    const words = text.slice(from, end);
    const isImage = /[([]/.test(text.charAt(end + 1)) || isDefined(words);
    if (isImage) return isProse(words) ? { from, to: end, instead: 'image' } : null;
  }
  // A bracket within a code span ends nothing.
  if (later === undefined) return null;
  const reached = text.slice(from, Math.min(later, from + LONGEST_ADDRESS));
  return reached.includes('`') && isProse(reached) ? { from, to: later, instead: 'image' } : null;
}

/** The title in `](address "title")`, or the label in `][label]`, from the bracket that opens it. */
function afterBracket(
  text: string,
  at: number,
  partner: ReadonlyMap<number, number>,
  isDefined: (label: string) => boolean,
): Cut | null {
  if (text.charAt(at) === '[') {
    const end = partner.get(at) ?? at;
    const label = text.slice(at + 1, end);
    return isProse(label) && isDefined(label) ? { from: at, to: end + 1, instead: '' } : null;
  }
  const address = endOfAddress(text, afterSpaces(text, at + 1));
  const quote = afterSpaces(text, address);
  const closing = CLOSING[text.charAt(quote)];
  if (closing === undefined || quote === address) return null;
  const end = endOfTitle(text, quote + 1, closing);
  if (end === null || text.charAt(afterSpaces(text, end + 1)) !== ')') return null;
  return { from: address, to: end + 1, instead: '' };
}

function endOfAddress(text: string, from: number): number {
  if (text.charAt(from) === '<') {
    const [whole = ''] = /^<[^<>\n]*>/.exec(text.slice(from, from + LONGEST_ADDRESS)) ?? [];
    return from + whole.length;
  }
  const last = Math.min(text.length, from + LONGEST_ADDRESS);
  let depth = 0;
  for (let at = from; at < last; at += 1) {
    const character = text.charAt(at);
    if (character === ' ' || character === '\n' || character === '\t') return at;
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0 || depth > DEEPEST) return at;
  }
  return text.length;
}

function endOfTitle(text: string, from: number, closing: string): number | null {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === closing) return at;
    if (character === '(' && closing === ')') return null;
    if (character === '\\') at += 1;
  }
  return null;
}

function afterSpaces(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** By the place of each `[`, the place of the `]` that belongs to it. */
function bracketPairs(text: string): ReadonlyMap<number, number> {
  const open: number[] = [];
  const pairs = new Map<number, number>();
  for (const { 0: mark, index } of text.matchAll(/\\.|[[\]]/g)) {
    if (mark === '[') open.push(index);
    const partner = mark === ']' ? open.pop() : undefined;
    if (partner !== undefined) pairs.set(partner, index);
  }
  return pairs;
}
