import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Command, CommandResult } from '../command-runner/index.js';
import { GateRunner } from './gate-runner.js';
import { resolveQualityGatesOptions } from './quality-gates.options.js';
import type { GateDefinition } from './quality-gates.types.js';

const DEFINITION: GateDefinition = {
  name: 'build',
  kind: 'build',
  argv: ['x'],
  directory: null,
  isRequired: true,
  retries: 0,
  timeoutMs: 1,
  report: null,
  threshold: null,
  maxFall: null,
  changedLines: null,
  origin: '',
};
const SUBJECT = { commit: 'e'.repeat(40), checkout: tmpdir(), readBaseFile: () => Promise.resolve(null) };
const NOTHING = { text: '', totalBytes: 0, isTruncated: false };
const DONE: CommandResult = {
  ending: 'exited',
  exitCode: 0,
  reason: null,
  stdout: NOTHING,
  stderr: NOTHING,
  durationMs: 0,
  leftBehind: 0,
};

describe('GateRunner', () => {
  it('keeps its verdict and warns when the folder of the gates is gone already', async () => {
    const warnings: string[] = [];
    const removing = async ({ env }: Command): Promise<CommandResult> => {
      await rm(dirname(env['HOME'] ?? ''), { recursive: true });
      return DONE;
    };
    const runner = new GateRunner({ run: removing }, resolveQualityGatesOptions({}), (warning) =>
      warnings.push(warning),
    );

    expect(await runner.run([DEFINITION], SUBJECT)).toMatchObject([{ passed: true }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^The folder .+mosaic-gates-.+ of finished gates could not be removed/),
    ]);
  });

  it('fails every gate when there is no checkout', async () => {
    const runner = new GateRunner(
      { run: () => Promise.resolve(DONE) },
      resolveQualityGatesOptions({}),
      () => undefined,
    );

    expect(await runner.run([DEFINITION], { ...SUBJECT, checkout: '/nowhere' })).toMatchObject([
      { passed: false, fault: 'coordinator', summary: expect.stringContaining('ENOENT') },
    ]);
  });

  it('fails every gate when no folder can be made for them', async () => {
    const makeFolder = () => Promise.reject(new Error('no space left'));
    const runner = new GateRunner(
      { run: () => Promise.resolve(DONE) },
      resolveQualityGatesOptions({}),
      () => undefined,
      makeFolder,
    );

    expect(await runner.run([DEFINITION, DEFINITION], SUBJECT)).toMatchObject([
      {
        passed: false,
        fault: 'coordinator',
        summary: 'The coordinator could not make the checkout and a home ready: no space left',
      },
      { passed: false, fault: 'coordinator' },
    ]);
  });

  it('fails every gate when it cannot keep the files of the gates', async () => {
    const runner = new GateRunner(
      { run: () => Promise.resolve(DONE) },
      resolveQualityGatesOptions({}),
      () => undefined,
    );
    const readBaseFile = () => Promise.reject(new Error('git is gone'));

    expect(await runner.run([DEFINITION], { ...SUBJECT, readBaseFile })).toMatchObject([
      { fault: 'coordinator', summary: 'The coordinator could not keep the files of the gates: git is gone' },
    ]);
  });

  it('runs a gate that is declared flaky again, as often as it may and only while the work can be at fault', async () => {
    const play = (...endings: readonly Partial<CommandResult>[]) => {
      const left = [...endings];
      return { run: () => Promise.resolve({ ...DONE, ...left.shift() }), left };
    };
    const judge = async (runs: ReturnType<typeof play>) => {
      const runner = new GateRunner(runs, resolveQualityGatesOptions({}), () => undefined);
      return (await runner.run([{ ...DEFINITION, retries: 2, report: 'a' }], SUBJECT))[0];
    };
    const missing = play({ ending: 'not_started', exitCode: null }, {});

    expect(await judge(play({ exitCode: 1 }, {}))).toMatchObject({
      passed: true,
      attempts: 2,
      summary: 'Exit code 0, at attempt 2 of 3',
    });
    expect(await judge(play({ exitCode: 1 }, { exitCode: 2 }, { exitCode: 3 }, {}))).toMatchObject({
      passed: false,
      attempts: 3,
      summary: 'Exit code 3, at attempt 3 of 3',
    });
    expect(await judge(missing)).toMatchObject({ passed: false, fault: 'definition' });
    expect(missing.left).toHaveLength(1);
    expect(await judge(play())).not.toHaveProperty('attempts');
  });

  it('shows each gate, and each attempt at one, the tests and settings of the commit', async () => {
    const checkout = await realpath(await mkdtemp(join(tmpdir(), 'gate-runner-')));
    await writeFile(join(checkout, 'a.test.js'), 'of the commit');
    const seen: string[] = [];
    const run = async ({ env }: Command): Promise<CommandResult> => {
      const settings = join(env['HOME'] ?? '', '.npmrc');
      seen.push(`${await readFile(join(checkout, 'a.test.js'), 'utf8')}, ${existsSync(settings)}`);
      await rm(join(checkout, 'a.test.js'));
      await writeFile(settings, 'x');
      return { ...DONE, exitCode: 1 };
    };
    const runner = new GateRunner({ run }, resolveQualityGatesOptions({}), () => undefined);
    const gates = [DEFINITION, { ...DEFINITION, retries: 1 }];

    await runner.run(gates, { ...SUBJECT, checkout, listBaseFiles: async () => ['a.test.js'] });

    await rm(checkout, { recursive: true });
    expect(seen).toEqual(Array<string>(3).fill('of the commit, false'));
  });

  it('reads no report of tests that was there before they ran, and may read one of theirs as coverage', async () => {
    const checkout = await realpath(await mkdtemp(join(tmpdir(), 'gate-runner-')));
    const run = async ({ argv }: Command): Promise<CommandResult> => {
      const texts: Readonly<Record<string, string>> = { build: '1..1\nok 1 - a', test: 'LF:1\nLH:1\nend_of_record\n' };
      const text = texts[argv[0]];
      if (text) await writeFile(join(checkout, argv[0] === 'build' ? 'tests' : 'lines'), text);
      return DONE;
    };
    const runner = new GateRunner({ run }, resolveQualityGatesOptions({}), () => undefined);
    const gate = (kind: GateDefinition['kind'], report: string | null): GateDefinition => ({
      ...DEFINITION,
      name: kind,
      kind,
      argv: [kind],
      report,
    });

    const results = await runner.run([gate('build', null), gate('test', 'tests'), gate('coverage', 'lines')], {
      ...SUBJECT,
      checkout,
    });
    await rm(checkout, { recursive: true });

    expect(results.map(({ summary }) => summary)).toEqual([
      'Exit code 0',
      'Exit code 0, but the report tests was not written',
      '100 % covered, no threshold set (lcov)',
    ]);
  });

  it('runs a gate in its directory, and in none that is missing or behind a link', async () => {
    const checkout = await realpath(await mkdtemp(join(tmpdir(), 'gate-runner-')));
    await mkdir(join(checkout, 'a/b'), { recursive: true });
    await symlink('a', join(checkout, 'linked'));
    const folders: string[] = [];
    const running = ({ cwd }: Command): Promise<CommandResult> => {
      folders.push(cwd);
      return Promise.resolve(DONE);
    };
    const runner = new GateRunner({ run: running }, resolveQualityGatesOptions({}), () => undefined);
    const definitions = ['a/b', 'linked/b', 'c'].map((directory) => ({ ...DEFINITION, directory }));

    const results = await runner.run(definitions, { ...SUBJECT, checkout });
    await rm(checkout, { recursive: true });

    expect(folders).toEqual([join(checkout, 'a/b')]);
    expect(results.map(({ fault, summary }) => `${fault}: ${summary}`)).toEqual([
      'null: Exit code 0',
      'change: Its directory linked/b is behind a symbolic link',
      'change: Its directory c is not in the commit',
    ]);
  });

  it('goes on after an advisory setup that failed, and ends with a required one by its name', async () => {
    const failing = { run: () => Promise.resolve({ ...DONE, exitCode: 1 }) };
    const runner = new GateRunner(failing, resolveQualityGatesOptions({}), () => undefined);
    const advisory = { ...DEFINITION, name: 'warm-up', kind: 'setup' as const, isRequired: false };
    const required = { ...DEFINITION, name: 'generate', kind: 'setup' as const };

    expect(await runner.run([advisory, required, DEFINITION], SUBJECT)).toMatchObject([
      { gate: 'warm-up', isAdvisory: true, summary: 'Exit code 1' },
      { gate: 'generate', summary: 'Exit code 1' },
      { gate: 'build', summary: 'It was not run, because generate failed', fault: 'change' },
    ]);
  });
});
