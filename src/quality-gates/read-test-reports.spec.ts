import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readTestOutput, readTestReports } from './read-test-reports.js';
import { MAX_MESSAGES, MAX_TESTS } from './test-report.js';
import type { TestReport } from './test-report.types.js';

const recorded = (name: string): Promise<string> =>
  readFile(new URL(`../../test/fixtures/gate-output/${name}`, import.meta.url), 'utf8');
const shown = (text: string): string => text.replaceAll('/checkout/', '');

function reportOf(...texts: readonly string[]): TestReport | null {
  const reading = readTestReports(texts, shown);
  return 'report' in reading ? reading.report : null;
}

function problemOf(...texts: readonly string[]): string | null {
  const reading = readTestReports(texts);
  return 'problem' in reading ? reading.problem : null;
}

/** Each test as `outcome name`. */
const named = (report: TestReport | null): readonly string[] =>
  (report?.tests ?? []).map(({ name, outcome }) => `${outcome} ${name}`);

describe('readTestReports', () => {
  it.each([
    ['node-junit-green.xml', 2, 0, 1, 'JUnit report'],
    ['node-junit-red.xml', 3, 2, 0, 'JUnit report'],
    ['pytest-junit-green.xml', 1, 0, 1, 'JUnit report'],
    ['pytest-junit-red.xml', 3, 2, 1, 'JUnit report'],
    ['go-json-green.txt', 3, 0, 1, 'go test'],
    ['go-json-red.txt', 4, 1, 1, 'go test'],
    ['node-tap-green.txt', 2, 0, 1, 'TAP'],
    ['node-tap-red.txt', 3, 2, 0, 'TAP'],
    ['node-tap-skipped.txt', 0, 0, 2, 'TAP'],
    ['node-tap-file-without-tests.txt', 0, 0, 0, 'TAP'],
    ['cargo-green.txt', 2, 0, 1, 'cargo test'],
  ])('counts the tests of %s', async (name, run, failed, skipped, runner) => {
    expect(reportOf(await recorded(name))).toMatchObject({ run, failed, skipped, runner, isComplete: true });
  });

  it.each([
    [
      'node-nested-tap.txt',
      [
        'passed half › halves four',
        'failed half › halves six wrongly',
        'skipped half › halves nine',
        'passed half › of negative numbers › halves',
        'passed parent › child',
        'skipped halves ten',
        'passed hooks › runs',
      ],
      'error: |-\nExpected values to be strictly equal:\n3 !== 2\nexpected: 2\nactual: 3',
    ],
    [
      'node-nested-junit.txt',
      [
        'passed half › halves four',
        'failed half › halves six wrongly',
        'skipped half › halves nine',
        'passed half › of negative numbers › halves',
        'passed parent › child',
        'skipped halves ten',
        'passed hooks › runs',
      ],
      'Expected values to be strictly equal:3 !== 2\nError [ERR_TEST_FAILURE]: Expected values',
    ],
    [
      'vitest-tap-red.txt',
      [
        'passed t/a.test.js › half › halves four',
        'skipped t/a.test.js › half › halves nine',
        'skipped t/a.test.js › half › halves ten',
        'failed t/a.test.js › half › halves six wrongly',
      ],
      'error:\nmessage: "expected 3 to be 2 // Object.is equality"',
    ],
    [
      'vitest-junit-red.xml',
      [
        'passed t/a.test.js › half > halves four',
        'failed t/a.test.js › half > halves six wrongly',
        'skipped t/a.test.js › half > halves nine',
        'skipped t/a.test.js › half > halves ten',
      ],
      'AssertionError: expected 3 to be 2 // Object.is equality\n- Expected\n+ Received',
    ],
    [
      'vitest-red.json',
      [
        'passed t/a.test.js › half › halves four',
        'failed t/a.test.js › half › halves six wrongly',
        'skipped t/a.test.js › half › halves nine',
        'skipped t/a.test.js › half › halves ten',
      ],
      'AssertionError: expected 3 to be 2 // Object.is equality\n    at t/a.test.js:5:52',
    ],
    [
      'jest-red.json',
      [
        'passed t/a.test.js › half › halves four',
        'failed t/a.test.js › half › halves six wrongly',
        'skipped t/a.test.js › half › halves nine',
        'skipped t/a.test.js › half › halves ten',
        'failed t/broken.test.js',
      ],
      'Error: expect(received).toBe(expected) // Object.is equality\nExpected: 2\nReceived: 3',
    ],
    [
      'jest-junit-red.xml',
      [
        'passed half halves four',
        'failed half halves six wrongly',
        'skipped half halves nine',
        // This reporter writes a test that is still to be written like one that passed.
        'passed half halves ten',
      ],
      'Error: expect(received).toBe(expected) // Object.is equality\nExpected: 2\nReceived: 3',
    ],
    [
      'pytest-junit-parametrized.xml',
      [
        'passed test_calc › test_half[4]',
        'failed test_calc › test_half[6]',
        'skipped test_calc › test_later',
        'failed test_calc › test_error',
      ],
      'assert 3.0 == 2\n +  where 3.0 = half(6)\nn = 6',
    ],
    [
      'go-json-panic.txt',
      [
        'passed example.com/calc › TestHalf/four',
        'failed example.com/calc › TestHalf/six_wrongly',
        'failed example.com/calc › TestHalf',
        'skipped example.com/calc › TestLater',
        'failed example.com/calc/sub › TestPanics',
      ],
      '    calc_test.go:12: Half(6) = 3, want 2',
    ],
  ])('names the tests of %s and says why one failed', async (name, tests, message) => {
    const report = reportOf(await recorded(name));

    expect([...named(report)].sort()).toEqual([...tests].sort());
    const [told] = (report?.tests ?? []).filter((test) => test.message !== '');
    expect(told?.message.slice(0, message.length)).toBe(message);
  });

  it('adds up the reports that surefire writes for each class', async () => {
    const report = reportOf(await recorded('surefire-CalcTest.xml'), await recorded('surefire-OtherTest.xml'));

    expect(report).toMatchObject({ run: 4, failed: 2, skipped: 1, runner: 'JUnit report', isComplete: true });
    expect(named(report)).toEqual(
      expect.arrayContaining(['failed a.CalcTest › halvesSixWrongly', 'failed a.OtherTest › throwsUp']),
    );
    const wrong = report?.tests.find(({ name }) => name.endsWith('SixWrongly'));
    expect(wrong?.message).toMatch(/^org\.opentest4j\.AssertionFailedError: half of 6 <wrong> ==> expected: <2>/);
  });

  it('spoils all reports by one that cannot be read', () => {
    expect(problemOf('<testsuite><testcase/></testsuite>', '<testsuite>')).toBe('It is cut off, or declares entities');
  });

  it('reads the test results of .NET', () => {
    const result = (name: string, outcome: string, inner = ''): string =>
      `<UnitTestResult testName="${name}" outcome="${outcome}">${inner}</UnitTestResult>`;
    const message =
      '<Output><ErrorInfo><Message>Expected &lt;2&gt;</Message><StackTrace>at X</StackTrace></ErrorInfo></Output>';
    const trx = `<?xml version="1.0"?><TestRun><Results>${result('A.B', 'Passed')}${result('A.C', 'Failed', message)}
      <UnitTestResult testName="A.D" outcome="NotExecuted"/>${result('A.E', 'Aborted')}
      ${result('A.F', 'Failed', '<Message><![CDATA[a < b]]></Message>')}</Results></TestRun>`;

    const report = reportOf(trx);

    expect(named(report)).toEqual(['passed A.B', 'failed A.C', 'skipped A.D', 'failed A.E', 'failed A.F']);
    expect(report?.tests.map((test) => test.message)).toEqual(['', 'Expected <2>', '', '', 'a < b']);
    expect(problemOf(trx.slice(0, 150))).toBe('It is cut off, or declares entities');
    expect(problemOf('<TestRun><Results>')).toBe('It is cut off, or declares entities');
    expect(problemOf(`<TestRun>${result('a', 'Passed', result('b', 'Passed'))}</TestRun>`)).toBeNull();
  });

  it.each([
    ['a report of another kind', '<coverage><testcase/></coverage>', /^Its XML begins with "coverage"/],
    ['a report that is cut off', '<testsuite><testcase name="a"/><testcase name="b', /^It is cut off/],
    ['a report whose suites do not end', '<testsuite><testcase name="a"/>', /^It is cut off/],
    ['a report whose case does not end', '<testsuite><testcase name="a"></testsuite>', /^It is cut off/],
    [
      'a report that declares entities',
      '<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase/></testsuite>',
      /declares entities$/,
    ],
    ['nested suites', `${'<testsuite>'.repeat(201)}${'</testsuite>'.repeat(201)}`, /more than 200 deep/],
    ['other JSON', '{"numPassedTests":"3","numFailedTests":0}', /^It has no totals/],
    ['JSON with a negative count', '{"numPassedTests":-3,"numFailedTests":0}', /^It has no totals/],
    ['JSON that is cut off', '{"numPassedTests":3,', /^Its form is not known/],
    ['nothing', ' \n', /^It is empty$/],
    ['another text', 'hello', /^Its form is not known/],
    ['TAP without a plan', 'TAP version 14\nok 1 - a\n', /^It is cut off: it has no plan/],
    ['events of Go without an end', '{"Action":"run","Package":"a","Test":"B"}\n', /^It is cut off: no package/],
  ])('says what is wrong with %s', (_name, report, problem) => {
    expect(problemOf(report)).toMatch(problem);
  });

  it('counts a report without cases as zero', () => {
    expect(reportOf('<testsuites tests="40"/>')).toMatchObject({ run: 0, failed: 0, skipped: 0 });
    expect(reportOf('1..0 # no tests\n')).toMatchObject({ run: 0, failed: 0, skipped: 0 });
    expect(reportOf('')).toBeNull();
    expect(reportOf()).toMatchObject({ run: 0 });
  });

  it('takes no word of a failure for a case, and expands nothing but what XML itself knows', () => {
    const report = reportOf(
      '\uFEFF<testsuite><!-- <testcase/> --><testcase name="a &gt; b &#65;&#x42;&#1114112;&c;" note=\'<testcase/>\'><failure><![CDATA[<testcase/></testcase>]]></failure></testcase></testsuite>',
    );

    expect(report?.tests).toEqual([
      { name: 'a > b AB&#1114112;&c;', outcome: 'failed', message: '<testcase/></testcase>' },
    ]);
  });

  it('counts a case with an error as executed, even if it says that it was skipped', () => {
    const report = '<testsuite><testcase><skipped/><error/></testcase></testcase><failure/></testsuite>';

    expect(reportOf(report)).toMatchObject({ run: 1, failed: 1, tests: [{ name: 'a test without a name' }] });
  });

  it('takes the totals of jest where they say more than the list', () => {
    const list = { testResults: [{ name: 'a', assertionResults: [{ status: 'passed', fullName: 'b' }] }] };
    const report = (totals: object): TestReport | null => reportOf(JSON.stringify({ ...list, ...totals }));

    expect(report({ numPassedTests: 1, numFailedTests: 0 })).toMatchObject({ run: 1, failed: 0, isComplete: true });
    expect(report({ numPassedTests: 3, numFailedTests: 1 })).toMatchObject({
      run: 4,
      failed: 1,
      skipped: null,
      isComplete: false,
    });
    expect(
      reportOf('{"numPassedTests":1,"numFailedTests":0,"testResults":[3,{"assertionResults":[null]}]}'),
    ).toMatchObject({ run: 1, failed: 1 });
  });

  it('fails tests that began and never ended, and packages that tell no failing test', () => {
    const line = (fields: object): string => `${JSON.stringify({ Action: '', Package: 'p', ...fields })}\n`;
    const unfinished = line({ Action: 'run', Test: 'A' }) + line({ Action: 'output', Test: 'A', Output: 'panic\n' });
    const failing = line({ Action: 'output', Output: 'setup failed\n' }) + line({ Action: 'fail' });

    expect(reportOf(unfinished + failing)?.tests).toEqual([
      { name: 'p', outcome: 'failed', message: 'setup failed' },
      { name: 'p › A', outcome: 'failed', message: 'panic' },
    ]);
    expect(reportOf(`${line({ Action: 'pass' })}${line({ Package: 3 })}noise\n`)).toMatchObject({ run: 0, failed: 0 });
  });

  it('fails what a plan of TAP announces and never comes, and a run that bails out', () => {
    expect(reportOf('TAP version 13\n1..4\nok 1 - a\nnot ok - b # TODO\n')?.tests).toEqual([
      { name: 'a', outcome: 'passed', message: '' },
      { name: 'b', outcome: 'skipped', message: '' },
      { name: '2 of 4 planned tests', outcome: 'failed', message: 'They never ended' },
    ]);
    expect(named(reportOf('1..2\nok 1 - a\n'))).toEqual(['passed a', 'failed 1 of 2 planned tests']);
    expect(named(reportOf('ok 1 - a # of many\nBail out! no database\n'))).toEqual([
      'passed a # of many',
      'failed Bail out! no database',
    ]);
  });

  it('fails a suite whose subtests passed', () => {
    const indented = '# Subtest: s\n    ok 1 - a\n    1..1\nnot ok 1 - s\n1..1\n';
    const braces = '1..2\nnot ok 1 - s {\n    1..1\n    ok 1 - a\n}\nok 2 - t\n}\n';

    expect(named(reportOf(indented))).toEqual(['passed s › a', 'failed s']);
    expect(named(reportOf(braces))).toEqual(['passed s › a', 'failed s', 'passed t']);
  });

  it('keeps names and messages within bounds, and long names apart', () => {
    const long = 'x'.repeat(5000);
    const cases = (count: number, inner: string): string =>
      Array.from({ length: count }, (_, n) => `<testcase name="${n}">${inner}</testcase>`).join('');
    const names = reportOf(
      `<testsuite><testcase name="${long.slice(0, 4000)}1"/><testcase name="${long.slice(0, 4000)}2"/></testsuite>`,
    );
    const many = reportOf(`<testsuite>${cases(MAX_TESTS + 1, '')}</testsuite>`);
    const failing = reportOf(`<testsuite>${cases(MAX_MESSAGES + 1, `<failure>${long}</failure>`)}</testsuite>`);

    expect(new Set(names?.tests.map(({ name }) => name)).size).toBe(2);
    expect(names?.tests.every(({ name }) => name.length <= 300)).toBe(true);
    expect(many).toMatchObject({ run: MAX_TESTS + 1, isComplete: false });
    expect(many?.tests).toHaveLength(MAX_TESTS);
    expect(failing?.tests.filter(({ message }) => message !== '')).toHaveLength(MAX_MESSAGES);
    expect(failing?.tests[0]?.message.length).toBe(240);
  });
});

