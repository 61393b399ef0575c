import { describe, expect, it } from '@jest/globals';
import type { BaseGate } from './base-measurement-store.port.js';
import { comparedWithBase } from './compare-with-base.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import { failedResult } from './gate-result.js';
import type { BasePolicy, GateDefinition, GateFault, GateKind, GateResult } from './quality-gates.types.js';
import type { TestOutcome, TestReport } from './test-report.types.js';

type Tests = Readonly<Record<string, TestOutcome>>;

function report(tests: Tests, isComplete = true): TestReport {
  const records = Object.entries(tests).map(([name, outcome]) => ({ name, outcome, message: '' }));
  const count = (outcome: TestOutcome): number => records.filter((test) => test.outcome === outcome).length;
  return {
    run: count('passed') + count('failed'),
    failed: count('failed'),
    skipped: count('skipped'),
    runner: 'tap',
    tests: records,
    isComplete,
  };
}

interface Told {
  readonly kind?: GateKind;
  readonly policy?: BasePolicy;
  readonly definition?: Partial<GateDefinition>;
  readonly base: Partial<BaseGate>;
  readonly head: Partial<GateMeasurement>;
  readonly result?: Partial<GateResult>;
}

const EXITED = { ending: 'exited', exitCode: 0 } as const;
const failed = (summary = 'Exit code 1', fault: GateFault = 'change'): Partial<GateResult> => ({
  passed: false,
  fault,
  summary,
});

function compare({
  kind = 'test',
  policy = 'must_not_worsen',
  definition = {},
  base,
  head,
  result = {},
}: Told): GateResult {
  const complete: GateDefinition = {
    name: kind,
    kind,
    argv: ['x'],
    directory: null,
    timeoutMs: 1,
    report: null,
    threshold: null,
    maxFall: null,
    changedLines: null,
    isRequired: true,
    retries: 0,
    origin: '',
    ...definition,
  };
  const green = { ...failedResult(complete, 'change', 'seen', ''), passed: true, fault: null };
  return comparedWithBase({
    definition: complete,
    policy,
    result: { ...green, ...result },
    measured: { tests: null, coverage: null, ...EXITED, leftBehind: 0, findings: null, ...head },
    base: { gate: kind, passed: true, ...EXITED, tests: null, coverage: null, findings: null, ...base },
  });
}

/** Compares tests as a runner reports them: its exit code is 1 where one fails. */
function compareTests(before: Tests, after: Tests, rest: Partial<Told> = {}, isComplete = true): GateResult {
  const [base, head] = [report(before, isComplete), report(after, isComplete)];
  const failures = head.tests
    .filter(({ outcome }) => outcome === 'failed')
    .map(({ name }) => ({ name, message: 'why' }));
  const seen = `${head.failed} of ${head.run} failed`;
  return compare({
    ...rest,
    base: { passed: base.failed === 0, exitCode: Math.sign(base.failed), tests: base, ...rest.base },
    head: { tests: { report: head }, exitCode: Math.sign(head.failed), ...rest.head },
    result: { ...(head.failed > 0 ? { ...failed(seen), failures } : { summary: seen }), ...rest.result },
  });
}

