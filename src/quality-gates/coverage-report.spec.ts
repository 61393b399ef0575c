import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { coverageFromOutput, coverageFromReport } from './coverage-report.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');

describe('coverageFromReport', () => {
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
    expect(coverageFromReport(await recorded(name))).toEqual({ percent, format });
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

    expect(coverageFromReport(report)).toEqual({ percent: 25, format: 'JaCoCo' });
  });

  it('takes the metrics of the whole Clover project', () => {
    const file = '<package><file><metrics statements="1" coveredstatements="1"/></file></package>';
    const report = `<coverage><project>${file}<metrics statements="4" coveredstatements="1"/></project></coverage>`;

    expect(coverageFromReport(report)).toEqual({ percent: 25, format: 'Clover' });
  });

  it('takes a line of an Istanbul report as covered when any statement on it ran', () => {
    const place = (line: number) => ({ start: { line, column: 0 } });
    const report = { 'a.js': { statementMap: { 0: place(1), 1: place(1), 2: place(2) }, s: { 0: 1, 1: 0, 2: 0 } } };

    expect(coverageFromReport(JSON.stringify(report))).toEqual({ percent: 50, format: 'Istanbul' });
  });

  it('takes a block of a Go profile that stands there twice as one', () => {
    const block = 'a.go:1.1,2.2 2';

    expect(coverageFromReport(`mode: set\n${block} 1\n${block} 0\nb.go:1.1,2.2 2 0\n`)?.percent).toBe(50);
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

describe('coverageFromOutput', () => {
  it.each([
    ['node-spec-coverage.txt', 80, 'node:test table'],
    ['node-tap-coverage.txt', 80, 'node:test table'],
    ['jest-coverage.txt', 50, 'Istanbul table'],
    ['pytest-cov.txt', 100, 'coverage.py table'],
  ])('reads the table of %s', async (name, percent, format) => {
    expect(coverageFromOutput(await recorded(name), '')).toEqual({ percent, format });
  });

  it('takes the last table of a stream and the lower of two streams', () => {
    const good = 'ℹ all files | 99.00 | 1 | 1 |\n';
    const bad = 'TOTAL 10 8 20%\n';

    expect(coverageFromOutput(good + bad, '')?.percent).toBe(20);
    expect(coverageFromOutput(bad + good, '')?.percent).toBe(99);
    expect(coverageFromOutput(good, bad)?.percent).toBe(20);
    expect(coverageFromOutput(bad, good)?.percent).toBe(20);
  });

  it.each(['go-cover.txt', 'node-spec-green.txt', 'jest-green.txt'])('finds no coverage in %s', async (name) => {
    expect(coverageFromOutput(await recorded(name), '')).toBeNull();
  });
});
