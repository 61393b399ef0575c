import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { GateMeasurement } from './gate-measurement.types.js';
import { CONFIGURATION_PATH } from './gate-configuration.js';
import { QualityGatesModule } from './quality-gates.module.js';
import { QualityGatesService } from './quality-gates.service.js';

const BASE: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ type: 'module', scripts: { build: 'node --check sum.js', test: 'node --test' } }),
  'sum.js': 'export const sum = (a, b) => a + b;\n',
  'sum.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sum } from './sum.js';
test('adds two numbers', () => assert.equal(sum(1, 2), 3));
test('adds nothing', () => assert.equal(sum(1, 0), 1));
`,
};

describe('QualityGatesModule alone in an app, on a real package', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'real-package-'));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  /** Judges a commit that changes `changes` of the base. */
  async function judge(changes: Readonly<Record<string, string>>, base = BASE) {
    for (const [path, text] of Object.entries({ ...base, ...changes })) {
      await mkdir(dirname(join(checkout, path)), { recursive: true });
      await writeFile(join(checkout, path), text);
    }
    const moduleRef = await Test.createTestingModule({ imports: [QualityGatesModule.forRoot({})] }).compile();
    const app = await moduleRef.init();
    const readBaseFile = (path: string): Promise<string | null> => Promise.resolve(base[path] ?? null);
    const verdict = await app.get(QualityGatesService).judge({ commit: 'f'.repeat(40), checkout, readBaseFile });
    await app.close();
    return verdict;
  }

  const declaring = (gates: string): Readonly<Record<string, string>> => ({ ...BASE, [CONFIGURATION_PATH]: gates });

  it('passes work that is done', async () => {
    const verdict = await judge({});

    expect(verdict).toMatchObject({ passed: true, summary: 'build and test passed' });
    expect(verdict.results[1]).toMatchObject({ testsRun: 2, testsFailed: 0, summary: '2 tests passed (node:test)' });
  }, 60_000);

  it('tells every test by name to whoever compares it with another commit', async () => {
    for (const [path, text] of Object.entries(BASE)) await writeFile(join(checkout, path), text);
    const measured = new Map<string, GateMeasurement>();
    const readBaseFile = (path: string): Promise<string | null> => Promise.resolve(BASE[path] ?? null);
    const onMeasured = (gate: string, measurement: GateMeasurement): unknown => measured.set(gate, measurement);
    const gates = QualityGatesService.alone();

    await gates.judge({ commit: 'f'.repeat(40), checkout, readBaseFile, onMeasured });
    await gates.onApplicationShutdown();

    expect(measured.get('build')).toMatchObject({ tests: null, coverage: null, exitCode: 0 });
    expect(measured.get('test')?.tests).toMatchObject({
      report: { run: 2, isComplete: true, tests: [{ name: 'adds two numbers' }, { name: 'adds nothing' }] },
    });
  }, 60_000);

  it('fails work that is not done, with the evidence and without the paths of this machine', async () => {
    const verdict = await judge({ 'sum.js': 'export const sum = (a, b) => a - b;\n' });

    expect(verdict).toMatchObject({ passed: false, fault: 'change', summary: 'test failed: 1 of 2 tests failed' });
    expect(verdict.results[1]?.evidence).toContain('not ok 1 - adds two numbers');
    expect(verdict.results[1]?.evidence).not.toContain(checkout);
  }, 60_000);

  it('is not deceived by a test script of the commit', async () => {
    const scripts = {
      pretest: 'rm sum.test.js',
      test: 'echo "# tests 9"; echo "# pass 9"',
      build: 'node --check sum.js',
    };
    const verdict = await judge({
      'sum.js': 'export const sum = () => 0;\n',
      'package.json': JSON.stringify({ type: 'module', scripts }),
    });

    expect(verdict).toMatchObject({ passed: false, fault: 'change' });
    expect(verdict.summary).toMatch(/^test failed: 2 of 2 tests failed\. Gate files touched: package\.json; /);
  }, 60_000);

  it('fails tests that were all deleted or skipped', async () => {
    const deleted = await judge({ 'sum.test.js': '' });
    const skipped = await judge({ 'sum.test.js': "import { test } from 'node:test';\ntest.skip('adds', () => {});\n" });

    expect([deleted, skipped].map(({ summary }) => summary)).toEqual(
      Array(2).fill('test failed: No test was executed, and nothing is proved by nothing'),
    );
  }, 60_000);

  it('reads coverage from the report that the gate writes, and from no other', async () => {
    const run = 'node --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info';
    const gates = (command: string): Readonly<Record<string, string>> =>
      declaring(`gates:\n  test: node --test\n  coverage: { run: ${command}, report: lcov.info, threshold: 90 }\n`);

    const measured = await judge({}, gates(run));
    const planted = await judge(
      { 'lcov.info': await readFile(join(checkout, 'lcov.info'), 'utf8') },
      gates('node --test'),
    );

    expect(measured.results[1]).toMatchObject({ passed: true, coveredPercent: 100 });
    expect(planted.results[1]).toMatchObject({
      passed: false,
      coveredPercent: null,
      summary: 'Exit code 0, but the report lcov.info was not written',
    });
  }, 60_000);

  it('fails gates that hang, flood, are missing, crash, leave a process behind or look for secrets', async () => {
    const verdict = await judge(
      {},
      declaring(`gates:
  build: { run: sleep 600, timeout: 1s }
  lint: sleep 600 &
  test: |
    env | sort
    cat
    head -c 3000000 /dev/zero | tr '\\0' x
    exit 3
  coverage: { run: [no-such-program] }
`),
    );

    expect(verdict.results.map(({ summary }) => summary)).toEqual([
      'It ran longer than its time limit of 1 s',
      'It left a process running in the background; a gate must end what it starts',
      'Exit code 3, and no number of tests was told',
      expect.stringMatching(/^no-such-program could not be started: /),
    ]);
    const evidence = verdict.results[2]?.evidence ?? '';
    expect(evidence.length).toBeLessThanOrEqual(16_000);
    expect(
      [...evidence.matchAll(/^(\w+)=/gm)].map(([, name]) => name).filter((name) => !name?.startsWith('MOSAIC_')),
    ).toEqual(['CI', 'GRADLE_USER_HOME', 'HOME', 'LANG', 'MAVEN_OPTS', 'PATH', 'PWD', 'SHLVL', 'TERM', 'TMPDIR', '_']);
  }, 60_000);
});
