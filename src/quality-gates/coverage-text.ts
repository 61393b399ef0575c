import { CoverageLines } from './coverage-lines.js';
import { coverageReading, shareOf } from './coverage-share.js';
import type { CoverageReading } from './coverage.types.js';

/** Whether a text holds a record of lcov. */
export function isLcov(text: string): boolean {
  return /^end_of_record\s*$/m.test(text);
}

/** `LF` and `LH` of each file, or its `DA` lines where a tool leaves those out. man geninfo, "FILES". */
export function readLcov(text: string, shown: (path: string) => string): CoverageReading {
  const perLine = new CoverageLines(shown);
  const lines = { covered: 0, total: 0 };
  const branches = { covered: 0, total: 0 };
  let path = '';
  let file = EMPTY;
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(SF|LF|LH|BRF|BRH|DA):(.{0,2000}?)\s*$/.exec(line) ?? [];
    if (key === 'SF') path = value;
    if (key === 'LF') file = { ...file, found: Number(value) };
    if (key === 'LH') file = { ...file, hit: Number(value) };
    if (key === 'BRF') branches.total += Number(value);
    if (key === 'BRH') branches.covered += Number(value);
    if (key === 'DA') {
      const [number, count] = value.split(',', 2);
      const hasRun = Number(count) > 0;
      perLine.add(path, Number(number), hasRun);
      file = { ...file, lines: file.lines + 1, hits: file.hits + (hasRun ? 1 : 0) };
    }
    if (line.trim() === 'end_of_record') {
      lines.total += file.found >= 0 ? file.found : file.lines;
      lines.covered += file.hit >= 0 ? file.hit : file.hits;
      file = EMPTY;
      path = '';
    }
  }
  if (path !== '' || file !== EMPTY) return { problem: 'It is cut off: its last record does not end' };
  return coverageReading(
    'lcov',
    shareOf(lines.covered, lines.total),
    shareOf(branches.covered, branches.total),
    perLine,
  );
}

const EMPTY = { found: -1, hit: -1, lines: 0, hits: 0 };

/** Whether a text is a profile of `go test -coverprofile`. */
export function isGoProfile(text: string): boolean {
  return /^mode: (?:set|count|atomic)\s*$/m.test(text.slice(0, 100));
}

/** `name.go:1.2,3.4 statements count` after the mode. go.dev/blog/cover. One block can stand there several times. */
export function readGoProfile(text: string, shown: (path: string) => string): CoverageReading {
  const perLine = new CoverageLines(shown);
  const blocks = new Map<string, { readonly statements: number; readonly hit: boolean }>();
  for (const match of text.matchAll(/^(\S{1,1000}):(\d{1,9})\.(\d{1,9}),(\d{1,9})\.(\d{1,9}) (\d+) (\d+)\s*$/gm)) {
    const [, path = '', from, , to, , statements, count] = match;
    const block = match[0].split(' ', 1).join('');
    const hasRun = Number(count) > 0;
    blocks.set(block, { statements: Number(statements), hit: hasRun || blocks.get(block)?.hit === true });
    // A block without a statement is a brace.
    const last = Math.min(Number(to), Number(from) + 100_000);
    for (let line = Number(from); line <= last && Number(statements) > 0; line += 1) perLine.add(path, line, hasRun);
  }
  const lines = { covered: 0, total: 0 };
  for (const { statements, hit } of blocks.values()) {
    lines.total += statements;
    if (hit) lines.covered += statements;
  }
  return coverageReading('Go profile', shareOf(lines.covered, lines.total), null, perLine);
}
