import type { GateDefinition, GateKind } from './quality-gates.types.js';

/** Reads a file of the base commit; null where there is none. */
export type ReadBaseFile = (path: string) => Promise<string | null>;

/** A gate as a repository's files suggest it: what it runs, and why that was concluded. */
export type DetectedGate = Pick<GateDefinition, 'name' | 'kind' | 'argv' | 'origin' | 'report' | 'cache'>;

/** What the reports of detected gates are called, before the ending; at the top, where no folder must be made first. */
export const REPORT_NAME = '.mosaic-tests';

/**
 * @param why what was concluded from, as part of a sentence that begins with "detected from"
 * @param report the file that it writes its numbers to, or a pattern; null where they are in its output
 */
export function detected(
  name: GateKind | readonly [name: string, kind: GateKind],
  argv: GateDefinition['argv'],
  why: string,
  report: string | null = null,
): DetectedGate {
  const [own, kind] = typeof name === 'string' ? [name, name] : name;
  return { name: own, kind, argv, origin: `detected from ${why}`, report };
}

/** A setup that keeps its downloads. */
export function withCache(gate: DetectedGate, key: readonly string[], paths: readonly string[]): DetectedGate {
  return { ...gate, cache: { key, paths } };
}

/** The first of some files that the base commit has, with its text; null where it has none. */
export async function firstOf(
  read: ReadBaseFile,
  paths: readonly string[],
): Promise<{ readonly path: string; readonly text: string } | null> {
  for (const path of paths) {
    const text = await read(path);
    if (text !== null) return { path, text };
  }
  return null;
}

/** What a file of a repository gives away. */
export type Sign = readonly [path: string, sign: RegExp, what: string];

/** What the first sign that is there is called; null where none is. */
export async function firstSign(read: ReadBaseFile, signs: readonly Sign[]): Promise<string | null> {
  for (const [path, sign, what] of signs) {
    const text = await read(path);
    if (text !== null && sign.test(text)) return what;
  }
  return null;
}
