/** One tag of an XML text. */
export interface XmlTag {
  readonly name: string;
  readonly kind: 'open' | 'close' | 'empty';
  readonly attributes: ReadonlyMap<string, string>;
}

/**
 * Shows `visit` each tag of an XML text, in their order. Reads names and attributes, and shows `visitText` what stands
 * between tags; no entity is ever expanded, no address is fetched. Linear in the text.
 *
 * Returns false where the text cannot be trusted to its end: it is cut off, or its document type declares entities.
 *
 * @param visitText is told from where to where in `text` the characters stand, and whether they are a CDATA section's
 */
export function visitXmlTags(
  text: string,
  visit: (tag: XmlTag) => void,
  visitText: (from: number, to: number, isLiteral: boolean) => void = () => undefined,
): boolean {
  let at = 0;
  for (;;) {
    const start = text.indexOf('<', at);
    if (start < 0) return true;
    if (start > at) visitText(at, start, false);
    const skipped = SKIPPED.find(([opening]) => text.startsWith(opening, start));
    const end = skipped ? text.indexOf(skipped[1], start + skipped[0].length) : endOfTag(text, start + 1);
    if (end < 0) return false;
    at = end + (skipped ? skipped[1].length : 1);
    if (skipped?.[0] === CDATA) visitText(start + CDATA.length, end, true);
    if (skipped) continue;
    const body = text.slice(start + 1, end);
    if (!body.startsWith('!')) visit(readTag(body));
    else if (body.includes('[')) return false;
  }
}

/** The name of the outermost element; empty where none begins within the first thousands of characters. */
export function rootOf(text: string): string {
  let root = '';
  visitXmlTags(text.slice(0, 20_000), ({ name }) => {
    if (root === '') root = name;
  });
  return root;
}

const CDATA = '<![CDATA[';
const SKIPPED = [
  ['<!--', '-->'],
  [CDATA, ']]>'],
  ['<?', '?>'],
] as const;

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * The characters that the five entities of XML itself and the numeric references in a short text stand for. Any other
 * entity stays as it is written: only a document could say what it means.
 */
export function decodedXml(text: string): string {
  return text.replace(/&(?:(lt|gt|amp|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g, (whole, name, decimal, hex) => {
    if (typeof name === 'string') return NAMED[name] ?? whole;
    const code = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** Where the tag's `>` is, or -1; one inside quotes does not count. */
function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '') {
      if (character === '>') return at;
      if (character === '"' || character === "'") quote = character;
    } else if (character === quote) {
      quote = '';
    }
  }
  return -1;
}

function readTag(body: string): XmlTag {
  const closing = body.startsWith('/');
  const empty = body.endsWith('/');
  const name = body
    .slice(closing ? 1 : 0)
    .split(/[\s/=]/, 1)
    .join('');
  const attributes = new Map<string, string>();
  // Counts stand at the front; a failure's message may fill megabytes.
  for (const [, key = '', double, single] of body
    .slice(0, 4096)
    .matchAll(/([^\s=/"'<>]{1,200})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(key, double ?? single ?? '');
  }
  return { name, kind: closing ? 'close' : empty ? 'empty' : 'open', attributes };
}
