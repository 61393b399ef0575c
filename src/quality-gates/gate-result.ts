import type { CommandResult } from '../command-runner/index.js';
import type { CoverageReading } from './coverage.types.js';
import { formatDuration } from './duration.js';
import { measureGate, type GateOutcome } from './gate-measurement.js';
import type { GateMeasurement } from './gate-measurement.types.js';
import { headAndTail, plainText } from './plain-text.js';
import type { GateDefinition, GateFault, GateResult, TestFailure } from './quality-gates.types.js';
import { listedFailures } from './listed-failures.js';
import type { TestReading } from './test-report.types.js';

/** How a result is written down, and how much may be printed. */
export interface EvidenceRules {
  readonly length: number;
  /** The most bytes that a gate may print. */
  readonly maxOutputBytes: number;
  /** Folders of this machine, each with what is shown in its place. */
  readonly hidden: readonly (readonly [folder: string, shown: string])[];
}

interface Finding {
  readonly fault: GateFault | null;
  readonly summary: string;
  readonly testsRun?: number;
  readonly testsFailed?: number;
  readonly testsSkipped?: number | null;
  readonly failures?: readonly TestFailure[];
  readonly coveredPercent?: number;
}

/**
 * Decides from what a gate did whether it passed. It fails closed: an exit code of 0 alone is enough for setup, build and
 * lint; tests must have been counted and executed, and coverage must have been measured.
 *
 * @param coverageThreshold per cent of lines, for a definition without a threshold
 * @param tell is told what was read, whole
 */
export function gateResult(
  definition: GateDefinition,
  outcome: GateOutcome,
  coverageThreshold: number,
  rules: EvidenceRules,
  tell: (measured: GateMeasurement) => void = () => undefined,
): GateResult {
  const measured = measureGate(definition.kind, outcome, (text) => hide(text, rules.hidden));
  tell(measured);
  const finding =
    flood(outcome.command, rules.maxOutputBytes) ?? find(definition, outcome.command, measured, coverageThreshold);
  const { stdout, stderr } = outcome.command;
  const printed = [stdout.text, stderr.text].map((text) => plainText(text).trimEnd()).filter((text) => text !== '');
  return {
    ...failedResult(definition, finding.fault ?? 'change', finding.summary, ''),
    passed: finding.fault === null,
    fault: finding.fault,
    exitCode: outcome.command.exitCode,
    durationMs: Math.max(0, Math.round(outcome.command.durationMs)),
    testsRun: finding.testsRun ?? null,
    testsFailed: finding.testsFailed ?? null,
    ...(finding.testsSkipped === undefined ? {} : { testsSkipped: finding.testsSkipped }),
    ...(finding.failures === undefined ? {} : { failures: finding.failures }),
    coveredPercent: finding.coveredPercent ?? null,
    evidence: headAndTail(hide(printed.join('\n\n'), rules.hidden), rules.length),
  };
}

/** The result of a gate that failed without having been run. */
export function failedResult(
  {
    name,
    argv,
    origin,
    isRequired,
  }: Pick<GateDefinition, 'name' | 'origin' | 'isRequired'> & {
    readonly argv: readonly string[];
  },
  fault: GateFault,
  summary: string,
  evidence: string,
): GateResult {
  return {
    gate: name,
    passed: false,
    fault,
    summary,
    argv,
    exitCode: null,
    durationMs: 0,
    testsRun: null,
    testsFailed: null,
    coveredPercent: null,
    evidence,
    origin,
    ...(isRequired ? {} : { isAdvisory: true as const }),
  };
}

function find(
  definition: GateDefinition,
  command: CommandResult,
  { tests, coverage }: GateMeasurement,
  coverageThreshold: number,
): Finding {
  const broken = brokenOff(definition, command) ?? missingModule(definition, command);
  if (broken) return broken;
  const leftBehind =
    command.leftBehind > 0
      ? `It left ${command.leftBehind === 1 ? 'a process' : `${command.leftBehind} processes`} running in the background; a gate must end what it starts`
      : null;
  if (tests) return testFinding(command, tests, leftBehind);
  if (coverage) return coverageFinding(command, coverage, definition.threshold ?? coverageThreshold, leftBehind);
  const problem = badExit(command) ?? leftBehind;
  return problem === null ? { fault: null, summary: 'Exit code 0' } : { fault: 'change', summary: problem };
}

/** What prints without end fills disks and drowns what it should tell, whatever its exit code. */
function flood({ stdout, stderr }: CommandResult, most: number): Finding | null {
  const printed = stdout.totalBytes + stderr.totalBytes;
  if (printed <= most) return null;
  return {
    fault: 'change',
    summary: `It printed ${size(printed)}, more than the ${size(most)} that a gate may`,
  };
}

function size(bytes: number): string {
  return bytes < 1_000_000 ? `${bytes} bytes` : `${Math.round(bytes / 100_000) / 10} MB`;
}

