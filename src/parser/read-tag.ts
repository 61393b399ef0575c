/** An HTML tag in a text. */
export interface Tag {
  /** In lower case. */
  readonly name: string;
  readonly isClosing: boolean;
  /** Names in lower case; values without their quotes. Of twins the first counts in HTML: later ones have a number. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Where it ends: the first place after its `>`. */
  readonly end: number;
}

/** Within a paragraph: what CommonMark takes for raw HTML; the rest is shown as it is written. */
const STRICT_NAME = /<(\/?)([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])/y;
/** Within a block of HTML, whatever a browser takes for a tag is one. */
const LENIENT_NAME = /<(\/?)([A-Za-z][^\s/>]*)/y;
const STRICT_ATTRIBUTE = /\s+([A-Za-z_:][A-Za-z0-9_.:-]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'=<>`]+))?/y;
const LENIENT_ATTRIBUTE = /[\s/]*([^\s/>=]+|=[^\s/>=]*)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>"'][^\s>]*))?/y;
const OPEN_QUOTE = /\s*=\s*["']/y;
const END = /\s*\/?>/y;
const LENIENT_END = /[\s/]*>/y;

/**
 * Reads the tag that begins at `at`, within a piece of text that holds no blank line. Null if none begins there.
 *
 * @param isLenient whether the piece is a block of HTML
 */
export function readTag(piece: string, at: number, isLenient: boolean): Tag | null {
  const head = matchAt(isLenient ? LENIENT_NAME : STRICT_NAME, piece, at);
  if (head === null) return null;
  const [whole, slash, name = ''] = head;
  const attributes = new Map<string, string>();
  let from = at + whole.length;
  for (;;) {
    const end = matchAt(isLenient ? LENIENT_END : END, piece, from);
    if (end !== null)
      return { name: name.toLowerCase(), isClosing: slash === '/', attributes, end: from + end[0].length };
    const attribute = matchAt(isLenient ? LENIENT_ATTRIBUTE : STRICT_ATTRIBUTE, piece, from);
    if (attribute === null) return null;
    const [text, key = '', value = ''] = attribute;
    const lower = key.toLowerCase();
    attributes.set(attributes.has(lower) ? `${lower} ${attributes.size}` : lower, unquoted(value));
    from += text.length;
    // A quote that is never closed: in a block of HTML it takes all that follows with it.
    if (isLenient && matchAt(OPEN_QUOTE, piece, from) !== null) return null;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function unquoted(value: string): string {
  return /^["']/.test(value) ? value.slice(1, -1) : value;
}
