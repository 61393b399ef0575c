import { access, mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { Command, CommandResult, CommandRunner } from '../command-runner/index.js';
import { FakeClock } from '../testing/index.js';
import { FolderDependencyCache } from './folder-dependency-cache.js';
import { CONFIGURATION_PATH } from './gate-configuration.js';
import { QualityGatesModule } from './quality-gates.module.js';
import type { QualityGatesModuleOptions } from './quality-gates.options.js';
import { QualityGatesService } from './quality-gates.service.js';
import type { GateSubject } from './quality-gates.types.js';

const COMMIT = 'd'.repeat(40);
const ALL_GATES = `gates:
  coverage: { run: [coverage], report: out/lcov.info, threshold: 50 }
  test: { run: [test] }
  lint: { run: [lint] }
  build: { run: [build] }
  setup: { run: [setup], timeout: 5s }
`;

const NEVER = () => Promise.reject(new Error('asked for'));

type Play = (command: Command) => Partial<CommandResult> | Promise<Partial<CommandResult>>;

/** Plays what programs do, by their name; one that it does not know exits with 0 and prints that a test passed. */
class ScriptedCommandRunner implements CommandRunner {
  readonly commands: Command[] = [];

  constructor(private readonly plays: Readonly<Record<string, Play>>) {}

  async run(command: Command): Promise<CommandResult> {
    this.commands.push(command);
    const nothing = { text: '', totalBytes: 0, isTruncated: false };
    const stdout = { ...nothing, text: 'Tests: 1 passed, 1 total\n' };
    const base = { ending: 'exited', exitCode: 0, reason: null, durationMs: 1, leftBehind: 0 } as const;
    return { ...base, stdout, stderr: nothing, ...(await this.plays[command.argv[0]]?.(command)) };
  }

  get programs(): readonly string[] {
    return this.commands.map(({ argv }) => argv.join(' ')).filter((command) => !command.endsWith(' --version'));
  }
}

describe('QualityGatesService', () => {
  let checkout: string;

  beforeEach(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'judged-'));
  });

  afterEach(() => rm(checkout, { recursive: true }));

  async function start(plays: Readonly<Record<string, Play>> = {}, options: QualityGatesModuleOptions = {}) {
    const commandRunner = new ScriptedCommandRunner(plays);
    const imports = [QualityGatesModule.forRoot({ commandRunner, clock: new FakeClock(5000), ...options })];
    const moduleRef = await Test.createTestingModule({ imports }).compile();
    await moduleRef.init();
    const gates = moduleRef.get(QualityGatesService);
    const judge = (files: Readonly<Record<string, string>>, rest: Partial<GateSubject> = {}) =>
      gates.judge({ commit: COMMIT, checkout, readBaseFile: (path) => Promise.resolve(files[path] ?? null), ...rest });
    return { judge, commandRunner };
  }

  const writesReport = (text: string) => async (): Promise<Partial<CommandResult>> => {
    await mkdir(join(checkout, 'out'), { recursive: true });
    await writeFile(join(checkout, 'out/lcov.info'), text);
    return {};
  };

  it('lets gates reach their checkout, their home and the network they are given, and nothing else', async () => {
    const network = { socket: '/gate.sock', environment: { HTTPS_PROXY: '{address}' } };
    const alone = await start();
    const connected = await start({}, { network });

    await alone.judge({ [CONFIGURATION_PATH]: 'gates:\n  test: { run: [test] }\n' });
    await connected.judge({ [CONFIGURATION_PATH]: 'gates:\n  test: { run: [test] }\n' });

    const [command] = alone.commandRunner.commands;
    expect(command?.confinement).toEqual({
      writable: [await realpath(checkout), dirname(command?.env['HOME'] ?? '')],
    });
    expect(connected.commandRunner.commands[0]?.confinement?.network).toEqual(network);
  });

  it('runs the declared gates in their order, each in the checkout with a time limit and a clean environment', async () => {
    const { judge, commandRunner } = await start(
      { coverage: writesReport('LF:4\nLH:3\nend_of_record\n') },
      { path: '/bin', environment: { A: 'b' }, gateTimeoutMs: 7000, keepOutputBytes: 4096 },
    );

    const verdict = await judge({ [CONFIGURATION_PATH]: ALL_GATES });

    expect(verdict).toMatchObject({
      commit: COMMIT,
      passed: true,
      fault: null,
      summary: 'setup, build, lint, test and coverage passed',
      decidedAt: 5000,
    });
    expect(verdict.results).toHaveLength(5);
    expect(commandRunner.programs).toEqual(['setup', 'build', 'lint', 'test', 'coverage']);
    expect(commandRunner.commands.map(({ timeoutMs }) => timeoutMs)).toEqual([5000, 7000, 7000, 7000, 7000]);
    const [command] = commandRunner.commands;
    expect(command).toMatchObject({ cwd: checkout, keepOutputBytes: 4096 });
    expect(Object.keys(command?.env ?? {}).sort()).toEqual([
      'A',
      'CI',
      'GRADLE_USER_HOME',
      'HOME',
      'LANG',
      'MAVEN_OPTS',
      'PATH',
      'TERM',
      'TMPDIR',
    ]);
    expect(new Set(commandRunner.commands.map(({ env }) => env['HOME'])).size).toBe(1);
    await expect(access(command?.env['HOME'] ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('removes at its start what a process that was killed left', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gates-'));
    await mkdir(join(folder, 'mosaic-gates-left/home'), { recursive: true });
    const { judge, commandRunner } = await start({}, { folder });

    await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: { run: [test] }' });

    expect(await readdir(folder)).toEqual([]);
    expect(commandRunner.commands[0]?.env['HOME']).toContain(await realpath(folder));
    await rm(folder, { recursive: true });
  });

  it('starts where what was left cannot be removed', async () => {
    const left = join('/proc', String(process.pid), 'fd');
    const { judge } = await start({}, { folder: left });

    expect((await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: x' })).fault).toBe('coordinator');
  });

  it('gives each commit a home of its own', async () => {
    const { judge, commandRunner } = await start();
    await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: x' });
    await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: x' });

    const [first, second] = commandRunner.commands.map(({ env }) => env['HOME']);

    expect(first).not.toBe(second);
  });

  it('gathers all failures, but ends with a failed setup', async () => {
    const failing: Play = () => ({ exitCode: 1 });
    const gathered = await start({
      build: failing,
      test: failing,
      coverage: writesReport('LF:1\nLH:1\nend_of_record\n'),
    });
    const ended = await start({ setup: () => ({ ending: 'not_started', exitCode: null, reason: 'it is missing' }) });

    const all = await gathered.judge({ [CONFIGURATION_PATH]: ALL_GATES });
    const none = await ended.judge({ [CONFIGURATION_PATH]: ALL_GATES });

    expect(all.results.map(({ passed }) => passed)).toEqual([true, false, true, false, true]);
    expect(all).toMatchObject({ passed: false, fault: 'change', summary: 'build and test failed; build: Exit code 1' });
    expect(ended.commandRunner.programs).toEqual(['setup']);
    expect(none).toMatchObject({ passed: false, fault: 'definition' });
    expect(none.results.map(({ summary }) => summary)).toEqual([
      'setup could not be started: it is missing',
      ...Array<string>(4).fill('It was not run, because setup failed'),
    ]);
  });

  it('refuses a report that came with the commit', async () => {
    await writesReport('LF:1\nLH:1\nend_of_record\n')();
    const { judge } = await start();

    const verdict = await judge({ [CONFIGURATION_PATH]: ALL_GATES });

    expect(verdict).toMatchObject({
      passed: false,
      summary: 'coverage failed: Exit code 0, but the report out/lcov.info was not written',
    });
  });

  it.each([
    ['nothing', {}, 'test failed: No gates are known for this repository'],
    [
      'no test',
      { 'package.json': '{"scripts":{"build":"tsc"}}' },
      'test failed: No test gate is known for this repository (known are: build detected from the script "build" in package.json)',
    ],
    [
      'a configuration without gates',
      { [CONFIGURATION_PATH]: 'prompt: be brief' },
      'test failed: No gates are known for this repository',
    ],
  ])('fails where %s is known, and writes out what is to be added', async (_name, files, summary) => {
    const { judge, commandRunner } = await start();

    const verdict = await judge(files);

    expect(verdict).toMatchObject({ passed: false, fault: 'definition', summary });
    expect(verdict.results).toHaveLength(1);
    expect(verdict.results[0]?.evidence).toMatch(
      /\.mosaic\/coordinator\.yml on its base branch[^]*\ngates:\n {2}setup: npm ci/,
    );
    expect(commandRunner.programs).toEqual([]);
  });

  it('fails with every mistake of a wrong configuration, and detects nothing instead', async () => {
    const { judge, commandRunner } = await start();

    const verdict = await judge({
      [CONFIGURATION_PATH]: 'gates:\n  tset: x\n',
      'package.json': '{"scripts":{"test":"x"}}',
    });

    expect(verdict).toMatchObject({ passed: false, fault: 'definition' });
    expect(verdict.summary).toBe(
      `test failed: ${CONFIGURATION_PATH} on the base branch is not valid, so that no gate can be run`,
    );
    expect(verdict.results[0]?.evidence).toContain('line 2: "tset" is not known in gates');
    expect(commandRunner.programs).toEqual([]);
  });

  it('prefers the repository to the coordinator, and the coordinator to detection', async () => {
    const defaultConfiguration = 'gates:\n  test: { run: [ours] }';
    const files = { 'package.json': '{"scripts":{"test":"x"}}' };
    await writeFile(join(checkout, 'package.json'), files['package.json']);
    const [own, ours, detected] = await Promise.all([
      start({}, { defaultConfiguration }),
      start({}, { defaultConfiguration }),
      start(),
    ]);

    await own.judge({ ...files, [CONFIGURATION_PATH]: 'gates:\n  test: { run: [theirs] }' });
    await ours.judge({ ...files, [CONFIGURATION_PATH]: 'prompt: x' });
    await detected.judge(files);

    expect([own, ours, detected].flatMap(({ commandRunner }) => commandRunner.programs)).toEqual([
      'theirs',
      'ours',
      'npm run test',
    ]);
  });

  it('runs the scripts of the base commit and says that a person must look at changed ones', async () => {
    await writeFile(join(checkout, 'package.json'), '{"scripts":{"test":"true"}}');
    const { judge } = await start();

    const verdict = await judge({ 'package.json': '{"scripts":{"test":"mocha"}}' });

    expect(verdict.passed).toBe(true);
    expect(verdict.summary).toMatch(/^test passed\. Gate files touched: package\.json; .* a person decides/);
    expect(verdict.gateFilesTouched).toEqual(['package.json']);
  });

  it('runs the makefile of the base commit, and fails where a file cannot be put back', async () => {
    const { judge } = await start();
    const path = `${'x'.repeat(300)}/Makefile`;
    const changed = await judge({ Makefile: 'test: a' });
    const failed = await judge(
      { Makefile: 'test: a', [path]: 'test:' },
      { changedFiles: [{ path, change: 'deleted' }] },
    );

    expect(changed.summary).toMatch(/^test passed\. Gate files touched: Makefile; /);
    expect(failed).toMatchObject({
      passed: false,
      fault: 'change',
      summary: expect.stringMatching(/Makefile, which defines gates, cannot be put back: .*ENAMETOOLONG/),
    });
  });

  it('fails a commit whose package.json cannot be used', async () => {
    await symlink('/etc/hostname', join(checkout, 'package.json'));
    const { judge, commandRunner } = await start();

    expect(await judge({ 'package.json': '{"scripts":{"test":"mocha"}}' })).toMatchObject({
      passed: false,
      fault: 'change',
      summary: expect.stringContaining('symbolic link'),
    });
    expect(commandRunner.programs).toEqual([]);
  });

  it('fails where the coordinator itself fails', async () => {
    const { judge } = await start({
      lint: () => Promise.reject(new Error('no more processes')),
      coverage: writesReport('LF:1\nLH:1\nend_of_record\n'),
    });

    const unread = await judge({}, { readBaseFile: () => Promise.reject(new Error('git is gone')) });
    const broken = await judge({ [CONFIGURATION_PATH]: ALL_GATES });

    expect(unread).toMatchObject({
      passed: false,
      fault: 'coordinator',
      summary: 'test failed: The coordinator could not find out which gates there are: git is gone',
    });
    expect(broken).toMatchObject({
      passed: false,
      fault: 'coordinator',
      summary: 'lint failed: The coordinator failed at this gate: no more processes',
    });
  });

  it('throws when it is aborted before, between or during gates', async () => {
    const before = await start();
    const between = new AbortController();
    const first = await start({
      setup: () => {
        between.abort();
        return {};
      },
    });
    const during = await start({ build: () => ({ ending: 'aborted', exitCode: null }) });
    const failing = new AbortController();
    const last = await start({
      coverage: () => {
        failing.abort();
        return Promise.reject(new Error('aborted'));
      },
    });
    const files = { [CONFIGURATION_PATH]: ALL_GATES };

    const aborted = { code: 'GATES_ABORTED', message: expect.stringContaining(COMMIT) };
    await expect(before.judge(files, { signal: AbortSignal.abort() })).rejects.toMatchObject(aborted);
    await expect(first.judge(files, { signal: between.signal })).rejects.toMatchObject(aborted);
    await expect(during.judge(files)).rejects.toMatchObject(aborted);
    await expect(last.judge(files, { signal: failing.signal })).rejects.toMatchObject(aborted);
    expect([before, first, during].map(({ commandRunner }) => commandRunner.programs)).toEqual([
      [],
      ['setup'],
      ['setup', 'build'],
    ]);
    expect(during.commandRunner.commands[0]?.signal).toBeUndefined();
    expect(first.commandRunner.commands[0]?.signal).toBe(between.signal);
  });

  describe('with a base commit', () => {
    const BASE = 'e'.repeat(40);
    const TESTS = 'gates:\n  test: { run: [test] }\n';
    const tap = (...lines: readonly string[]): Partial<CommandResult> => {
      const failed = lines.filter((line) => line.startsWith('not ok')).length;
      const counts = `# tests ${lines.length}\n# pass ${lines.length - failed}\n# fail ${failed}\n# skipped 0\n`;
      const text = `TAP version 13\n${lines.join('\n')}\n1..${lines.length}\n${counts}`;
      const exitCode = Math.sign(failed);
      return { exitCode, stdout: { text, totalBytes: text.length, isTruncated: false } };
    };

    /** What the gate says of the base commit and of the commit. */
    async function compare(
      before: Partial<CommandResult>,
      after: Partial<CommandResult>,
      files = { [CONFIGURATION_PATH]: TESTS },
      program = 'test',
      options: QualityGatesModuleOptions = {},
    ) {
      const directory = await mkdtemp(join(tmpdir(), 'base-'));
      const started = await start({ [program]: ({ cwd }) => (cwd.includes('base-') ? before : after) }, options);
      const remove = () => rm(directory, { recursive: true, force: true });
      const base = { commit: BASE, repository: 'a/b', checkout: async () => ({ directory, remove }) };
      const verdict = await started.judge(files, { base, changedFiles: [] });
      return { ...started, verdict, base };
    }

    it('fails a commit that lacks a test of it, by the name', async () => {
      const { verdict, commandRunner } = await compare(tap('ok 1 - adds', 'ok 2 - halves'), tap('ok 1 - adds'));

      expect(verdict).toMatchObject({
        passed: false,
        fault: 'change',
        summary: 'test failed: 1 test of the base commit is missing: halves',
        base: { commit: BASE, failed: [] },
      });
      expect(commandRunner.programs).toEqual(['test', 'test']);
    });

    it('does not hold against a commit what failed there, measures it once and says so', async () => {
      const { verdict, judge, base, commandRunner } = await compare(
        tap('not ok 1 - adds'),
        tap('not ok 1 - adds', 'ok 2 - new'),
      );

      await judge({ [CONFIGURATION_PATH]: TESTS }, { base });

      expect(verdict).toMatchObject({
        passed: true,
        fault: null,
        summary: 'test is as red as before this change',
        base: { commit: BASE, failed: ['test'] },
      });
      expect(commandRunner.programs).toEqual(['test', 'test', 'test']);
    });

    it('holds it against a commit where all must pass', async () => {
      const files = { [CONFIGURATION_PATH]: `base: must_pass\n${TESTS}` };

      expect((await compare(tap('not ok 1 - adds'), tap('not ok 1 - adds'), files)).verdict).toMatchObject({
        passed: false,
        summary: 'test failed: 1 of 1 test failed',
      });
    });

    it('sends nobody back for a setup that fails there, too, nor for what was therefore not run', async () => {
      const files = { [CONFIGURATION_PATH]: `gates:\n  setup: { run: [setup] }\n  test: { run: [test] }\n` };
      const broken = { exitCode: 1 };

      const { verdict, commandRunner } = await compare(broken, broken, files, 'setup');

      expect(verdict).toMatchObject({
        fault: 'definition',
        summary: expect.stringContaining('nothing can be shown until a person mends it there'),
        results: [{ fault: 'definition' }, { fault: 'definition', summary: 'It was not run, because setup failed' }],
      });
      expect(commandRunner.programs).toEqual(['setup', 'setup']);
      expect((await compare({}, broken, files, 'setup')).verdict).toMatchObject({
        fault: 'change',
        results: [{ fault: 'change' }, { fault: 'change' }],
      });
    });

    it('sends nobody back for a registry that is out of reach', async () => {
      const files = { [CONFIGURATION_PATH]: `gates:\n  setup: { run: [setup] }\n  test: { run: [test] }\n` };
      const text = 'npm error code EAI_AGAIN';
      const unreached = { exitCode: 1, stderr: { text, totalBytes: text.length, isTruncated: false } };
      const network = { socket: '/gate.sock', environment: {} };

      expect((await compare({}, unreached, files, 'setup')).verdict).toMatchObject({
        fault: 'definition',
        summary: expect.stringContaining('name that host in EGRESS_ALLOWED_HOSTS'),
      });
      expect((await compare({}, unreached, files, 'setup', { network })).verdict).toMatchObject({
        fault: 'coordinator',
        results: [{ fault: 'coordinator' }, { fault: 'coordinator' }],
      });
    });

    it('demands what the repository says of it, else what the coordinator says', async () => {
      const red = tap('not ok 1 - adds');
      const options = { defaultConfiguration: `base: must_pass\n${TESTS}` };
      const judged = async (text: string) =>
        (await compare(red, red, { [CONFIGURATION_PATH]: text }, 'test', options)).verdict.passed;

      expect(await judged('prompt: x')).toBe(false);
      expect(await judged(TESTS)).toBe(false);
      expect(await judged(`base: must_not_worsen\n${TESTS}`)).toBe(true);
    });

    it('keeps what the base commit downloads, and of what an agent makes of it nothing', async () => {
      const place = await mkdtemp(join(tmpdir(), 'kept-'));
      const base = await mkdtemp(join(tmpdir(), 'base-'));
      const dependencyCache = new FolderDependencyCache({ folder: join(place, 'kept'), clock: new FakeClock(0) });
      const seen: string[] = [];
      const setup = async ({ cwd, env }: Command): Promise<Partial<CommandResult>> => {
        const file = join(env['HOME'] ?? '', 'cache/download');
        const isBase = cwd.includes('base-');
        seen.push(`${isBase ? 'base' : 'agent'}: ${await readFile(file, 'utf8').catch(() => 'nothing')}`);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, isBase ? 'good' : 'poisoned');
        return {};
      };
      const { judge } = await start({ setup }, { dependencyCache });
      const files = {
        lock: 'of the base commit',
        [CONFIGURATION_PATH]:
          'gates:\n  setup: { run: [setup], cache: { key: [lock], paths: [cache] } }\n  test: { run: [test] }\n',
      };
      const gateBase = (commit: string) => ({
        base: { commit, repository: 'a/b', checkout: async () => ({ directory: base, remove: async () => undefined }) },
      });

      await judge(files, gateBase(BASE));
      await judge(files, gateBase(BASE));
      await judge(files, gateBase('f'.repeat(40)));
      await rm(place, { recursive: true });
      await rm(base, { recursive: true });

      expect(seen).toEqual(['base: nothing', 'agent: good', 'agent: good', 'base: good', 'agent: good']);
    });

    it('fails where the base commit cannot be had, and throws when it is aborted meanwhile', async () => {
      const { judge } = await start({ test: () => ({ ending: 'aborted', exitCode: null }) });
      const files = { [CONFIGURATION_PATH]: TESTS };
      const base = { commit: BASE, repository: 'a/b', checkout: () => Promise.reject(new Error('git is gone')) };
      const there = { ...base, checkout: async () => ({ directory: checkout, remove: async () => undefined }) };

      expect(await judge(files, { base })).toMatchObject({
        fault: 'coordinator',
        summary: 'test failed: The coordinator could not measure the base commit: git is gone',
      });
      await expect(judge(files, { base: there })).rejects.toMatchObject({ code: 'GATES_ABORTED' });
    });
  });

  it('demands that the changed lines are covered', async () => {
    const files = {
      [CONFIGURATION_PATH]: `gates:
  test: { run: [test] }
  coverage: { run: [coverage], report: out/lcov.info, changed_lines: 90 }
`,
    };
    const report = writesReport('SF:a.js\nDA:1,1\nDA:2,0\nLF:2\nLH:1\nend_of_record\n');
    const { judge } = await start({ coverage: report });
    const failing = await start({ coverage: async () => ({ ...(await report()), exitCode: 3 }) });
    const diff = async () => '+++ b/a.js\n@@ -0,0 +1,2 @@\n+x\n+y\n';

    expect(await judge(files, { diff })).toMatchObject({
      passed: false,
      fault: 'change',
      summary: expect.stringMatching(/^coverage failed: 50 % of the changed lines are covered, .* not run: a\.js:2$/),
    });
    expect((await failing.judge(files, { diff })).summary).toMatch(
      /^coverage failed: Exit code 3; 50 % of the changed/,
    );
    expect((await judge(files, { diff: async () => '' })).passed).toBe(true);
    expect((await judge(files)).summary).toMatch(/too large/);
  });

  it('tells the versions of the programs that gates name', async () => {
    const text = 'v20.20.2';
    const { judge } = await start({ node: () => ({ stdout: { text, totalBytes: 8, isTruncated: false } }) });

    expect((await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: { run: [test, node] }' })).tools).toEqual({
      node: text,
    });
    expect(await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: { run: [test] }' })).not.toHaveProperty('tools');
  });

  it('names few of many gate files that were touched', async () => {
    const { judge } = await start();
    const paths = Array.from({ length: 7 }, (_, n) => `a${n}/tox.ini`);
    for (const path of paths) {
      await mkdir(dirname(join(checkout, path)));
      await writeFile(join(checkout, path), 'x');
    }
    const changedFiles = paths.map((path) => ({ path, change: 'added' }) as const);

    const verdict = await judge({ [CONFIGURATION_PATH]: 'gates:\n  test: x' }, { changedFiles });

    expect(verdict.summary).toMatch(/^test passed\. Gate files touched: a0\/tox\.ini, .* and 2 more; the gates ran/);
    expect(verdict.gateFilesTouched).toEqual(paths);
  });

  it.each([
    { commit: 'HEAD' },
    { base: { commit: 'x', repository: 'a/b', checkout: NEVER } },
    { commit: 'D'.repeat(40) },
    { checkout: 'relative' },
  ])('refuses the subject %j', async (wrong) => {
    const { judge } = await start();

    await expect(judge({}, wrong)).rejects.toMatchObject({ code: 'GATES_SUBJECT_INVALID' });
  });
});