describe('readTestOutput', () => {
  it.each([
    ['node-spec-green.txt', true, 3],
    ['node-tap-red.txt', true, 3],
    ['node-nested-tap.txt', true, 7],
    ['node-nested-spec.txt', true, 7],
    ['go-v-red.txt', true, 5],
    ['go-v-panic.txt', true, 5],
    ['go-json-red.txt', true, 5],
    ['cargo-several.txt', true, 5],
    ['pytest-v-red.txt', true, 4],
    ['pytest-red.txt', false, 2],
    ['jest-red.txt', false, 0],
  ])('lists the tests of %s, complete or not', async (name, isComplete, count) => {
    const report = readTestOutput(await recorded(name), '');

    expect(report).toMatchObject({ isComplete });
    expect(report?.tests).toHaveLength(count);
  });

  it.each([
    ['node-nested-spec.txt', 'half › halves six wrongly', 'AssertionError [ERR_ASSERTION]: Expected values to be'],
    ['go-v-panic.txt', 'example.com/calc › TestHalf/six_wrongly', '    calc_test.go:12: Half(6) = 3, want 2'],
    ['go-v-panic.txt', 'example.com/calc/sub › TestPanics', 'panic: no [recovered, repanicked]'],
    ['cargo-several.txt', 'tests::six_wrongly', "thread 'tests::six_wrongly'"],
    ['pytest-v-red.txt', 'test_calc.py::test_half[6]', 'assert 3.0 == 2'],
    ['pytest-red.txt', 'test_red.py::test_half', 'assert 2.0 == 3'],
  ])('says why a test of %s failed', async (file, name, message) => {
    const test = readTestOutput(await recorded(file), '')?.tests.find((one) => one.name === name);

    expect(test?.outcome).toBe('failed');
    expect(test?.message.trimStart().slice(0, message.trimStart().length)).toBe(message.trimStart());
  });

  it('names tests by the stream that lists most, and takes a listing that disagrees with the counts for incomplete', () => {
    const summary = 'test a ... ok\n\ntest result: ok. 2 passed; 0 failed; 0 ignored;\n';

    expect(readTestOutput(summary, 'warning: unused\n')).toMatchObject({ run: 2, skipped: null, isComplete: false });
    expect(readTestOutput('', summary)?.tests).toHaveLength(1);
    expect(readTestOutput('nothing', '')).toBeNull();
    expect(readTestOutput('ok  \tp\t0.1s [no tests to run]\n', '')).toMatchObject({ tests: [], isComplete: true });
    expect(readTestOutput('TAP version 13\n# tests 1\n# suites 0\n# pass 1\n', '')).toMatchObject({
      run: 1,
      isComplete: false,
    });
  });
});

