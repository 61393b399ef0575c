import type { CoverageReport } from './coverage.types.js';
import { plainText } from './plain-text.js';

/** Reads the closing table of a coverage tool; of two streams the one that says less. Null when there is none. */
export function coverageFromOutput(stdout: string, stderr: string): CoverageReport | null {
  const [first, second] = [lastTable(stdout), lastTable(stderr)].filter((coverage) => coverage !== null);
  if (!first || !second) return first ?? null;
  return second.percent < first.percent ? second : first;
}

const TABLES: readonly (readonly [format: string, line: RegExp])[] = [
  // Istanbul's table, as jest, vitest, nyc and c8 print it: statements, branches, functions, lines.
  ['Istanbul table', /^ *All files +\|(?: +[\d.]+ \|){3} +([\d.]+) \|/gm],
  // node:test: lines, branches, functions.
  ['node:test table', /^(?:ℹ|#) all files +\| +([\d.]+) \|/gm],
  ['coverage.py table', /^TOTAL +\d+(?: +\d+){1,4} +([\d.]+)%$/gm],
  ['go tool cover', /^total:\s+\(statements\)\s+([\d.]+)%$/gm],
];

function lastTable(output: string): CoverageReport | null {
  const text = plainText(output);
  let last: { readonly coverage: CoverageReport; readonly at: number } | null = null;
  for (const [format, line] of TABLES) {
    for (const match of text.matchAll(line)) {
      const coverage = fromPercent(Number(match[1]), format);
      if (coverage && (last === null || match.index > last.at)) last = { coverage, at: match.index };
    }
  }
  return last && last.coverage;
}

function fromPercent(percent: number, format: string): CoverageReport | null {
  return percent >= 0 && percent <= 100 ? { percent, format, lines: null, branches: null, files: null } : null;
}
