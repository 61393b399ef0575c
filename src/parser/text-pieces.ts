/** A part of a text in which tags are read in one way. Blank lines stand between parts. */
export interface TextPiece {
  /** *code*: a fenced block, shown as it is written. *html*: a block of HTML. *prose*: a run of other lines. */
  readonly kind: 'code' | 'html' | 'prose';
  readonly start: number;
  readonly end: number;
}

const FENCE = /^(?:`{3,}(?=[^`\n]*$)|~{3,})/;
/** Quotes and list items, in which a block may begin. */
const CONTAINERS = /^(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s))*/;
/** CommonMark's kinds of HTML blocks, all of which go on until a blank line here; the first until its end tag. */
const RAW_BLOCK = /^<(script|pre|style|textarea)(?=[\s>]|$)/i;
const BLOCK =
  /^<(?:[!?]|\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|source|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[\s/>]|$)|\/?[A-Za-z][A-Za-z0-9-]*(?:\s[^>]*|\/)?>\s*$)/i;
/** Where formulas and settings may hold what looks like a fence, nothing is taken for one. */
const MAY_HIDE_FENCES = /^-{3,}[ \t]*\n|^[ \t>]*(?:\$\$|\\\[)/m;

interface OpenPiece {
  readonly kind: TextPiece['kind'];
  readonly start: number;
  /** What a line must hold for the piece to end, by itself or at the next blank line; null: a blank line is enough. */
  ends: RegExp | null;
}

/**
 * Cuts a text into pieces. In doubt nothing is code: what is code is shown as it is written, and so is believed.
 */
export function textPieces(text: string): readonly TextPiece[] {
  const hasFences = !MAY_HIDE_FENCES.test(text);
  const pieces: TextPiece[] = [];
  let open: OpenPiece | null = null;
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = endOfLine(text, start);
    const line = text.slice(start, end).trimEnd();
    if (open !== null && open.ends !== null) {
      if (!open.ends.test(line)) continue;
      open.ends = null;
      if (open.kind === 'html') continue;
      pieces.push({ kind: 'code', start: open.start, end });
      open = null;
      continue;
    }
    const next = pieceAt(line, start, open, hasFences);
    if (next === open) continue;
    if (open !== null) pieces.push({ kind: open.kind, start: open.start, end: start });
    open = next;
  }
  if (open !== null) pieces.push({ kind: open.kind, start: open.start, end: text.length });
  return pieces;
}

/** Which piece a line belongs to, which none ends but by a blank line: `open`, a new one, or none. */
function pieceAt(line: string, start: number, open: OpenPiece | null, hasFences: boolean): OpenPiece | null {
  if (line === '') return null;
  if (open?.kind === 'html') return open;
  const fence = hasFences ? FENCE.exec(line)?.[0] : undefined;
  if (fence !== undefined) return { kind: 'code', start, ends: new RegExp(`^ {0,3}${fence[0]}{${fence.length},}$`) };
  const block = line.replace(CONTAINERS, '');
  const raw = RAW_BLOCK.exec(block)?.[1];
  if (raw !== undefined) {
    const ends = new RegExp(`</${raw}`, 'i');
    return { kind: 'html', start, ends: ends.test(line) ? null : ends };
  }
  if (BLOCK.test(block)) return { kind: 'html', start, ends: null };
  return open ?? { kind: 'prose', start, ends: null };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end + 1;
}
