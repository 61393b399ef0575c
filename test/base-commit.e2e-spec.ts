import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gateSubject } from '../src/orchestration/runs/gate-subject.js';
import { SqlBaseMeasurementStore } from '../src/persistence/index.js';
import { QualityGatesService, verdictReport, type Verdict } from '../src/quality-gates/index.js';
import { git, startGitWorkspaces, type Bench } from './support/start-git-workspaces.js';
import { openTestDatabase, type TestDatabase } from './support/test-database.js';

jest.setTimeout(120_000);

type Files = Readonly<Record<string, string | null>>;

const test = (name: string, body = ''): string => `test(${JSON.stringify(name)}, () => { ${body} });\n`;
const IMPORTS = "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n";
/** One of its tests fails, and so does its lint. */
const RED: Files = {
  'package.json': JSON.stringify({ type: 'module', scripts: { lint: 'node lint.js', test: 'node --test' } }),
  'lint.js': "console.error('old.js:3:1: error: bad');\nprocess.exitCode = 1;\n",
  'calc.test.js': `${IMPORTS}${test('adds')}${test('halves', 'assert.fail("old")')}`,
};
const GREEN: Files = {
  'package.json': JSON.stringify({ type: 'module', scripts: { test: 'node --test' } }),
  'calc.test.js': `${IMPORTS}${test('adds')}${test('halves')}`,
};

describe('A commit and its base commit, with real git and node:test', () => {
  let bench: Bench;
  let opened: TestDatabase;
  let gates: QualityGatesService;

  beforeEach(async () => {
    bench = await startGitWorkspaces();
    opened = await openTestDatabase();
    gates = startGates();
  });

  afterEach(async () => {
    await gates.onApplicationShutdown();
    await opened.close();
    await bench.stop();
  });

  const startGates = (): QualityGatesService =>
    QualityGatesService.alone({ baseMeasurements: new SqlBaseMeasurementStore(opened.database) });

  /** Judges what an agent makes of the base branch. */
  async function judge(base: Files, change: Files, number = 7): Promise<Verdict> {
    const { workspaces } = bench;
    git(bench.person, 'rm', '-rq', '.');
    await bench.push(
      Object.fromEntries(Object.entries(base).flatMap(([path, text]) => (text === null ? [] : [[path, text]]))),
    );
    const workspace = await workspaces.prepare(bench.request({ issue: { owner: 'acme', repo: 'app', number } }));
    for (const [path, text] of Object.entries(change)) {
      const file = join(workspace.directory, path);
      await mkdir(dirname(file), { recursive: true });
      await (text === null ? rm(file) : writeFile(file, text));
    }
    const work = await workspaces.capture(workspace, 'work');
    const checkout = await workspaces.checkout(workspace, work.commit);
    const verdict = await gates.judge(await gateSubject(workspaces, workspace, work, checkout));
    await checkout.remove();
    return verdict;
  }

  it('rejects a commit that deletes a test, by its name', async () => {
    const verdict = await judge(GREEN, { 'calc.test.js': `${IMPORTS}${test('adds')}` });

    expect(verdict).toMatchObject({
      passed: false,
      fault: 'change',
      summary: 'test failed: 1 test of the base commit is missing: halves',
      tools: { node: process.version },
    });
  });

  it('rejects a commit that skips one', async () => {
    const skipping = `${IMPORTS}${test('adds')}${test('halves').replace('test(', 'test.skip(')}`;

    expect((await judge(GREEN, { 'calc.test.js': skipping })).summary).toBe(
      'test failed: 1 test is skipped that the base commit does not skip: halves',
    );
  });

  it('does not hold against a commit what was red before', async () => {
    const verdict = await judge(RED, { 'more.test.js': `${IMPORTS}${test('doubles')}` });

    expect(verdict).toMatchObject({
      passed: true,
      fault: null,
      summary: 'lint and test are as red as before this change',
      base: { failed: ['lint', 'test'] },
    });
    expect(verdictReport(verdict)).toContain('where these gates fail: lint, test.');
  });

  it('rejects a commit that breaks more, and names that alone', async () => {
    const worse = `${IMPORTS}${test('adds', 'assert.fail("new")')}${test('halves', 'assert.fail("old")')}`;

    const verdict = await judge(RED, {
      'calc.test.js': worse,
      'lint.js': `console.error('new.js:1:1: error: bad');\n${RED['lint.js']}`,
    });

    expect(verdict).toMatchObject({ passed: false, fault: 'change' });
    expect(verdict.results.map(({ summary }) => summary)).toEqual([
      'Exit code 1, as before this change, but 1 line of its output is new',
      '2 of 2 tests failed; 1 newly, and 1 failed before this change',
    ]);
    expect(verdict.results[0]?.newLines).toEqual(['new.js:1:1: error: bad']);
    expect(verdict.results[1]?.failures?.map(({ name }) => name)).toEqual(['adds']);
  });

  it('gives settings that a commit adds or changes no effect, and tells of them', async () => {
    const shadow = 'module.exports = { testRegex: "easy" };\n';
    const seeing: Files = {
      ...GREEN,
      'jest.config.json': '{}',
      'settings.test.js': `${IMPORTS}import fs from 'node:fs';\n${test('has its settings', `assert.deepEqual([fs.existsSync('jest.config.js'), fs.readFileSync('jest.config.json', 'utf8')], [false, '{}'])`)}`,
    };

    const verdict = await judge(seeing, { 'jest.config.js': shadow, 'jest.config.json': '{"bail":1}' });

    expect(verdict).toMatchObject({ passed: true, gateFilesTouched: ['jest.config.js', 'jest.config.json'] });
    expect(verdictReport(verdict)).toContain(
      "**Gate files touched**: <code>jest.config.js</code>, <code>jest.config.json</code>. The gates ran with the base's; a person decides on the change.",
    );
  });

  it('measures a base commit once, also over a restart', async () => {
    const counting = join(bench.directory, 'runs');
    const base: Files = {
      ...GREEN,
      'counts.test.js': `${IMPORTS}import fs from 'node:fs';\n${test('counts', `fs.appendFileSync(${JSON.stringify(counting)}, 'x')`)}`,
    };
    await judge(base, { 'a.md': 'first' });
    await gates.onApplicationShutdown();
    gates = startGates();

    expect((await judge(base, { 'a.md': 'second' })).passed).toBe(true);
    expect(await readFile(counting, 'utf8')).toBe('xxx');
  });
});
