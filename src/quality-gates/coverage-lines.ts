import type { FileCoverage } from './coverage.types.js';

/** The most lines of all files together that are looked at one by one. */
export const MAX_LINES = 2_000_000;
const MAX_FILES = 20_000;

/** Gathers which lines ran, within bounds: with more lines or files than these it knows nothing at all. */
export class CoverageLines {
  private readonly byPath = new Map<string, Map<number, boolean>>();
  private left = MAX_LINES;

  /** @param shown takes out of a path what must not be shown, such as the folder in which the tests ran */
  constructor(private readonly shown: (text: string) => string) {}

  /** A line counts as covered when anything on it ran. */
  add(path: string, line: number, hasRun: boolean): void {
    this.left -= 1;
    if (this.left < 0 || !Number.isSafeInteger(line) || line < 1) return;
    const lines = this.byPath.get(path) ?? new Map<number, boolean>();
    if (lines.size === 0) {
      if (this.byPath.size >= MAX_FILES) this.left = 0;
      this.byPath.set(path, lines);
    }
    lines.set(line, hasRun || lines.get(line) === true);
  }

  /** Null when nothing was added, or too much. */
  files(): ReadonlyMap<string, FileCoverage> | null {
    if (this.left < 0 || this.byPath.size === 0) return null;
    const files = new Map<string, FileCoverage>();
    for (const [given, lines] of this.byPath) {
      const path = this.shown(given);
      const sorted = [...lines].sort(([a], [b]) => a - b);
      const those = (hasRun: boolean): readonly number[] =>
        sorted.flatMap(([line, ran]) => (ran === hasRun ? [line] : []));
      files.set(path, { path, covered: those(true), missed: those(false) });
    }
    return files;
  }
}