/** A gate without an exit code. */
function brokenOff({ argv, timeoutMs }: GateDefinition, command: CommandResult): Finding | null {
  const { ending, reason } = command;
  switch (ending) {
    case 'exited':
      return null;
    case 'timed_out':
      return { fault: 'change', summary: `It ran longer than its time limit of ${formatDuration(timeoutMs)}` };
    case 'killed':
      return {
        fault: 'change',
        summary: `${isOutOfMemory(command) ? 'It ran out of memory' : 'It crashed or ran out of memory'}: ${reason ?? 'killed by a signal'}`,
      };
    case 'not_started':
      return { fault: 'definition', summary: `${argv[0]} could not be started: ${reason ?? 'no reason is known'}` };
    case 'aborted':
      return { fault: 'coordinator', summary: 'It was ended early' };
  }
}

/** Python is there, and the tool that it should run is not. What a module of the work itself lacks reads otherwise. */
function missingModule({ argv }: GateDefinition, { exitCode, stderr }: CommandResult): Finding | null {
  const tool = argv[argv.indexOf('-m') + 1];
  const isMissing =
    exitCode === 1 && argv.includes('-m') && stderr.text.trimEnd().endsWith(`: No module named ${tool}`);
  return isMissing ? { fault: 'definition', summary: `${tool} is not installed` } : null;
}

/** What runtimes say when they get no more memory: V8, the JVM, Python, .NET, Go and glibc. */
const OUT_OF_MEMORY =
  /JavaScript heap out of memory|OutOfMemoryError|^MemoryError|OutOfMemoryException|fatal error: runtime: out of memory|Cannot allocate memory|std::bad_alloc/m;

function isOutOfMemory({ stdout, stderr }: CommandResult): boolean {
  return OUT_OF_MEMORY.test(stderr.text) || OUT_OF_MEMORY.test(stdout.text);
}

/** What shells say of a command that a signal ended: 128 and the signal's number. POSIX, "Exit Status for Commands". */
const SIGNALS: Readonly<Record<number, string>> = {
  132: 'an illegal instruction',
  134: 'SIGABRT, as a program that gives up ends itself',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL, as when memory runs out',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

function badExit(command: CommandResult): string | null {
  const { exitCode } = command;
  if (exitCode === 0) return null;
  const named = `Exit code ${exitCode ?? 'unknown'}`;
  if (exitCode === 127) return `${named}: a program was not found`;
  if (isOutOfMemory(command)) return `${named}: it ran out of memory`;
  const signal = SIGNALS[exitCode ?? 0];
  return signal === undefined ? named : `${named}: a program in it crashed (${signal})`;
}

function testFinding(command: CommandResult, reading: TestReading, leftBehind: string | null): Finding {
  const exit = badExit(command);
  if ('problem' in reading) {
    if (exit !== null) return { fault: 'change', summary: `${exit}, and no number of tests was told` };
    return { fault: 'definition', summary: `Exit code 0, but ${reading.problem}` };
  }
  const counts = reading.report;
  const failures = listedFailures(counts);
  const numbers = {
    testsRun: counts.run,
    testsFailed: counts.failed,
    testsSkipped: counts.skipped,
    ...(failures.length > 0 ? { failures } : {}),
  };
  const seen = counts.failed > 0 ? `${counts.failed} of ${plural(counts.run)} failed` : `${plural(counts.run)} passed`;
  const problem =
    counts.failed > 0
      ? seen
      : exit !== null
        ? `${exit}, although ${seen}`
        : counts.run === 0
          ? 'No test was executed, and nothing is proved by nothing'
          : leftBehind;
  if (problem !== null) return { fault: 'change', summary: problem, ...numbers };
  return { fault: null, summary: `${seen} (${counts.runner})`, ...numbers };
}

function coverageFinding(
  command: CommandResult,
  reading: CoverageReading,
  threshold: number,
  leftBehind: string | null,
): Finding {
  const numbers = 'report' in reading ? { coveredPercent: reading.report.percent } : {};
  const exit = badExit(command);
  if (exit !== null) return { fault: 'change', summary: exit, ...numbers };
  if ('problem' in reading) return { fault: 'definition', summary: `Exit code 0, but ${reading.problem}` };
  const { percent, format } = reading.report;
  const seen = `${formatPercent(percent)} covered`;
  if (percent < threshold) {
    return {
      fault: 'change',
      summary: `${seen}, less than the ${formatPercent(threshold)} that are required`,
      ...numbers,
    };
  }
  if (leftBehind !== null) return { fault: 'change', summary: leftBehind, ...numbers };
  const demanded = threshold > 0 ? `at least ${formatPercent(threshold)} required` : 'no threshold set';
  return { fault: null, summary: `${seen}, ${demanded} (${format})`, ...numbers };
}

function hide(text: string, folders: EvidenceRules['hidden']): string {
  return folders.reduce((shown, [folder, replacement]) => shown.replaceAll(folder, replacement), text);
}

/** Rounded down, so that what is below a threshold never looks like it. */
export function formatPercent(percent: number): string {
  return `${Math.floor(percent * 100) / 100} %`;
}

/** `1 test`, `2 tests` */
export function plural(tests: number): string {
  return tests === 1 ? '1 test' : `${tests} tests`;
}