describe('comparedWithBase, of tests', () => {
  it('lets pass what has all tests of the base commit and more', () => {
    expect(compareTests({ a: 'passed', b: 'skipped' }, { a: 'passed', b: 'passed', c: 'passed' })).toMatchObject({
      passed: true,
      fault: null,
      summary: '0 of 3 failed',
    });
  });

  it('fails what lacks tests of the base commit, by their names', () => {
    const result = compareTests({ a: 'passed', b: 'passed' }, { a: 'passed', new: 'passed' });
    const many = compareTests({ a: 'passed', b: 'passed', c: 'failed', d: 'passed', e: 'passed' }, { a: 'passed' });

    expect(result).toMatchObject({
      passed: false,
      fault: 'change',
      summary: '1 test of the base commit is missing: b',
      failures: [{ name: 'b', message: expect.stringContaining('put it back') }],
    });
    expect(many.summary).toBe('4 tests of the base commit are missing: b, c, d and 1 more');
  });

  it('names all that fail where all must pass, and the new ones where not', () => {
    const [before, after]: readonly Tests[] = [
      { a: 'failed', b: 'passed' },
      { a: 'failed', b: 'failed' },
    ];
    const named = (rest: Partial<Told>) =>
      compareTests(before ?? {}, after ?? {}, rest).failures?.map(({ name }) => name);

    expect(named({ policy: 'must_pass' })).toEqual(['a', 'b']);
    expect(named({})).toEqual(['b']);
  });

  it('misses no test that was moved', () => {
    expect(compareTests({ 'a.test.js › adds': 'passed' }, { 'b.test.js › adds': 'passed' })).toMatchObject({
      passed: true,
    });
  });

  it('fails what skips tests that the base commit does not skip', () => {
    const before: Tests = { a: 'passed', b: 'passed', c: 'skipped' };

    expect(compareTests(before, { a: 'passed', b: 'skipped', c: 'skipped' })).toMatchObject({
      passed: false,
      summary: '1 test is skipped that the base commit does not skip: b',
    });
    expect(compareTests(before, { a: 'failed', b: 'skipped', d: 'skipped' })).toMatchObject({
      summary:
        '1 of 1 failed; 1 test of the base commit is missing: c; 2 tests are skipped that the base commit does not skip: b, d',
      failures: [{ name: 'a' }, { name: 'c' }, { name: 'b' }, { name: 'd' }],
    });
  });

  it('goes by the numbers where not every test is named', () => {
    const before: Tests = { a: 'passed', b: 'passed', c: 'passed' };

    expect(compareTests(before, { a: 'passed', b: 'skipped' }, {}, false)).toMatchObject({
      passed: false,
      summary: '2 tests fewer than on the base commit: 1 instead of 3; 1 test more skipped than on the base commit',
    });
    expect(compareTests(before, { x: 'passed', y: 'passed', z: 'passed' }, {}, false).passed).toBe(true);
  });

  it('forgives what failed before, and says so', () => {
    expect(compareTests({ a: 'failed', b: 'passed' }, { a: 'failed', b: 'passed', c: 'passed' })).toEqual(
      expect.objectContaining({
        passed: true,
        fault: null,
        isRedOnBase: true,
        summary: '1 of 3 failed, all of which failed before this change',
      }),
    );
    expect(compareTests({ a: 'failed' }, { a: 'failed' })).not.toHaveProperty('failures');
    expect(compareTests({ a: 'failed', b: 'failed' }, { a: 'failed', b: 'passed' }, {}, false).passed).toBe(true);
  });

  it('says nothing of the base commit where the tests pass at last', () => {
    expect(compareTests({ a: 'failed' }, { a: 'passed' })).not.toHaveProperty('isRedOnBase');
  });

  it('sends back for what fails newly, and names that alone', () => {
    expect(compareTests({ a: 'failed', b: 'passed' }, { a: 'failed', b: 'failed' })).toMatchObject({
      passed: false,
      fault: 'change',
      summary: '2 of 2 failed; 1 newly, and 1 failed before this change',
      failures: [{ name: 'b', message: 'why' }],
    });
    expect(
      compareTests({ a: 'failed', b: 'passed' }, { a: 'failed', b: 'failed' }, { result: { failures: [] } }).failures,
    ).toEqual([{ name: 'b', message: '' }]);
    expect(compareTests({ a: 'failed', b: 'passed' }, { a: 'failed', b: 'failed' }, {}, false)).toMatchObject({
      summary: '2 of 2 failed; 1 newly, and 1 failed before this change',
      failures: [{ name: 'a' }, { name: 'b' }],
    });
    expect(compareTests({ a: 'passed' }, { a: 'failed' })).toMatchObject({
      summary: '1 of 1 failed',
      failures: [{ name: 'a' }],
    });
  });

  it.each<[string, Partial<Told>]>([
    ['the policy is that all must pass', { policy: 'must_pass' }],
    ['it left a process running', { head: { leftBehind: 1 } }],
    ['it was cut off', { head: { ending: 'timed_out', exitCode: null } }],
    ['the base commit was cut off', { base: { ending: 'timed_out', exitCode: null } }],
  ])('forgives nothing where %s', (_name, rest) => {
    expect(compareTests({ a: 'failed' }, { a: 'failed' }, rest)).toMatchObject({
      passed: false,
      summary: '1 of 1 failed',
      isRedOnBase: true,
      failures: [{ name: 'a' }],
    });
  });

  it('forgives a bad exit code only where it is the same', () => {
    const red = { base: { passed: false, exitCode: 1 }, result: failed() };

    expect(compareTests({ a: 'passed' }, { a: 'passed' }, { ...red, head: { exitCode: 1 } })).toMatchObject({
      passed: true,
      summary: 'Exit code 1, as before this change',
    });
    expect(compareTests({ a: 'passed' }, { a: 'passed' }, { ...red, head: { exitCode: 2 } }).passed).toBe(false);
    expect(compareTests({ a: 'skipped' }, { a: 'skipped' }, { ...red, head: { exitCode: 1 } }).passed).toBe(false);
  });

  it('holds against the change that its numbers cannot be read, where those of the base commit could', () => {
    const head = { tests: { problem: 'no report' } } as const;

    expect(
      compare({ base: { tests: report({ a: 'passed' }) }, head, result: failed('no report', 'definition') }),
    ).toMatchObject({
      fault: 'change',
      summary: 'no report, which it does on the base commit',
    });
    expect(compare({ base: { tests: report({ a: 'passed' }) }, head, result: failed() })).toMatchObject({
      summary: 'Exit code 1',
    });
    expect(compare({ base: {}, head, result: failed() })).toMatchObject({ fault: 'change', summary: 'Exit code 1' });
  });
});