describe('the readers of tests', () => {
  const pieces = fc.constantFrom(
    '<testsuite name="a">',
    '</testsuite>',
    '<testcase name="b">',
    '<testcase/>',
    '</testcase>',
    '<failure>',
    '<![CDATA[',
    ']]>',
    '<TestRun>',
    '<UnitTestResult testName="x" outcome="Failed">',
    '</UnitTestResult>',
    'TAP version 13\n',
    '1..2\n',
    'ok 1 - a {\n',
    '    not ok 2 - b\n',
    '  ---\n',
    '}\n',
    '# Subtest: x\n',
    '{"Action":"run","Package":"p","Test":"t"}\n',
    '{"Action":"fail","Package":"p"}\n',
    '{"testResults":[{"assertionResults":[{"status":"failed"}]}],"numPassedTests":0,"numFailedTests":1}',
    'test a ... FAILED\n',
    'test result: FAILED. 0 passed; 1 failed; \n',
    '--- FAIL: x (0.00s)\n',
    'FAIL\tp\n',
    '▶ a\n',
    '  ✖ b (1ms)\n',
    'FAILED a::b - c\n',
    '1 failed in 0.1s\n',
  );

  it('never throw, never count more failed than executed tests, and name as many as they say', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }))), (parts) => {
        const text = parts.join('');
        const reports = [reportOf(text), reportOf(`<testsuite>${text}</testsuite>`), readTestOutput(text, text)];

        for (const report of reports.filter((one) => one !== null)) {
          expect(report.failed).toBeLessThanOrEqual(report.run);
          expect(report.isComplete ? report.tests.length : 0).toBeLessThanOrEqual(report.run + (report.skipped ?? 0));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['brackets', '<'.repeat(500_000)],
    ['open suites', '<testsuite>'.repeat(100_000)],
    ['a tag of attributes', `<testsuite ${'a '.repeat(500_000)}>`],
    ['points of TAP', `1..1\n${'ok {\n'.repeat(200_000)}`],
    ['deep points of TAP', `1..1\n${`${' '.repeat(400)}not ok a\n`.repeat(20_000)}`],
    ['a diagnosis that never ends', `1..1\nnot ok\n---\n${'a\n'.repeat(500_000)}`],
    ['one long line', `TAP version 13\n${'# '.repeat(400_000)}`],
    ['events of Go', '{"Action":"output","Package":"p","Test":"t","Output":"x"}\n'.repeat(50_000)],
    ['failures of pytest', `${'FAILED a::b - '.repeat(100_000)}\n1 failed in 0.1s\n`],
    ['suites of node:test', `${'▶ a\n'.repeat(200_000)}ℹ tests 1\nℹ pass 1\n`],
    ['tests of cargo', `${'---- a stdout ----\n'.repeat(50_000)}test result: ok. 1 passed; 0 failed; \n`],
    ['nested JSON', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('read %s in a time that grows with the length alone', (_name, text) => {
    const startedAt = performance.now();

    readTestReports([text]);
    readTestOutput(text, text);

    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
