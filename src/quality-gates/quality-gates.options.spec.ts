import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { resolveQualityGatesOptions, type QualityGatesModuleOptions } from './quality-gates.options.js';

describe('resolveQualityGatesOptions', () => {
  it('fills in the defaults that the docstrings promise', async () => {
    const source = await readFile(new URL('quality-gates.options.ts', import.meta.url), 'utf8');
    const promised = [...source.matchAll(/@default (.+)\n {3}\*\/\n {2}readonly (\w+)\?/g)].map(
      ([, value = '', name]) => [name, JSON.parse(value)],
    );
    const { defaults, ...options } = resolveQualityGatesOptions({});

    expect(promised.length).toBeGreaterThan(5);
    expect({ ...options, defaultConfiguration: defaults.gates }).toMatchObject(Object.fromEntries(promised));
    expect(options.path).toMatch(/^\/.+:\/usr\/bin:/);
  });

  it('reads the default configuration', () => {
    const { defaults } = resolveQualityGatesOptions({
      defaultConfiguration: 'gates:\n  test: make test\nbase: must_pass',
      gateTimeoutMs: 5000,
    });

    expect(defaults).toMatchObject({
      gates: [{ kind: 'test', timeoutMs: 5000, origin: "the coordinator's gate configuration, line 2: gates.test" }],
      base: 'must_pass',
    });
  });

  it.each<[QualityGatesModuleOptions, string]>([
    [{ gateTimeoutMs: 999 }, 'gateTimeoutMs to be a whole number from 1000, got 999'],
    [{ gateTimeoutMs: 1e12 }, 'gateTimeoutMs'],
    [{ keepOutputBytes: 1500.5 }, 'keepOutputBytes'],
    [{ maxReportBytes: Number.NaN }, 'maxReportBytes'],
    [{ evidenceLength: 199 }, 'evidenceLength to be a whole number from 200'],
    [{ coverageThreshold: 101 }, 'coverageThreshold from 0 to 100'],
    [{ coverageThreshold: Number.NaN }, 'coverageThreshold from 0 to 100'],
    [{ path: '/bin:node_modules/.bin' }, 'absolute folders only'],
    [{ path: '/bin:' }, 'absolute folders only'],
    [{ environment: { HOME: '/root' } }, 'cannot set HOME'],
    [{ folder: 'gates' }, 'Expected folder to be absolute, got "gates"'],
  ])('refuses %j', (given, message) => {
    expect(() => resolveQualityGatesOptions(given)).toThrow(
      expect.objectContaining({ code: 'GATES_OPTIONS_INVALID', message: expect.stringContaining(message) }),
    );
  });

  it('refuses a wrong default configuration, and one that says what would have no effect', () => {
    expect(() => resolveQualityGatesOptions({ defaultConfiguration: 'gates: { test: x }\nprompt: x' })).toThrow(
      /line 2: "prompt" is not known here; known are gates, base/,
    );
    expect(() => resolveQualityGatesOptions({ defaultConfiguration: 'gates: {}' })).toThrow(
      expect.objectContaining({ code: 'GATES_CONFIGURATION_INVALID' }),
    );
  });
});
