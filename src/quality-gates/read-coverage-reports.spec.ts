import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CoverageReport } from './coverage.types.js';
import { MAX_LINES } from './coverage-lines.js';
import { readCoverageReports } from './read-coverage-reports.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');

/** What is read of one or several reports, or null. */
function coverageFromReport(...texts: readonly string[]): CoverageReport | null {
  const reading = readCoverageReports(texts);
  return 'report' in reading ? reading.report : null;
}

function problemOf(...texts: readonly string[]): string {
  const reading = readCoverageReports(texts);
  return 'problem' in reading ? reading.problem : '';
}

describe('readCoverageReports', () => {
  it.each([
    ['lcov.info', 50, 'lcov'],
    ['coverage-summary.json', 50, 'Istanbul summary'],
    ['coverage-final.json', 50, 'Istanbul'],
    ['cobertura-coverage.xml', 50, 'Cobertura'],
    ['clover.xml', 50, 'Clover'],
    ['coverage-py.json', 100, 'coverage.py'],
    ['coverage-py-cobertura.xml', 100, 'Cobertura'],
    ['go-coverprofile.txt', 75, 'Go profile'],
    ['go-cover-func.txt', 75, 'go tool cover'],
    ['c8.txt', 71.42, 'Istanbul table'],
  ])('reads %s', async (name, percent, format) => {
    expect(coverageFromReport(await recorded(name))).toMatchObject({ percent, format });
  });

  it('adds up the files of an lcov report, by its lines where totals are missing', () => {
    const report = 'SF:a\nLF:8\nLH:4\nend_of_record\nSF:b\nDA:1,1\nDA:2,0\nDA:3,5,hash\nend_of_record\n';

    expect(coverageFromReport(report)?.percent).toBeCloseTo((6 / 11) * 100);
  });

  it('takes the counter of the whole JaCoCo report', () => {
    const report =
      '<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="x">' +
      '<package name="a"><counter type="LINE" missed="0" covered="9"/></package>' +
      '<counter type="INSTRUCTION" missed="1" covered="1"/><counter type="LINE" missed="3" covered="1"/></report>';

    expect(coverageFromReport(report)).toMatchObject({ percent: 25, format: 'JaCoCo' });
  });

  it('takes the metrics of the whole Clover project', () => {
    const file = '<package><file><metrics statements="1" coveredstatements="1"/></file></package>';
    const report = `<coverage><project>${file}<metrics statements="4" coveredstatements="1"/></project></coverage>`;

    expect(coverageFromReport(report)).toMatchObject({ percent: 25, format: 'Clover' });
  });

  it('takes a line of an Istanbul report as covered when any statement on it ran', () => {
    const place = (line: number) => ({ start: { line, column: 0 } });
    const report = { 'a.js': { statementMap: { 0: place(1), 1: place(1), 2: place(2) }, s: { 0: 1, 1: 0, 2: 0 } } };

    expect(coverageFromReport(JSON.stringify(report))).toMatchObject({ percent: 50, format: 'Istanbul' });
  });

  it('takes a block of a Go profile that stands there twice as one', () => {
    const block = 'a.go:1.1,2.2 2';

    expect(coverageFromReport(`mode: set\n${block} 1\n${block} 0\nb.go:1.1,2.2 2 0\n`)?.percent).toBe(50);
  });

  it.each([
    ['jest-branches.lcov', 'lcov', [3, 4], [2, 4], 't/calc.js', [2, 5, 7], [3]],
    ['jest-coverage-final.json', 'Istanbul', [3, 4], [2, 4], '/checkout/t/calc.js', [2, 5, 7], [3]],
    ['jest-clover.xml', 'Clover', [3, 4], [2, 4], '/checkout/t/calc.js', [2, 5, 7], [3]],
    ['jest-cobertura.xml', 'Cobertura', [3, 4], [2, 4], 't/calc.js', [2, 5, 7], [3]],
    ['vitest-coverage-final.json', 'Istanbul', [4, 6], [1, 3], '/checkout/t/calc.js', [1, 2, 5, 6], [3, 4]],
    ['go-branches.coverprofile', 'Go profile', [2, 3], null, 'example.com/calc/calc.go', [3, 4, 7], [5, 6]],
    ['coverage-py-branches.json', 'coverage.py', [14, 17], [1, 2], 'calc.py', [1, 2, 4], [3]],
    ['coverage-py-branches.xml', 'Cobertura', [14, 17], [1, 2], 'calc.py', [1, 2, 4], [3]],
    ['jacoco.xml', 'JaCoCo', [2, 4], [1, 2], 'a/Calc.java', [4, 7], [2, 5]],
  ] as const)('reads lines and branches of %s', async (name, format, lines, branches, path, covered, missed) => {
    const report = coverageFromReport(await recorded(name));

    expect(report).toMatchObject({
      format,
      lines: { covered: lines[0], total: lines[1] },
      branches: branches && { covered: branches[0], total: branches[1] },
    });
    expect(report?.files?.get(path)).toEqual({ path, covered: [...covered], missed: [...missed] });
  });

  it('takes out of paths what must not be shown', async () => {
    const reading = readCoverageReports([await recorded('jest-clover.xml')], (path) => path.replace('/checkout/', ''));

    expect('report' in reading && [...(reading.report.files?.keys() ?? [])]).toEqual(['t/calc.js']);
  });

  it('puts the lines of several reports together where all tell lines', () => {
    const report = (file: string, hits: string): string => `SF:${file}\nDA:1,1\nDA:2,${hits}\nend_of_record\n`;

    expect(coverageFromReport(report('a', '0'), report('a', '1'), report('b', '0'))).toMatchObject({
      percent: 75,
      lines: { covered: 3, total: 4 },
      branches: null,
    });
  });

  it('adds up the totals of several reports where one tells no lines', () => {
    const summary = '{"total":{"lines":{"covered":1,"total":4},"branches":{"covered":1,"total":2}}}';

    expect(coverageFromReport(summary, 'SF:a\nDA:1,1\nend_of_record\n')).toEqual({
      percent: 40,
      format: 'Istanbul summary, lcov',
      lines: { covered: 2, total: 5 },
      branches: { covered: 1, total: 2 },
      files: null,
    });
    expect(coverageFromReport(summary, 'TOTAL 10 2 80%\n')).toBeNull();
    expect(coverageFromReport(summary, '')).toBeNull();
  });

  it('knows no lines of a report with too many', () => {
    const wide = Array.from({ length: Math.ceil(MAX_LINES / 100_000) + 1 }, (_, n) => `a.go:1.1,900000.1 1 ${n}\n`);
    const many = Array.from({ length: 20_002 }, (_, n) => `SF:${n}\nDA:1,1\nend_of_record\n`);

    expect(coverageFromReport(`mode: set\n${wide.join('')}`)).toMatchObject({ files: null });
    expect(coverageFromReport(many.join(''))).toMatchObject({ files: null, lines: { total: 20_002 } });
  });

  it.each([
    ['nothing', '', 'It is empty'],
    [
      'XML of another kind',
      '<testsuite/>',
      'Its XML begins with "testsuite", which is no report of coverage that is known',
    ],
    ['XML that is cut off', '<coverage lines-valid="2" lines-cov', 'It is cut off, or declares entities'],
    [
      'lcov that is cut off',
      'SF:a\nDA:1,1\nend_of_record\nSF:b\nDA:1,0\n',
      'It is cut off: its last record does not end',
    ],
    ['lcov without a line', 'SF:a\nend_of_record\n', 'It is a report in the form of lcov, but counts no line'],
    ['another text', 'hello', 'Its form is not known'],
  ])('says what is wrong with %s', (_name, text, problem) => {
    expect(problemOf(text)).toBe(problem);
  });

  it.each([
    ['lcov without a line', 'SF:a\nLF:0\nLH:0\nend_of_record\n'],
    ['lcov with more covered lines than lines', 'SF:a\nLF:1\nLH:2\nend_of_record\n'],
    ['lcov with a number that is none', 'SF:a\nLF:1-1\nLH:1\nend_of_record\n'],
    ['JSON of another kind', '{"a":{"b":1}}'],
    ['JSON that is cut off', '{"total":{"lines":{"covered":1,"tot'],
    ['a summary of nothing', '{"total":{"lines":{"covered":0,"total":0,"pct":"Unknown"}}}'],
    ['XML of another kind', '<testsuite/>'],
    ['XML that is cut off', '<coverage lines-valid="2" lines-covered="2"><packages>'],
    ['XML that is cut off in a tag', '<coverage lines-valid="2" lines-cov'],
    ['XML that is cut off behind its end', '<coverage lines-valid="2" lines-covered="2"/><more'],
    ['XML that declares entities', '<!DOCTYPE a [<!ENTITY b "c">]><coverage lines-valid="1" lines-covered="1"/>'],
    ['XML without the count', '<coverage lines-valid="2"/>'],
    ['an empty profile', 'mode: set\n'],
    ['a table with an impossible number', 'TOTAL 10 2 800%\n'],
    ['nothing', ''],
  ])('finds no coverage in %s', (_name, report) => {
    expect(coverageFromReport(report)).toBeNull();
  });

  it('never throws, and never says more than 100 %', () => {
    const pieces = fc.constantFrom(
      'LF:1\n',
      'LH:1\n',
      'end_of_record\n',
      '<coverage ',
      'lines-valid="3" ',
      '>',
      '{"total":',
      'mode: set\n',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }), fc.json())), (parts) => {
        const text = parts.join('');
        const found = [coverageFromReport(text), coverageFromReport(`<${text}`), coverageFromReport(`{${text}`)];

        expect(found.every((coverage) => coverage === null || (coverage.percent >= 0 && coverage.percent <= 100))).toBe(
          true,
        );
      }),
    );
  });
});
