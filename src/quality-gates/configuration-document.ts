import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Node } from 'yaml';
import type { ConfigurationMistake } from './quality-gates.errors.js';

/** A value of the document, with the line it stands on. */
export interface Placed {
  readonly value: string | number | boolean | null | readonly Placed[] | ReadonlyMap<string, Placed>;
  /** Counted from 1. For the value of a key, the line of the key. */
  readonly line: number;
}

/** The largest document that is read, in characters. */
export const MAX_DOCUMENT_LENGTH = 65_536;

/**
 * Reads a YAML text into plain values with their lines. Not all of YAML: anchors, aliases, tags, merge keys, several
 * documents and keys that are no text are mistakes, so that what a person reads is what holds, and no small text can
 * stand for a large value.
 */
export function readConfigurationDocument(text: string): {
  readonly root: Placed | null;
  readonly mistakes: readonly ConfigurationMistake[];
} {
  if (text.length > MAX_DOCUMENT_LENGTH) {
    return refused(`It has ${text.length} characters; at most ${MAX_DOCUMENT_LENGTH} are read`);
  }
  if (nestsDeeply(text)) return refused('It is nested too deeply');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', uniqueKeys: true, prettyErrors: false });
  const lineAt = (offset: number | undefined): number => Math.max(1, lines.linePos(offset ?? 0).line);
  const mistakes: ConfigurationMistake[] = [...document.errors, ...document.warnings].map((problem) => ({
    line: lineAt(problem.pos[0]),
    text: problem.message,
  }));
  visit(document, {
    Node(_key, node) {
      const line = lineAt(node.range?.[0]);
      if (isAlias(node)) mistakes.push({ line, text: 'Aliases (*name) are not supported: write the value out' });
      else if (node.anchor) mistakes.push({ line, text: 'Anchors (&name) are not supported: write the value out' });
      if (node.tag && !isAlias(node)) mistakes.push({ line, text: `The tag ${node.tag} is not supported` });
    },
    Pair(_key, pair) {
      if (isScalar(pair.key) && typeof pair.key.value === 'string') return;
      const line = lineAt((pair.key as Node | null)?.range?.[0]);
      mistakes.push({ line, text: 'A key must be a text' });
    },
  });
  if (mistakes.length > 0) return { root: null, mistakes };
  return { root: place(document.contents, 1, lineAt), mistakes };
}

function place(node: unknown, line: number, lineAt: (offset: number | undefined) => number): Placed {
  if (isMap(node)) {
    const entries = node.items.map(({ key, value }): [string, Placed] => {
      const name = key as { value: string; range?: readonly [number, number, number] | null };
      return [name.value, place(value, lineAt(name.range?.[0]), lineAt)];
    });
    return { value: new Map(entries), line };
  }
  if (isSeq(node)) {
    return { value: node.items.map((element) => place(element, lineAt((element as Node).range?.[0]), lineAt)), line };
  }
  const value = isScalar(node) ? node.value : null;
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { value: isPlain ? value : null, line };
}

/**
 * Refuses what nests so deeply that the parser, which calls itself for each level, could use up the stack; that ends the
 * process and cannot be caught. Counts more than it must: brackets in a text and compact rows of `- - -` as well.
 */
function nestsDeeply(text: string): boolean {
  return (text.match(/[[{]/g)?.length ?? 0) > 200 || /^ {81}/m.test(text) || /(?:[-?:][ \t]+){11}/.test(text);
}

function refused(text: string): { readonly root: null; readonly mistakes: readonly ConfigurationMistake[] } {
  return { root: null, mistakes: [{ line: 1, text }] };
}
