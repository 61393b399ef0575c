import type { CoverageReport } from './coverage.types.js';
import type { DiffHunk } from './diff-hunks.js';
import { gateFileKind, isTestFile } from './gate-files.js';

/** A line that begins a statement, in the languages whose tools leave files out that no test loads. */
const STATEMENT =
  /^\s*(?:export\s+)?(?:default\s+)?(?:pub\s+)?(?:async\s+)?(?:abstract\s+)?(?:return|if|for|while|switch|try|throw|raise|await|yield|def|func|fn|function|class|const|let|var|module\.exports|exports\.)(?![\w-])/;

/**
 * The changed lines with code in files that a report does not tell of, by path, though it tells of others with the same
 * ending: code that no test ever loaded. Tests and settings are no such files, nor is one that declares types alone.
 *
 * @param unmeasured the changed files that are not in the report
 */
export function unloadedLines(
  hunks: readonly DiffHunk[],
  unmeasured: readonly string[],
  { files }: Pick<CoverageReport, 'files'>,
): ReadonlyMap<string, readonly number[]> {
  const endings = new Set([...(files?.values() ?? [])].map(({ path }) => endingOf(path)));
  const isCode = (path: string): boolean =>
    endings.has(endingOf(path)) && !/\.d\.[cm]?ts$/.test(path) && !isTestFile(path) && gateFileKind(path) === null;
  const sources = new Set(unmeasured.filter(isCode));
  const found = new Map<string, number[]>();
  for (const { path, start, lines } of hunks) {
    const own = sources.has(path) ? lines.flatMap((line, at) => (STATEMENT.test(line) ? [start + at] : [])) : [];
    if (own.length > 0) found.set(path, [...(found.get(path) ?? []), ...own]);
  }
  return found;
}

/** What a tool knows a language by: `mjs` and `jsx` are one with `js`. */
function endingOf(path: string): string {
  return (/\.(\w+)$/.exec(path)?.[1] ?? '').replace(/^[cm]?([jt]s)x?$/, '$1');
}
