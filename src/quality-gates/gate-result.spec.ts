import { describe, expect, it } from '@jest/globals';
import type { CommandEnding, CommandResult } from '../command-runner/index.js';
import type { GateOutcome } from './gate-measurement.js';
import { gateResult } from './gate-result.js';
import type { GateDefinition, GateKind, GateResult } from './quality-gates.types.js';
import type { Report } from './report-file.js';

const TESTS_PASSED = 'Tests: 2 passed, 2 total\n';
const COVERED = 'TOTAL 100 20 80%\n';

function ended(change: Partial<CommandResult> & { readonly out?: string; readonly err?: string } = {}): CommandResult {
  const { out = '', err = '', ...rest } = change;
  const captured = (text: string) => ({ text, totalBytes: text.length, isTruncated: false });
  const base = { ending: 'exited', exitCode: 0, reason: null, durationMs: 12.4, leftBehind: 0 } as const;
  return { ...base, stdout: captured(out), stderr: captured(err), ...rest };
}

function judge(
  kind: GateKind,
  command: CommandResult,
  report: Report | null = null,
  definition: Partial<GateDefinition> = {},
): GateResult {
  const outcome: GateOutcome = { command, report };
  const complete: GateDefinition = {
    name: kind,
    kind,
    argv: ['make', kind],
    directory: null,
    isRequired: true,
    retries: 0,
    timeoutMs: 90_000,
    report: null,
    threshold: null,
    maxFall: null,
    changedLines: null,
    origin: 'the test',
    ...definition,
  };
  return gateResult(complete, outcome, 50, {
    length: 300,
    maxOutputBytes: 10_000,
    hidden: [
      ['/tree/x/', ''],
      ['/tree/x', '.'],
    ],
  });
}

