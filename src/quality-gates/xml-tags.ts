/** One tag of an XML text. */
export interface XmlTag {
  readonly name: string;
  readonly kind: 'open' | 'close' | 'empty';
  readonly attributes: ReadonlyMap<string, string>;
}

/** An XML text that is cut off, or that declares entities. */
export class UnreadableXmlError extends Error {}

/**
 * The tags of an XML text in their order. Reads names and attributes and nothing else: text is passed over, no entity is
 * ever expanded, no address is fetched, and a document type that declares anything is refused. Linear in the text.
 *
 * @throws {UnreadableXmlError} if the text is cut off inside a tag or declares entities
 */
export function* xmlTags(text: string): Generator<XmlTag> {
  let at = 0;
  for (;;) {
    const start = text.indexOf('<', at);
    if (start < 0) return;
    const skipped = SKIPPED.find(([opening]) => text.startsWith(opening, start));
    if (skipped) {
      at = after(text, skipped[1], start + skipped[0].length);
      continue;
    }
    const end = endOfTag(text, start + 1);
    const body = text.slice(start + 1, end);
    at = end + 1;
    if (!body.startsWith('!')) yield readTag(body);
    else if (body.includes('[')) throw new UnreadableXmlError('It has a document type that declares entities');
  }
}

const SKIPPED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

function after(text: string, closing: string, from: number): number {
  const found = text.indexOf(closing, from);
  if (found < 0) throw new UnreadableXmlError('It is cut off');
  return found + closing.length;
}

/** Where the tag's `>` is; one inside quotes does not count. */
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
  throw new UnreadableXmlError('It is cut off inside a tag');
}

function readTag(body: string): XmlTag {
  const closing = body.startsWith('/');
  const empty = body.endsWith('/');
  const [name = ''] = /^[^\s/=]+/.exec(body.slice(closing ? 1 : 0)) ?? [];
  const attributes = new Map<string, string>();
  // Counts stand at the front; a failure's message may fill megabytes.
  for (const [, key = '', double, single] of body
    .slice(0, 4096)
    .matchAll(/([^\s=/"'<>]{1,200})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/g)) {
    attributes.set(key, double ?? single ?? '');
  }
  return { name, kind: closing ? 'close' : empty ? 'empty' : 'open', attributes };
}
