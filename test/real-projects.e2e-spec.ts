import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ProcessCommandRunner } from '../src/command-runner/index.js';
import { QualityGatesService, type Verdict } from '../src/quality-gates/index.js';
import { BubblewrapSandbox } from '../src/sandbox/index.js';
import { REPOSITORY } from './support/documents.js';
import { describeWith, programProblem, pythonProblem, PROGRAM_PATH } from './support/installed-programs.js';
import { git } from './support/start-git-workspaces.js';
import { makeTemporaryFolder, type TemporaryFolder } from './support/temporary-folder.js';
import { lookForSandbox } from './support/usable-sandbox.js';

// Go compiles its library anew for every commit: each has a home of its own.
jest.setTimeout(400_000);

const PROJECTS = join(REPOSITORY, 'test/fixtures/projects');

const probe = await lookForSandbox();
let folder: TemporaryFolder;
let packages: string;
let sandbox: BubblewrapSandbox | null = null;
let runner: ProcessCommandRunner;
let gates: QualityGatesService;
let checkouts = 0;

beforeAll(() => {
  folder = makeTemporaryFolder();
  // Nothing is fetched: as in a workspace of npm, packages are found in a folder above the project.
  packages = join(folder.path, 'node_modules');
  symlinkSync(join(REPOSITORY, 'node_modules'), packages);
  if (probe.usable) sandbox = new BubblewrapSandbox({ readable: [packages] });
  runner = new ProcessCommandRunner(sandbox ? { sandbox } : {});
  gates = QualityGatesService.alone({
    commandRunner: runner,
    path: PROGRAM_PATH,
    environment: { GOTOOLCHAIN: 'local' },
  });
});

afterAll(async () => {
  await runner.onApplicationShutdown();
  sandbox?.onApplicationShutdown();
  folder.remove();
});

/** Judges a commit that makes these replacements in a project; [file, text, text in its place]. */
async function judge(
  project: string,
  replacements: readonly (readonly [string, string, string])[] = [],
  configuration: string | null = null,
): Promise<Verdict> {
  checkouts += 1;
  const checkout = join(folder.path, `checkout-${checkouts}`);
  const base = join(PROJECTS, project);
  mkdirSync(checkout);
  cpSync(base, checkout, { recursive: true });
  for (const [file, text, instead] of replacements) {
    const before = readFileSync(join(checkout, file), 'utf8');
    writeFileSync(
      join(checkout, file),
      before.replace(text, () => instead),
    );
    expect(before).toContain(text);
  }
  git(checkout, 'init', '--quiet', '--template=', '--initial-branch=main');
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', 'The work');
  const readBaseFile = (path: string): Promise<string | null> => {
    if (path === '.mosaic/coordinator.yml') return Promise.resolve(configuration);
    const file = join(base, path);
    return Promise.resolve(existsSync(file) ? readFileSync(file, 'utf8') : null);
  };
  return gates.judge({ commit: git(checkout, 'rev-parse', 'HEAD'), checkout, readBaseFile });
}

const listed = ({ results }: Verdict): readonly string[] =>
  results.map(({ gate, passed, summary }) => `${gate} ${passed ? 'passed' : 'failed'}: ${summary}`);

describe('A project with jest', () => {
  it('is green as it is', async () => {
    const verdict = await judge('basket');

    expect(listed(verdict)).toEqual([
      'build passed: Exit code 0',
      'test passed: 11 tests passed (jest or vitest)',
      expect.stringMatching(/^coverage passed: 100 % covered/),
    ]);
    expect(verdict.passed).toBe(true);
    expect(verdict.results[1]?.origin).toBe('detected from the script "test" in package.json');
  });

  it('is red where a test fails, and names it', async () => {
    const verdict = await judge('basket', [['src/basket.js', 'Math.round(sum', 'Math.ceil(1 + sum']]);

    expect(verdict).toMatchObject({ passed: false, fault: 'change' });
    expect(listed(verdict)).toEqual([
      'build passed: Exit code 0',
      'test failed: 4 of 11 tests failed',
      expect.stringMatching(/^coverage failed: Exit code 1/),
    ]);
    expect(verdict.results[1]?.evidence).toContain('Basket › adds up what is in it');
  });

  it('is red where it does not even build', async () => {
    const verdict = await judge('basket', [['src/money.js', 'exports.shown =', 'exports.shown = =']]);

    expect(verdict.passed).toBe(false);
    expect(listed(verdict)[0]).toBe('build failed: Exit code 1');
  });
});

