import type { CoverageReport, FileCoverage, Share } from './coverage.types.js';
import type { DiffHunk } from './diff-hunks.js';

/** Where lines of a change stand. */
type ChangedLines = Omit<DiffHunk, 'lines'>;

/** How much of what a change writes was run by tests. */
export interface ChangedLineCoverage {
  /** Of the changed lines that hold code; null where none does. */
  readonly lines: Share | null;
  /** The changed lines with code that did not run, by path of the repository. */
  readonly missed: ReadonlyMap<string, readonly number[]>;
  /** Changed files that the report does not tell of: no code, or code that no test ever loaded. */
  readonly unmeasured: readonly string[];
}

/**
 * How many of the lines of a change were covered. Null where the report tells no lines at all.
 *
 * A report writes paths relative to a folder of its own choice, or with a module's name before them. A file of the
 * repository is taken for a file of the report when one's path ends with the other's, and no second one's does.
 */
export function changedLineCoverage(
  hunks: readonly ChangedLines[],
  { files }: Pick<CoverageReport, 'files'>,
): ChangedLineCoverage | null {
  if (files === null) return null;
  const byName = groupedByName(files.values());
  const missed = new Map<string, readonly number[]>();
  const unmeasured: string[] = [];
  let [covered, total] = [0, 0];
  for (const [path, own] of groupedByPath(hunks)) {
    const file = fileOf(path, byName.get(nameOf(path)) ?? []);
    if (file === null) {
      unmeasured.push(path);
      continue;
    }
    const notRun = among(file.missed, own);
    const run = among(file.covered, own).length;
    if (notRun.length > 0) missed.set(path, notRun);
    covered += run;
    total += run + notRun.length;
  }
  return { lines: total > 0 ? { covered, total } : null, missed, unmeasured };
}

/** Those of the ascending lines that stand in a hunk. One pass over both. */
function among(lines: readonly number[], hunks: readonly ChangedLines[]): readonly number[] {
  const sorted = [...hunks].sort((a, b) => a.start - b.start);
  let next = 0;
  let end = 0;
  return lines.filter((line) => {
    for (let hunk = sorted[next]; hunk && hunk.start <= line; hunk = sorted[next]) {
      end = Math.max(end, hunk.start + hunk.count);
      next += 1;
    }
    return line < end;
  });
}

function groupedByPath(hunks: readonly ChangedLines[]): ReadonlyMap<string, readonly ChangedLines[]> {
  const byPath = new Map<string, ChangedLines[]>();
  for (const hunk of hunks) {
    const known = byPath.get(hunk.path);
    if (known) known.push(hunk);
    else byPath.set(hunk.path, [hunk]);
  }
  return byPath;
}

function groupedByName(files: Iterable<FileCoverage>): ReadonlyMap<string, readonly FileCoverage[]> {
  const byName = new Map<string, FileCoverage[]>();
  for (const file of files) {
    const name = nameOf(file.path);
    const known = byName.get(name);
    if (known) known.push(file);
    else byName.set(name, [file]);
  }
  return byName;
}

/** The same path, else the only one that ends like it. Windows' tools write backslashes. */
function fileOf(path: string, candidates: readonly FileCoverage[]): FileCoverage | null {
  const same = candidates.find((file) => plain(file.path) === path);
  if (same) return same;
  const alike = candidates.filter((file) => {
    const other = plain(file.path);
    return other.endsWith(`/${path}`) || path.endsWith(`/${other}`);
  });
  return (alike.length === 1 && alike[0]) || null;
}

function plain(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\.\//, '');
}

function nameOf(path: string): string {
  return plain(path).split('/').at(-1) ?? '';
}
