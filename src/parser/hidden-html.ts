import type { HiddenTally } from './hidden-text.types.js';
import { readTag, type Tag } from './read-tag.js';
import { textPieces, type TextPiece } from './text-pieces.js';

/** Gitea leaves these out with all that stands in them (bluemonday, policy.go `addDefaultSkipElementContent`). */
const LEFT_OUT = new Set(
  'frame frameset iframe noembed noframes noscript nostyle object script style title'.split(' '),
);
/** They have no content that could be hidden with them. */
const EMPTY = new Set('area base br col embed frame hr img input link meta param source track wbr'.split(' '));
/**
 * Styles that hide. Gitea knows colours alone (modules/markup/sanitizer_default.go) and so shows the rest; whoever wrote
 * one of these meant it to be hidden.
 */
const HIDING_STYLE =
  /(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|(?:opacity|font-size)\s*:\s*0*\.?0+(?:[^\d.]|$))/i;
const COLOR = /(?:^|[;\s])color\s*:\s*([^;!]+)/i;
const BACKGROUND = /background(?:-color)?\s*:\s*([^;!]+)/i;
const UNSEEN_COLOR = /^(?:white|transparent|#f{3,4}|#f{6}(?:f{2})?|#[\da-f]{3}0|#[\da-f]{6}00|.*,\s*0?\.?0+\s*\))$/i;
/** Attributes that say nothing to a reader, as long as their value is one short word. */
const PLAIN_ATTRIBUTES = new Set(
  'align checked class colspan dir disabled height href id lang open rel rowspan src start target type width'.split(
    ' ',
  ),
);
const PLAIN_NAME = /^[a-z][a-z0-9]{0,29}(?:-[a-z0-9]{0,15})?$/;
/** A longer code span is not taken for one. */
const LONGEST_SPAN = 1_000;
const SPECIAL = /[<`\\]/g;
const AUTOLINK = /<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>/y;
/** Beginning and end of what HTML takes for a comment besides comments. */
const BOGUS_COMMENTS = [
  ['<![CDATA[', ']]>'],
  ['<?', '>'],
  ['<!', '>'],
] as const;

/** What was found: from where to where, and what stands in for it; null for itself. */
interface Find {
  readonly start: number;
  readonly end: number;
  readonly instead: string | null;
}

/**
 * The text without elements that are not shown, and with tags that say nothing but what they are. Code is left as it is
 * where it is sure to be code.
 */
export function withoutHiddenHtml(text: string, tally: HiddenTally): string {
  const kept: string[] = [];
  let done = 0;
  for (const piece of textPieces(text)) {
    if (piece.kind === 'code') continue;
    let from = Math.max(done, piece.start);
    for (let find = nextFind(text, piece, from, tally); find !== null; find = nextFind(text, piece, from, tally)) {
      from = find.end;
      if (find.instead === null) continue;
      kept.push(text.slice(done, find.start), find.instead);
      done = find.end;
    }
  }
  kept.push(text.slice(done));
  return kept.join('');
}

function nextFind(text: string, piece: TextPiece, from: number, tally: HiddenTally): Find | null {
  SPECIAL.lastIndex = from;
  const found = SPECIAL.exec(text.slice(0, piece.end));
  if (found === null) return null;
  const start = found.index;
  const isProse = piece.kind === 'prose';
  switch (found[0]) {
    case '\\':
      return { start, end: start + (isProse ? 2 : 1), instead: null };
    case '`':
      return { start, end: isProse ? endOfCodeSpan(text, start) : start + 1, instead: null };
    default:
      return atBracket(text, piece, start, tally);
  }
}