describeWith(pythonProblem('pytest'), 'A project with pytest', () => {
  it('is green as it is', async () => {
    const verdict = await judge('slugs');

    expect(listed(verdict)).toEqual([expect.stringMatching(/^test passed: 8 tests passed/)]);
    expect(verdict.results[0]?.origin).toBe('detected from [tool.pytest…] in pyproject.toml');
  });

  it('is red where a test fails, and names it', async () => {
    const verdict = await judge('slugs', [['slugs/slug.py', '.rstrip("-")', '']]);

    expect(listed(verdict)).toEqual(['test failed: 1 of 8 tests failed']);
    expect(verdict.results[0]?.failures).toMatchObject([
      { name: expect.stringContaining('test_limit_ends_with_no_dash') },
    ]);
  });

  it('is red where a module cannot be loaded', async () => {
    const verdict = await judge('slugs', [['slugs/slug.py', 'import re', 'import r']]);

    expect(verdict).toMatchObject({ passed: false, fault: 'change' });
  });
});

describeWith(pythonProblem('pytest', 'coverage'), 'A project with pytest and coverage.py', () => {
  const configuration = `gates:
  test:
    run: python3 -m pytest --junitxml=report.xml
    report: report.xml
  coverage:
    run: |
      python3 -m coverage run -m pytest
      python3 -m coverage xml
    report: coverage.xml
    threshold: 90
`;

  it('is green with its coverage', async () => {
    const verdict = await judge('slugs', [], configuration);

    expect(listed(verdict)).toEqual([
      expect.stringMatching(/^test passed: 8 tests passed/),
      expect.stringMatching(/^coverage passed: 100 % covered/),
    ]);
  });

  it('is red where too little is covered', async () => {
    const more = `\n\ndef unused(text):\n${'    text = text.strip()\n'.repeat(8)}    return text\n`;
    const verdict = await judge(
      'slugs',
      [['slugs/slug.py', '\n\ndef unique_slug', `${more}\n\ndef unique_slug`]],
      configuration,
    );

    expect(listed(verdict)).toEqual([
      expect.stringMatching(/^test passed: 8 tests passed/),
      expect.stringMatching(/^coverage failed: .* less than the 90 % that are required/),
    ]);
  });
});

describeWith(programProblem('go'), 'A project in Go', () => {
  it('is green as it is', async () => {
    const verdict = await judge('ledger');

    expect(listed(verdict)).toEqual([
      'build passed: Exit code 0',
      'lint passed: Exit code 0',
      expect.stringMatching(/^test passed: \d tests passed/),
    ]);
    expect(verdict.results[2]?.origin).toBe('detected from a go.mod at the top');
  });

  it('is red where vet finds a fault and a test fails', async () => {
    const verdict = await judge('ledger', [
      ['ledger.go', 'l.balances[to] += amount', 'return nil\n\tl.balances[to] += amount'],
    ]);

    expect(verdict).toMatchObject({ passed: false, fault: 'change' });
    expect(listed(verdict).slice(0, 2)).toEqual(['build passed: Exit code 0', expect.stringMatching(/^lint failed/)]);
    expect(listed(verdict)[2]).toMatch(/^test failed: 1 of \d tests failed/);
    expect(verdict.results[2]?.failures).toMatchObject([{ name: expect.stringContaining('TestTransfer') }]);
  });
});
