import { changedLineCoverage } from './changed-line-coverage.js';
import type { CoverageReading } from './coverage.types.js';
import { readDiffHunks } from './diff-hunks.js';
import { formatPercent } from './gate-result.js';
import type { GateFault } from './quality-gates.types.js';
import { unloadedLines } from './unloaded-lines.js';

const MAX_FILES = 5;

/**
 * What is wrong with the coverage of the lines that a change writes; null: nothing. A change without code is covered; code
 * in a file that no test loads is not.
 *
 * @param diff null where it is too large to be told
 * @param demanded per cent of those lines with code
 */
export function changedLinesProblem(
  diff: string | null,
  coverage: CoverageReading | null,
  demanded: number,
): { readonly fault: GateFault; readonly summary: string } | null {
  if (coverage === null || !('report' in coverage)) return null;
  if (diff === null)
    return { fault: 'change', summary: 'The change is too large to say which of its lines are covered' };
  const hunks = readDiffHunks(diff);
  const measured = changedLineCoverage(hunks, coverage.report);
  if (measured === null) {
    return { fault: 'definition', summary: 'Its report names no lines, so that changed_lines cannot be checked' };
  }
  const unloaded = unloadedLines(hunks, measured.unmeasured, coverage.report);
  const missed = new Map([...measured.missed, ...unloaded]);
  const { covered, total } = measured.lines ?? { covered: 0, total: 0 };
  const all = [...unloaded.values()].reduce((sum, { length }) => sum + length, total);
  if (all === 0) return null;
  const percent = (covered / all) * 100;
  if (percent >= demanded) return null;
  const places = [...missed].slice(0, MAX_FILES).map(([path, numbers]) => `${path}:${ranges(numbers)}`);
  const more = missed.size > MAX_FILES ? ` and ${missed.size - MAX_FILES} more files` : '';
  const seen = `${formatPercent(percent)} of the changed lines are covered, less than the ${formatPercent(demanded)} that are required`;
  return { fault: 'change', summary: `${seen}; not run: ${places.join(' ')}${more}` };
}

/** `3-5,9` */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const line of numbers) {
    const last = found.at(-1);
    if (last && last[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  const shown = found.slice(0, 8).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return found.length > shown.length ? `${shown.join(',')},…` : shown.join(',');
}