describe('gateResult', () => {
  it('passes a build by its exit code and writes down what was seen', () => {
    expect(judge('build', ended({ out: '\u001B[1mbuilt\u001B[0m /tree/x/a.js\n', err: 'in /tree/x\r\n' }))).toEqual({
      gate: 'build',
      passed: true,
      fault: null,
      summary: 'Exit code 0',
      argv: ['make', 'build'],
      exitCode: 0,
      durationMs: 12,
      testsRun: null,
      testsFailed: null,
      coveredPercent: null,
      evidence: 'built a.js\n\nin .',
      origin: 'the test',
    });
  });

  it.each<[CommandEnding, string | null, string, string]>([
    ['timed_out', null, 'change', 'It ran longer than its time limit of 90 s'],
    ['killed', 'Killed by SIGKILL', 'change', 'It crashed or ran out of memory: Killed by SIGKILL'],
    ['killed', null, 'change', 'It crashed or ran out of memory: killed by a signal'],
    ['not_started', 'no such program', 'definition', 'make could not be started: no such program'],
    ['not_started', null, 'definition', 'make could not be started: no reason is known'],
    ['aborted', null, 'coordinator', 'It was ended early'],
  ])('fails what ended as %s (%s)', (ending, reason, fault, summary) => {
    const command = ended({ ending, reason, exitCode: null, out: TESTS_PASSED });

    expect(judge('test', command)).toMatchObject({ passed: false, fault, summary, exitCode: null, testsRun: null });
  });

  it.each<[string, GateKind, CommandResult, Report | null, Partial<GateResult>]>([
    ['a build with another exit code', 'build', ended({ exitCode: 2 }), null, { summary: 'Exit code 2' }],
    ['an exit code that is unknown', 'lint', ended({ exitCode: null }), null, { summary: 'Exit code unknown' }],
    [
      'a lint that leaves a process behind',
      'lint',
      ended({ leftBehind: 2 }),
      null,
      { summary: 'It left 2 processes running in the background; a gate must end what it starts' },
    ],
    [
      'failing tests, whatever the exit code',
      'test',
      ended({ out: 'Tests: 1 failed, 1 passed, 2 total\n' }),
      null,
      { summary: '1 of 2 tests failed', testsRun: 2, testsFailed: 1 },
    ],
    [
      'passing tests with an exit code',
      'test',
      ended({ exitCode: 1, out: TESTS_PASSED }),
      null,
      { summary: 'Exit code 1, although 2 tests passed', testsRun: 2 },
    ],
    [
      'no test at all',
      'test',
      ended({ out: 'No tests found, exiting with code 0\n' }),
      null,
      { summary: 'No test was executed, and nothing is proved by nothing', testsRun: 0 },
    ],
    [
      'skipped tests alone',
      'test',
      ended({ out: 'Tests: 3 skipped, 3 total\n' }),
      null,
      { summary: 'No test was executed, and nothing is proved by nothing', testsRun: 0 },
    ],
    [
      'tests that leave a process behind',
      'test',
      ended({ out: TESTS_PASSED, leftBehind: 1 }),
      null,
      { summary: expect.stringContaining('left a process running') as never, testsRun: 2 },
    ],
    [
      'tests that failed without a word',
      'test',
      ended({ exitCode: 127 }),
      null,
      { summary: 'Exit code 127: a program was not found, and no number of tests was told' },
    ],
    [
      'too little coverage',
      'coverage',
      ended({ out: 'TOTAL 100 51 49.999%\n' }),
      null,
      { summary: '49.99 % covered, less than the 50 % that are required', coveredPercent: 49.999 },
    ],
    [
      'coverage with an exit code',
      'coverage',
      ended({ out: COVERED, exitCode: 1 }),
      null,
      { summary: 'Exit code 1', coveredPercent: 80 },
    ],
    [
      'coverage that leaves a process behind',
      'coverage',
      ended({ out: COVERED, leftBehind: 3 }),
      null,
      { summary: expect.stringContaining('left 3 processes') as never, coveredPercent: 80 },
    ],
  ])('lets the agent mend %s', (_name, kind, command, report, expected) => {
    expect(judge(kind, command, report)).toMatchObject({ passed: false, fault: 'change', ...expected });
  });

  it.each<[string, GateKind, Report | null, string]>([
    [
      'tests without a count',
      'test',
      null,
      'Exit code 0, but no number of tests could be read from its output: set `report:` to the file that it writes',
    ],
    [
      'tests without their report',
      'test',
      { problem: 'The report a was not written' },
      'Exit code 0, but the report a was not written',
    ],
    ['tests with an empty report', 'test', { texts: [''] }, 'Exit code 0, but its report cannot be used: it is empty'],
    [
      'coverage without a number',
      'coverage',
      null,
      'Exit code 0, but no coverage could be read from its output: set `report:` to the file that it writes',
    ],
    [
      'coverage without its report',
      'coverage',
      { problem: 'The report a is a symbolic link' },
      'Exit code 0, but the report a is a symbolic link',
    ],
    [
      'coverage with an empty report',
      'coverage',
      { texts: [''] },
      'Exit code 0, but its report cannot be used: it is empty',
    ],
  ])('sends %s to a person', (_name, kind, report, summary) => {
    expect(judge(kind, ended(), report)).toMatchObject({ passed: false, fault: 'definition', summary });
  });

  it('reads the report alone where one is named', () => {
    const command = ended({ out: `${TESTS_PASSED}${COVERED}` });

    expect(judge('test', command, { texts: [''] })).toMatchObject({ passed: false });
    expect(judge('coverage', command, { texts: [''] })).toMatchObject({ passed: false });
    expect(judge('test', ended(), { texts: ['<testsuite><testcase/></testsuite>'] })).toMatchObject({
      passed: true,
      summary: '1 test passed (JUnit report)',
      testsRun: 1,
      testsFailed: 0,
    });
    expect(judge('coverage', ended(), { texts: ['LF:4\nLH:3\nend_of_record\n'] })).toMatchObject({
      passed: true,
      summary: '75 % covered, at least 50 % required (lcov)',
      coveredPercent: 75,
    });
  });

  it('passes coverage that is exactly the threshold, and takes the own one of a gate', () => {
    const command = ended({ out: COVERED });

    expect(judge('coverage', command, null, { threshold: 80 })).toMatchObject({ passed: true });
    expect(judge('coverage', command, null, { threshold: 80.1 })).toMatchObject({ passed: false });
    expect(judge('coverage', ended({ out: 'TOTAL 10 10 0%\n' }), null, { threshold: 0 })).toMatchObject({
      passed: true,
      summary: '0 % covered, no threshold set (coverage.py table)',
    });
  });

  it('sends a tool that is not installed to a person, and a program that the work lacks to the agent', () => {
    const argv = ['.venv/bin/python', '-m', 'ruff', 'check'] as const;
    const missing = ended({ exitCode: 1, err: '/x/python: No module named ruff\n' });
    const summary = 'ruff is not installed';

    expect(judge('lint', missing, null, { argv })).toMatchObject({ fault: 'definition', summary });
    expect(judge('lint', missing)).toMatchObject({ fault: 'change', summary: 'Exit code 1' });
    expect(judge('lint', { ...missing, exitCode: 2 }, null, { argv })).toMatchObject({ fault: 'change' });
    expect(judge('build', ended({ exitCode: 127 }))).toMatchObject({
      fault: 'change',
      summary: 'Exit code 127: a program was not found',
    });
  });

  it('names the failing tests and counts the skipped ones', () => {
    const report =
      '<testsuite><testcase name="a"/><testcase name="/tree/x/b"><failure>no</failure></testcase><testcase name="c"><skipped/></testcase></testsuite>';

    expect(judge('test', ended({ exitCode: 1 }), { texts: [report] })).toMatchObject({
      testsRun: 2,
      testsFailed: 1,
      testsSkipped: 1,
      failures: [{ name: 'b', message: 'no' }],
    });
    expect(judge('test', ended({ out: TESTS_PASSED }))).not.toHaveProperty('failures');
  });

  it('names a crash and the lack of memory', () => {
    const killed = ended({
      ending: 'killed',
      exitCode: null,
      reason: 'It was ended by SIGABRT',
      err: 'std::bad_alloc',
    });
    const exited = (exitCode: number, err = ''): string => judge('build', ended({ exitCode, err })).summary;

    expect(judge('build', killed).summary).toBe('It ran out of memory: It was ended by SIGABRT');
    expect(exited(134, 'FATAL ERROR: JavaScript heap out of memory')).toBe('Exit code 134: it ran out of memory');
    expect(exited(137)).toBe('Exit code 137: a program in it crashed (SIGKILL, as when memory runs out)');
    expect(exited(139)).toBe('Exit code 139: a program in it crashed (SIGSEGV)');
    expect(judge('build', ended({ exitCode: 1, out: 'java.lang.OutOfMemoryError: heap' })).summary).toBe(
      'Exit code 1: it ran out of memory',
    );
    expect(exited(1, 'no MemoryError')).toBe('Exit code 1');
  });

  it('fails what prints more than it may, whatever its exit code', () => {
    const flood = { text: TESTS_PASSED, totalBytes: 9_000, isTruncated: true };

    expect(judge('test', ended({ stdout: flood, stderr: flood }))).toMatchObject({
      passed: false,
      fault: 'change',
      summary: 'It printed 18000 bytes, more than the 10000 bytes that a gate may',
    });
    expect(judge('test', ended({ stdout: flood })).passed).toBe(true);
    expect(judge('test', ended({ stdout: { ...flood, totalBytes: 2_340_000 } })).summary).toMatch(
      /^It printed 2\.3 MB, /,
    );
  });

  it('says where it printed so much that the numbers are not kept', () => {
    const cut = { text: 'x', totalBytes: 5_000, isTruncated: true };

    expect(judge('test', ended({ stdout: cut })).summary).toMatch(/it printed so much that the middle is not kept$/);
  });

  it('bounds the evidence', () => {
    const { evidence } = judge('build', ended({ out: `first${'x'.repeat(5000)}last` }));

    expect(evidence).toMatch(/^firstx+\n… \d+ characters left out …\nx+last$/);
    expect(evidence.length).toBeLessThanOrEqual(300);
  });
});
