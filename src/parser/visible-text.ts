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

/**
 * The text without characters that a person cannot see, however they are written, and with plain newlines.
 * Takes time in proportion to the text.
 */
export function withoutInvisible(text: string): string {
  const plain = text.replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(INVISIBLE, '');
  if (!plain.includes('&')) return plain;
  // A reference can be hidden in the midst of another. What the first pass joins, the second one parts with a space.
  return plain
    .replace(CHARACTER_REFERENCE, (...match) => replaceReference(match, ''))
    .replace(CHARACTER_REFERENCE, (...match) => replaceReference(match, ' '));
}

function replaceReference([whole, decimal, hex]: readonly unknown[], replacement: string): string {
  if (decimal === undefined && hex === undefined) return replacement;
  const code = decimal === undefined ? parseInt(String(hex), 16) : Number(decimal);
  if (code > 0x10ffff) return String(whole);
  return String.fromCodePoint(code).replace(INVISIBLE, '') === '' ? replacement : String(whole);
}

/**
 * What a person who reads the issue sees of its text: no invisible characters and no HTML comments, closed or not.
 * Applying it again changes nothing. For the reader that can be misled: a model. Takes time in proportion to the text.
 *
 * A comment that is never closed hides the rest of the text, and so the rest goes; only one within a code span, as in
 * a sentence about comments, stays.
 */
export function visibleText(text: string): string {
  const seen = withoutInvisible(text);
  const kept: string[] = [];
  let from = 0;
  for (;;) {
    const open = seen.indexOf('<!--', from);
    // HTML counts <!--> and <!---> as whole comments.
    const close = open === -1 ? -1 : seen.indexOf('-->', open + 2);
    if (close === -1) break;
    // Never joined without a space, or the halves around a comment could make another.
    kept.push(seen.slice(from, open), seen.slice(open, close).includes('\n') ? '\n' : ' ');
    from = close + 3;
  }
  kept.push(seen.slice(from));
  return withoutOpenComment(kept.join(''));
}

function withoutOpenComment(text: string): string {
  for (const match of text.matchAll(SPAN_OR_COMMENT)) {
    if (match[0] === '<!--') return text.slice(0, match.index);
  }
  return text;
}
