import { withoutHiddenHtml } from './hidden-html.js';
import { withoutHiddenMarkdown } from './hidden-markdown.js';
import { emptyTally, type HiddenTally, type HiddenText } from './hidden-text.types.js';

/**
 * Characters that show nothing and can carry a message all the same: those that Unicode says to ignore (zero-width,
 * direction, tag and variation characters, fillers), controls other than tab and newline, halves of a pair, annotation
 * marks and the blank braille pattern.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cs}\u2800\ufff9-\ufffb]|[^\P{Cc}\t\n]/gu;

/** HTML's ways to write such a character: by number, or by the names that HTML gives them. */
const CHARACTER_REFERENCE =
  /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(?:shy|zwj|zwnj|lrm|rlm|ZeroWidthSpace|NoBreak|Negative(?:VeryThin|Thin|Medium|Thick)Space|ApplyFunction|af|InvisibleTimes|it|InvisibleComma|ic));/g;

/** A code span, which is skipped, or the start of a comment. */
const SPAN_OR_COMMENT = /`[^`\n]*`|<!--/g;

/** So often a text is looked through for what appears when something else is taken out of it. */
const MOST_PASSES = 12;

/** What a person sees of a text, and how much is not seen. */
export interface SeenText {
  readonly text: string;
  readonly hidden: HiddenText;
}

/**
 * The text without characters that a person cannot see, however they are written, and with plain newlines.
 * Takes time in proportion to the text.
 */
export function withoutInvisible(text: string, tally: HiddenTally = emptyTally()): string {
  const count = (): string => {
    tally.invisibleCharacters += 1;
    return '';
  };
  const plain = text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(INVISIBLE, count);
  if (!plain.includes('&')) return plain;
  // A reference can be hidden in the midst of another. What the first pass joins, the second one parts with a space.
  return plain
    .replace(CHARACTER_REFERENCE, (...match) => replaceReference(match, '', tally))
    .replace(CHARACTER_REFERENCE, (...match) => replaceReference(match, ' ', tally));
}

function replaceReference([whole, decimal, hex]: readonly unknown[], replacement: string, tally: HiddenTally): string {
  const isNamed = decimal === undefined && hex === undefined;
  const code = decimal === undefined ? parseInt(String(hex), 16) : Number(decimal);
  if (!isNamed && (code > 0x10ffff || String.fromCodePoint(code).replace(INVISIBLE, '') !== '')) return String(whole);
  tally.invisibleCharacters += 1;
  return replacement;
}

/**
 * What a person who reads the issue sees of its text: no invisible characters, no HTML comments, no hidden elements, and
 * of links, images and tags what is shown of them. Applying it again changes nothing. For the reader that can be misled:
 * a model.
 *
 * In doubt something is taken for hidden, as a comment that is never closed: it hides the rest of the text, and so the
 * rest goes. Code spans and fenced blocks are shown as they are written, but for comments, for raw HTML has no code.
 */
export function visibleText(text: string): string {
  return seenText(text).text;
}

/**
 * The same, with how much of it is hidden.
 *
 * @param longest in UTF-16 units; what is longer is cut before anything else is done
 */
export function seenText(text: string, longest = Infinity): SeenText {
  const tally = emptyTally();
  tally.cutCharacters = Math.max(0, text.length - longest);
  let seen = withoutInvisible(text.slice(0, longest), tally);
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const before = seen;
    // What is left of a reference may have become one.
    seen = withoutInvisible(
      withoutHiddenHtml(withoutHiddenMarkdown(withoutComments(seen, tally), tally), tally),
      tally,
    );
    if (seen === before) return { text: seen, hidden: tally };
  }
  // Whoever nests so deeply hides something. Without these there is no markup that could.
  tally.elements += 1;
  return { text: withoutInvisible(seen.replace(/[<>[\]{}&]/g, ' '), tally), hidden: tally };
}

function withoutComments(text: string, tally: HiddenTally): string {
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf('<!--', from);
    // HTML counts <!--> and <!---> as whole comments.
    const close = open === -1 ? -1 : text.indexOf('-->', open + 2);
    if (close === -1) break;
    tally.comments += 1;
    // Never joined without a space, or the halves around a comment could make another.
    kept.push(text.slice(from, open), text.slice(open, close).includes('\n') ? '\n' : ' ');
    from = close + 3;
  }
  kept.push(text.slice(from));
  return withoutOpenComment(kept.join(''), tally);
}

function withoutOpenComment(text: string, tally: HiddenTally): string {
  for (const match of text.matchAll(SPAN_OR_COMMENT)) {
    if (match[0] !== '<!--') continue;
    tally.comments += 1;
    return text.slice(0, match.index);
  }
  return text;
}
