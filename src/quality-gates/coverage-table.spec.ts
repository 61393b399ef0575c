import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { coverageFromOutput } from './coverage-table.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');

describe('coverageFromOutput', () => {
  it.each([
    ['node-spec-coverage.txt', 80, 'node:test table'],
    ['node-tap-coverage.txt', 80, 'node:test table'],
    ['jest-coverage.txt', 50, 'Istanbul table'],
    ['pytest-cov.txt', 100, 'coverage.py table'],
  ])('reads the table of %s', async (name, percent, format) => {
    expect(coverageFromOutput(await recorded(name), '')).toEqual({
      percent,
      format,
      lines: null,
      branches: null,
      files: null,
    });
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