describe('comparedWithBase, of what says nothing on either commit', () => {
  it.each<[string, Told]>([
    ['tests without numbers', { base: { passed: false }, head: { tests: { problem: 'x' } } }],
    ['coverage without a figure', { kind: 'coverage', base: { passed: false }, head: { coverage: { problem: 'x' } } }],
    ['a setup that fails', { kind: 'setup', base: { passed: false }, head: {} }],
    [
      'a build that takes too long',
      { kind: 'build', base: { passed: false, ending: 'timed_out' }, head: { ending: 'timed_out' } },
    ],
  ])('leaves %s to a person', (_name, told) => {
    expect(compare({ ...told, result: failed() })).toMatchObject({
      passed: false,
      fault: 'definition',
      isRedOnBase: true,
      summary: 'Exit code 1; so it does on the base commit, and nothing can be shown until a person mends it there',
    });
  });

  it('leaves what the coordinator failed at to the coordinator', () => {
    const told = { kind: 'setup', base: { passed: false }, head: {} } as const;

    expect(compare({ ...told, result: failed('x', 'coordinator') })).toMatchObject({
      fault: 'coordinator',
      summary: 'x',
    });
    expect(compare({ ...told, base: { passed: true }, result: failed() })).toMatchObject({ fault: 'change' });
  });
});

