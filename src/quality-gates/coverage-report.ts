import { isCount, objectOf, parsedObject } from './parsed-object.js';
import { plainText } from './plain-text.js';
import { visitXmlTags } from './xml-tags.js';

/** How many lines were covered. Go and some reporters count statements; `percent` is then of those. */
export interface Coverage {
  /** 0 to 100. */
  readonly percent: number;
  /** What said so. */
  readonly format: string;
}

/**
 * Reads a coverage report: lcov, Istanbul (summary and final JSON), coverage.py (JSON), Cobertura, JaCoCo, Clover (XML),
 * Go's profile, or a tool's table written to a file. Null if it is none of these, or counts no line at all.
 */
export function coverageFromReport(text: string): Coverage | null {
  const start = text.trimStart().slice(0, 1);
  if (start === '<') return xmlCoverage(text);
  if (start === '{') return jsonCoverage(parsedObject(text));
  if (/^mode: (?:set|count|atomic)$/m.test(text.slice(0, 100))) return goProfile(text);
  return lcov(text) ?? coverageFromOutput(text, '');
}

/** Reads the closing table of a coverage tool; of two streams the one that says less. Null when there is none. */
export function coverageFromOutput(stdout: string, stderr: string): Coverage | null {
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

function lastTable(output: string): Coverage | null {
  const text = plainText(output);
  let last: { readonly coverage: Coverage; readonly at: number } | null = null;
  for (const [format, line] of TABLES) {
    for (const match of text.matchAll(line)) {
      const coverage = fromPercent(Number(match[1]), format);
      if (coverage && (last === null || match.index > last.at)) last = { coverage, at: match.index };
    }
  }
  return last && last.coverage;
}

/** `LF` and `LH` of each file, or its `DA` lines where a tool leaves those out. man geninfo, "FILES". */
function lcov(text: string): Coverage | null {
  let covered = 0;
  let total = 0;
  let file = { found: -1, hit: -1, lines: 0, hits: 0 };
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(LF|LH|DA):([\d,-]{1,60})/.exec(line) ?? [];
    if (key === 'LF') file.found = Number(value);
    if (key === 'LH') file.hit = Number(value);
    if (key === 'DA') {
      file.lines += 1;
      if (Number(value.split(',')[1]) > 0) file.hits += 1;
    }
    if (line.trim() === 'end_of_record') {
      total += file.found >= 0 ? file.found : file.lines;
      covered += file.hit >= 0 ? file.hit : file.hits;
      file = { found: -1, hit: -1, lines: 0, hits: 0 };
    }
  }
  return fromCounts(covered, total, 'lcov');
}

/** `name.go:1.2,3.4 statements count` after the mode. go.dev/blog/cover. One block can stand there several times. */
function goProfile(text: string): Coverage | null {
  const blocks = new Map<string, { readonly statements: number; readonly hit: boolean }>();
  for (const [, block = '', statements, count] of text.matchAll(/^(\S{1,1000}:\d+\.\d+,\d+\.\d+) (\d+) (\d+)$/gm)) {
    const hit = Number(count) > 0 || blocks.get(block)?.hit === true;
    blocks.set(block, { statements: Number(statements), hit });
  }
  let covered = 0;
  let total = 0;
  for (const { statements, hit } of blocks.values()) {
    total += statements;
    if (hit) covered += statements;
  }
  return fromCounts(covered, total, 'Go profile');
}

function jsonCoverage(report: Readonly<Record<string, unknown>>): Coverage | null {
  const lines = objectOf(objectOf(report['total'])['lines']);
  if (isCount(lines['covered'])) return fromCounts(lines['covered'], lines['total'], 'Istanbul summary');
  const totals = objectOf(report['totals']);
  if (isCount(totals['covered_lines'])) {
    return fromCounts(totals['covered_lines'], totals['num_statements'], 'coverage.py');
  }
  return istanbulFinal(report);
}

/** A line is covered when a statement that begins on it ran: istanbul-lib-coverage, FileCoverage.getLineCoverage. */
function istanbulFinal(report: Readonly<Record<string, unknown>>): Coverage | null {
  let covered = 0;
  let total = 0;
  for (const entry of Object.values(report)) {
    const { statementMap, s } = objectOf(entry);
    const counts = objectOf(s);
    const lines = new Map<unknown, boolean>();
    for (const [id, place] of Object.entries(objectOf(statementMap))) {
      const { line } = objectOf(objectOf(place)['start']);
      lines.set(line, lines.get(line) === true || Number(counts[id]) > 0);
    }
    total += lines.size;
    covered += [...lines.values()].filter(Boolean).length;
  }
  return fromCounts(covered, total, 'Istanbul');
}

function xmlCoverage(text: string): Coverage | null {
  let depth = 0;
  let root = '';
  let found: Coverage | null = null;
  const isWhole = visitXmlTags(text, ({ name, kind, attributes }) => {
    if (kind === 'close') {
      depth -= 1;
      return;
    }
    if (depth === 0) root = name;
    const count = (key: string): number => Number(attributes.get(key) ?? Number.NaN);
    if (depth === 0 && name === 'coverage' && attributes.has('lines-valid')) {
      found ??= fromCounts(count('lines-covered'), count('lines-valid'), 'Cobertura');
    }
    // Clover and JaCoCo repeat these elements for each file; those of the whole project stand highest.
    if (depth === 2 && root === 'coverage' && name === 'metrics') {
      found ??= fromCounts(count('coveredstatements'), count('statements'), 'Clover');
    }
    if (depth === 1 && root === 'report' && name === 'counter' && attributes.get('type') === 'LINE') {
      found ??= fromCounts(count('covered'), count('covered') + count('missed'), 'JaCoCo');
    }
    if (kind === 'open') depth += 1;
  });
  // A report that is cut off says nothing about what is missing.
  return isWhole && depth === 0 ? found : null;
}

function fromCounts(covered: unknown, total: unknown, format: string): Coverage | null {
  if (!isCount(covered) || !isCount(total) || total === 0 || covered > total) return null;
  return { percent: (covered / total) * 100, format };
}

function fromPercent(percent: number, format: string): Coverage | null {
  return percent >= 0 && percent <= 100 ? { percent, format } : null;
}