/** What begins with a `<`. */
function atBracket(text: string, piece: TextPiece, start: number, tally: HiddenTally): Find {
  const isHtml = piece.kind === 'html';
  const literal = { start, end: start + 1, instead: null };
  AUTOLINK.lastIndex = start;
  const autolink = isHtml ? null : AUTOLINK.exec(text);
  if (autolink !== null) return { start, end: start + autolink[0].length, instead: null };
  // Comments are taken away elsewhere: what is left of one stands in code.
  if (text.startsWith('<!--', start)) return literal;

  const bogus = BOGUS_COMMENTS.find(([begin]) => text.startsWith(begin, start));
  // In prose a declaration begins with a letter; else it is shown as it is written.
  if (bogus?.[0] === '<!' && !isHtml && !/[A-Za-z]/.test(text.charAt(start + 2))) return literal;
  if (bogus !== undefined) {
    const close = text.indexOf(bogus[1], start);
    if (close === -1 && !isHtml) return literal;
    tally.comments += 1;
    return { start, end: close === -1 ? text.length : close + bogus[1].length, instead: ' ' };
  }

  const body = text.slice(piece.start, piece.end);
  const tag = readTag(body, start - piece.start, isHtml);
  if (tag === null) {
    if (!isHtml || !/[A-Za-z]/.test(text.charAt(start + 1))) return literal;
    // A tag that is never closed takes what follows with it.
    tally.elements += 1;
    return { start, end: text.length, instead: ' ' };
  }
  const end = piece.start + tag.end;
  if (!tag.isClosing && isHidden(tag)) {
    tally.elements += 1;
    return { start, end: EMPTY.has(tag.name) ? end : endOfElement(text, tag.name, end), instead: ' ' };
  }
  return { start, end, instead: plainTag(text.slice(start, end), tag, tally) };
}

/**
 * Past the span that begins here, or past its backticks if there is none. A span counts within a line and without what
 * would cut the line into cells or formulas, which come before spans.
 */
function endOfCodeSpan(text: string, start: number): number {
  const [ticks = '`'] = /^`+/.exec(text.slice(start, start + LONGEST_SPAN)) ?? [];
  const from = start + ticks.length;
  const [line = ''] = text.slice(from, from + LONGEST_SPAN).split('\n', 1);
  for (const { 0: run, index } of line.matchAll(/`+/g)) {
    if (run !== ticks) continue;
    return /[|$]/.test(line.slice(0, index)) ? from : from + index + run.length;
  }
  return from;
}

function isHidden({ name, attributes }: Tag): boolean {
  if (LEFT_OUT.has(name) || attributes.has('hidden')) return true;
  const style = attributes.get('style') ?? '';
  const color = COLOR.exec(style)?.[1]?.trim() ?? '';
  return (
    HIDING_STYLE.test(style) ||
    UNSEEN_COLOR.test(color) ||
    (color !== '' && color === BACKGROUND.exec(style)?.[1]?.trim())
  );
}

/** Where an element ends whose content begins at `from`; elements of its name within it counted. */
function endOfElement(text: string, name: string, from: number): number {
  const tags = new RegExp(`<(/?)${name.replace(/[^a-z0-9-]/g, '\\$&')}(?=[\\s/>])[^>]*>?`, 'gi');
  tags.lastIndex = from;
  for (let depth = 1, match = tags.exec(text); match !== null; match = tags.exec(text)) {
    depth += match[1] === '/' ? -1 : 1;
    if (depth === 0) return tags.lastIndex;
  }
  return text.length;
}

/** What stands in for a tag that says more than a tag need say; null for the tag itself. */
function plainTag(written: string, { name, isClosing, attributes }: Tag, tally: HiddenTally): string | null {
  if (!PLAIN_NAME.test(name)) {
    tally.asides += 1;
    return ' ';
  }
  const plain = [...attributes].filter(
    ([key, value]) => PLAIN_ATTRIBUTES.has(key) && /^[^\s"]{0,2000}$/.test(value) && !isClosing,
  );
  if (plain.length === attributes.size && written.length <= 2_100) return null;
  const dropped = [...attributes].filter((attribute) => !plain.includes(attribute));
  if (dropped.some(([, value]) => isProse(value)) || dropped.length > 3) tally.asides += 1;
  const texts = plain.map(([key, value]) => ` ${key}="${value}"`);
  return `<${isClosing ? '/' : ''}${name}${texts.join('')}>`;
}

/** Whether somebody says something with it: three words or more. */
export function isProse(text: string): boolean {
  return text.trim().split(/\s+/).length > 2;
}