describe('comparedWithBase, of coverage', () => {
  const covered = (percent: number, format = 'lcov') => ({
    report: { percent, format, lines: null, branches: null, files: null },
  });
  const cover = (before: number, after: number, rest: Partial<Told> = {}): GateResult =>
    compare({
      kind: 'coverage',
      ...rest,
      base: { coverage: { percent: before, format: 'lcov' }, ...rest.base },
      head: { coverage: covered(after), ...rest.head },
    });

  it('lets it fall by one point, or by as much as the gate says', () => {
    expect(cover(80, 79).passed).toBe(true);
    expect(cover(80, 78.9)).toMatchObject({
      passed: false,
      fault: 'change',
      summary: '78.9 % covered, 1.1 points of per cent less than the 80 % of the base commit, where it may fall by 1',
    });
    expect(cover(80, 78.9, { definition: { maxFall: 5 } }).passed).toBe(true);
    expect(cover(80, 79.9, { definition: { maxFall: 0 } }).passed).toBe(false);
  });

  it('forgives what was below the threshold before, unless it falls further', () => {
    const red = { base: { passed: false, coverage: { percent: 40, format: 'lcov' } }, result: failed('too little') };

    expect(cover(40, 39.5, red)).toMatchObject({
      passed: true,
      summary: 'too little, as before this change',
      isRedOnBase: true,
    });
    expect(cover(40, 30, red)).toMatchObject({
      passed: false,
      summary: expect.stringMatching(/^too little; 30 % covered/),
    });
    expect(cover(40, 40, { ...red, policy: 'must_pass' }).passed).toBe(false);
    expect(cover(80, 80, { result: failed() }).passed).toBe(false);
  });

  it('fails what tells its coverage otherwise than the base commit', () => {
    expect(cover(80, 90, { head: { coverage: covered(90, 'go') } })).toMatchObject({
      passed: false,
      fault: 'change',
      summary: 'seen; its coverage is told as go, and on the base commit as lcov, so that they cannot be compared',
    });
  });

  it('compares nothing that was not measured', () => {
    expect(cover(80, 10, { base: { coverage: null } }).passed).toBe(true);
    expect(cover(80, 10, { head: { coverage: { problem: 'x' } }, result: failed('x', 'definition') })).toMatchObject({
      fault: 'change',
      summary: 'x, which it does on the base commit',
    });
  });
});

describe('comparedWithBase, of builds and lint', () => {
  const lint = (
    before: readonly string[] | null,
    after: readonly string[] | null,
    rest: Partial<Told> = {},
  ): GateResult =>
    compare({
      kind: 'lint',
      ...rest,
      base: { passed: false, exitCode: 1, findings: before, ...rest.base },
      head: { exitCode: 1, findings: after, ...rest.head },
      result: failed(),
    });

  it('forgives what was found before', () => {
    expect(lint(['a.js:1: bad'], ['a.js:2: bad'])).toMatchObject({
      passed: true,
      isRedOnBase: true,
      summary: 'Exit code 1, as before this change, and nothing more is found',
    });
  });

  it('sends back for what is new, and shows that alone', () => {
    expect(lint(['a.js:1: bad'], ['a.js:2: bad', 'b.js:1: bad'])).toMatchObject({
      passed: false,
      fault: 'change',
      newLines: ['b.js:1: bad'],
      summary: 'Exit code 1, as before this change, but 1 line of its output is new',
    });
    expect(lint([], ['x', 'y']).summary).toMatch(/but 2 lines of its output are new$/);
    expect(lint([], ['x'], { policy: 'must_pass' })).toMatchObject({ passed: false, summary: 'Exit code 1' });
  });

  it.each<[string, Partial<Told>]>([
    ['the base commit is green', { base: { passed: true } }],
    ['the exit code is another one', { head: { exitCode: 2 } }],
    ['all must pass', { policy: 'must_pass' }],
  ])('forgives nothing where %s', (_name, rest) => {
    expect(lint(['x'], ['x'], rest)).toMatchObject({ passed: false, summary: 'Exit code 1' });
  });

  it('forgives nothing where its output is too long to compare, and the base commit’s is not', () => {
    expect(lint(['x'], null)).toMatchObject({ passed: false, summary: 'Exit code 1' });
  });

  it('leaves to a person what is too long to compare on the base commit', () => {
    expect(lint(null, ['x'])).toMatchObject({
      passed: false,
      fault: 'definition',
      summary: expect.stringMatching(
        /^Exit code 1; so it does on the base commit, with more output than can be compared/,
      ),
    });
    expect(lint(null, ['x'], { policy: 'must_pass' })).toMatchObject({ fault: 'change', summary: 'Exit code 1' });
    expect(lint(null, ['x'], { base: { passed: true, findings: null } }).fault).toBe('change');
  });

  it('leaves a setup that only now fails, and one that passes, as they are', () => {
    expect(compare({ kind: 'setup', base: {}, head: {}, result: failed() })).toMatchObject({
      passed: false,
      fault: 'change',
    });
    expect(compare({ kind: 'setup', base: { passed: false }, head: {} })).toMatchObject({ passed: true });
    expect(compare({ kind: 'build', base: { passed: false }, head: {} })).not.toHaveProperty('isRedOnBase');
  });
});
