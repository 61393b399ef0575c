import { isProse } from './hidden-html.js';
import { withoutLinkTitles } from './link-titles.js';
import type { HiddenTally } from './hidden-text.types.js';
import { textPieces, type TextPiece } from './text-pieces.js';

/** `[label]: address "title"`, of which nothing is shown where it stands. Its parts may stand on a line each. */
const DEFINITION =
  /^([ \t>]*)\[(?!\^)((?:[^[\]\\]|\\.){1,999})\]:[ \t]*(?:\n[ \t>]*)?(<[^<>\n]*>|[^\s<]\S*)(?:[ \t]+|[ \t]*\n[ \t>]*|(?=$))("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\))?[ \t]*$/gm;
/** `[^label]: text`, which is shown at the end where something refers to it. */
const FOOTNOTE = /^[ \t>]*\[\^([^[\]\n]{1,999})\]:.*(?:\n.+)*$/gm;
/** A heading that ends in attributes: `# Heading {.class title="text"}` (goldmark, `parser.WithAttribute`). */
const ATTRIBUTED_HEADING = /^[ \t>]*#{1,6}[ \t][^\n]*\}[ \t]*$/gm;
const ATTRIBUTES = /^\{[ \t]*(?:[#.]|[A-Za-z_:][\w:.-]*[ \t]*=)[^\n]*$/;
/** What stands after the language of a code block. */
const AFTER_LANGUAGE = /^((?:`{3,}|~{3,})[ \t]*[^\s`]+)[ \t]+(\S[^\n]*)/;
const LABEL = /\[((?:[^[\]\\]|\\.){1,999})\](?!:)/g;

/** The text without what Markdown does not show where it stands: goldmark, as Gitea uses it. */
export function withoutHiddenMarkdown(text: string, tally: HiddenTally): string {
  const used = new Set([...text.matchAll(LABEL)].map(([, label = '']) => labelKey(label)));
  const defined = new Set([...text.matchAll(DEFINITION)].map(([, , label = '']) => labelKey(label)));
  const kept: string[] = [];
  let done = 0;
  for (const { kind, start, end } of textPieces(text)) {
    kept.push(text.slice(done, start), ofPiece(text.slice(start, end), kind, { used, defined, tally }));
    done = end;
  }
  kept.push(text.slice(done));
  return kept.join('');
}

interface Known {
  /** Labels that something may refer to, and those that are defined. */
  readonly used: ReadonlySet<string>;
  readonly defined: ReadonlySet<string>;
  readonly tally: HiddenTally;
}

function ofPiece(text: string, kind: TextPiece['kind'], known: Known): string {
  const { tally } = known;
  const aside = (): void => void (tally.asides += 1);
  if (kind === 'code') {
    return text.replace(AFTER_LANGUAGE, (_, language: string, rest: string) => {
      if (isProse(rest)) aside();
      return language;
    });
  }
  const isDefined = (label: string): boolean => known.defined.has(labelKey(label));
  return withoutLinkTitles(withoutDefinitions(text, known), isDefined, aside).replace(ATTRIBUTED_HEADING, (heading) => {
    const at = heading.lastIndexOf('{');
    if (at === -1 || !ATTRIBUTES.test(heading.slice(at))) return heading;
    aside();
    return heading.slice(0, at).trimEnd();
  });
}

function withoutDefinitions(text: string, { used, tally }: Known): string {
  return text
    .replace(FOOTNOTE, (whole, label: string) => {
      if (used.has(labelKey(`^${label}`))) return whole;
      tally.definitions += 1;
      return '';
    })
    .replace(DEFINITION, (whole, before: string, label: string, address: string, title?: string) => {
      // A label in words says something itself, and is not shown where a link has another text.
      const isKept = used.has(labelKey(label)) && !isProse(label);
      if (isKept && title === undefined) return whole;
      tally.definitions += 1;
      return isKept ? `${before}[${label}]: ${address}` : before;
    });
}

function labelKey(label: string): string {
  return label.trim().replace(/\s+/g, ' ').toLowerCase();
}
