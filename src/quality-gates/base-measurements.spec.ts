import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../testing/index.js';
import { BaseMeasurements } from './base-measurements.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import { failedResult } from './gate-result.js';
import { InMemoryBaseMeasurementStore } from './in-memory-base-measurement-store.js';
import type { GateDefinition, GateKind, GateResult, GateSubject } from './quality-gates.types.js';

const definition = (kind: GateKind, isRequired = true): GateDefinition => ({
  name: kind,
  kind,
  argv: ['x'],
  directory: null,
  timeoutMs: 1,
  report: null,
  threshold: null,
  maxFall: null,
  changedLines: null,
  isRequired,
  retries: 0,
  origin: '',
});
const MEASURED: GateMeasurement = {
  tests: {
    report: {
      run: 1,
      failed: 1,
      skipped: 0,
      runner: 'tap',
      isComplete: true,
      tests: [{ name: 'a', outcome: 'failed', message: 'why' }],
    },
  },
  coverage: { report: { percent: 80, format: 'lcov', lines: null, branches: null, files: new Map() } },
  ending: 'exited',
  exitCode: 1,
  leftBehind: 0,
  findings: null,
};
const SUBJECT: GateSubject = { commit: 'a'.repeat(40), checkout: '/head', readBaseFile: async () => null };

/** A runner whose gates fail, each for somebody's fault; null: it passes. */
function start(
  faults: Readonly<Record<string, GateResult['fault']>> = {},
  measured: GateMeasurement | null = MEASURED,
) {
  const told: string[] = [];
  const subjects: GateSubject[] = [];
  const run = async (definitions: readonly GateDefinition[], subject: GateSubject): Promise<readonly GateResult[]> => {
    subjects.push(subject);
    told.push('run');
    return definitions.map((gate) => {
      if (measured) subject.onMeasured?.(gate.name, measured);
      const fault = faults[gate.name];
      const result = failedResult(gate, fault ?? 'change', 'x', '');
      return fault === null ? { ...result, passed: true, fault } : result;
    });
  };
  const base = {
    commit: 'b'.repeat(40),
    repository: 'Acme/App',
    checkout: async () => ({ directory: '/base', remove: async () => void told.push('removed') }),
  };
  const measurements = new BaseMeasurements(new InMemoryBaseMeasurementStore(), { run }, new FakeClock(5));
  const of = (
    definitions: readonly GateDefinition[],
    rest: Partial<GateSubject> = {},
    changed: Partial<typeof base> = {},
  ) => measurements.of({ ...base, ...changed }, definitions, { node: '20' }, { ...SUBJECT, ...rest });
  return { of, told, subjects };
}

describe('BaseMeasurements', () => {
  it('measures a base commit in a checkout of its own, and keeps what others are compared with', async () => {
    const { of, told, subjects } = start();
    const { signal } = new AbortController();
    const listBaseFiles = async (): Promise<readonly string[]> => [];

    expect(await of([definition('test')], { signal, listBaseFiles })).toEqual({
      measuredAt: 5,
      gates: [
        {
          gate: 'test',
          passed: false,
          ending: 'exited',
          exitCode: 1,
          tests: {
            ...(MEASURED.tests as { report: object }).report,
            tests: [{ name: 'a', outcome: 'failed', message: '' }],
          },
          coverage: { percent: 80, format: 'lcov' },
          findings: null,
        },
      ],
    });
    expect(told).toEqual(['run', 'removed']);
    expect(subjects).toMatchObject([{ commit: 'b'.repeat(40), checkout: '/base', signal, listBaseFiles }]);
    expect(subjects[0]).not.toHaveProperty('base');
  });

  it('measures once for those who ask at the same time and later, whatever the case of the name', async () => {
    const { of, told } = start();

    await Promise.all([of([definition('test')]), of([definition('test')], {}, { repository: 'acme/app' })]);
    await of([definition('test')]);

    expect(told).toEqual(['run', 'removed']);
  });

  it('measures again for other gates, another commit and another repository', async () => {
    const { of, told } = start();

    await of([definition('test')]);
    await of([definition('test'), definition('lint')]);
    await of([definition('test')], {}, { commit: 'c'.repeat(40) });
    await of([definition('test')], {}, { repository: 'acme/other' });

    expect(told).toHaveLength(8);
  });

  it.each<[string, Readonly<Record<string, GateResult['fault']>>, number]>([
    ['failed in a gate', { setup: null }, 1],
    ['could not be set up', {}, 2],
    ['lacks a program', { setup: null, test: 'definition' }, 2],
    ['could not be run', { setup: null, test: 'coordinator' }, 2],
  ])('remembers a measurement of a commit that %s only as long as it holds', async (_name, faults, times) => {
    const { of, told } = start(faults);

    await of([definition('setup'), definition('test')]);
    await of([definition('setup'), definition('test')]);

    expect(told.filter((what) => what === 'run')).toHaveLength(times);
  });

  it('remembers one whose setup that only advises fails', async () => {
    const { of, told } = start();

    await of([definition('setup', false)]);
    await of([definition('setup', false)]);

    expect(told).toEqual(['run', 'removed']);
  });

  it('leaves out what was not run, and what could not be read', async () => {
    const unread = { ...MEASURED, tests: { problem: 'x' }, coverage: { problem: 'x' } };

    expect((await start({}, null).of([definition('test')])).gates).toEqual([]);
    expect((await start({}, unread).of([definition('test')])).gates).toMatchObject([{ tests: null, coverage: null }]);
    expect(
      (await start({}, { ...MEASURED, tests: null, coverage: null }).of([definition('lint')])).gates,
    ).toMatchObject([{ tests: null, coverage: null }]);
  });
});
