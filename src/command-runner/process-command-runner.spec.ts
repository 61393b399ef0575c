import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCommandRunner } from '../../test/contracts/command-runner.contract.js';
import { SystemClock, SystemRandomness } from '../kernel/index.js';
import { CommandRunnerModule } from './command-runner.module.js';
import type { CommandRunnerModuleOptions } from './command-runner.options.js';
import { COMMAND_RUNNER, type Command, type CommandRunner } from './command-runner.port.js';
import { endLeftovers } from './end-leftovers.js';
import { ProcessCommandRunner } from './process-command-runner.js';
import { ProcProcessTable } from './process-table.js';

jest.setTimeout(120_000);

/** A system without a process table to read, as macOS is. */
class GroupsOnly extends ProcProcessTable {
  override list(): null {
    return null;
  }

  override startOf(): null {
    return null;
  }
}

const withoutTable = (): ProcessCommandRunner =>
  new ProcessCommandRunner({ graceMs: 100 }, new SystemClock(), new SystemRandomness(), new GroupsOnly());

describeCommandRunner('ProcessCommandRunner', () => new ProcessCommandRunner({ graceMs: 100 }));
describeCommandRunner('ProcessCommandRunner without /proc', withoutTable);

/** Looks for processes in its own way, so that it does not share a fault with what it checks. */
function survivors(tag: string): string[] {
  const environments = readdirSync('/proc').map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1');
    } catch {
      return '';
    }
  });
  return environments.filter((environment) => environment.includes(tag));
}

describe('ProcessCommandRunner', () => {
  let directory: string;
  let tag: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'command-runner-'));
    tag = `TEST_TAG=${randomUUID()}`;
    execFileSync('mkfifo', [join(directory, 'ready')]);
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  const shell = (script: string, rest: Partial<Command> = {}): Command => ({
    argv: ['bash', '-c', script],
    cwd: directory,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', TEST_TAG: tag.slice('TEST_TAG='.length) },
    timeoutMs: 20_000,
    ...rest,
  });

  it('has all of the output though its process is paused again and again', async () => {
    const runner = makeRunner();
    const pauses = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 0.1; kill -STOP $0; sleep 0.3; kill -CONT $0; done';
    const pausing = spawn('sh', ['-c', pauses, String(process.pid)]);
    const printed: string[] = [];

    const many = Array.from({ length: 6 }, async () => {
      while (pausing.exitCode === null) printed.push((await runner.run(shell('echo all'))).stdout.text);
    });
    await Promise.all(many);

    expect(new Set(printed)).toEqual(new Set(['all\n']));
  });

  const isReady = (): Promise<unknown> => readFile(join(directory, 'ready'));
  const makeRunner = (options: CommandRunnerModuleOptions = {}) =>
    new ProcessCommandRunner({ graceMs: 100, ...options });

  const nasty = {
    'traps SIGTERM': `trap '' TERM; echo > ready; while :; do sleep 1; done`,
    'leaves its process group': `setsid sleep 1000 & echo > ready; sleep 1000`,
    'leaves its process group and traps SIGTERM': `setsid bash -c "trap '' TERM; echo > ready; while :; do sleep 1; done" & wait`,
    'forks twice, into a session of its own': `(setsid bash -c 'bash -c "echo > ready; sleep 1000" & exit' & ); sleep 1000`,
    'ignores the hang-up': `nohup sleep 1000 >/dev/null 2>&1 & nohup setsid sleep 1000 & echo > ready; sleep 1000`,
    'clears the environment of its children': `env -i setsid /bin/sleep 1000 & echo > ready; sleep 1000`,
    'is stopped': `sleep 1000 & kill -STOP $!; echo > ready; sleep 1000`,
    'hops from process to process': `hop() { setsid bash -c "$(declare -f hop); sleep 0.02; hop" & }; hop; echo > ready; sleep 1000`,
  };

  it.each(Object.entries(nasty))('leaves nothing of a program that %s', async (_, script) => {
    const abort = new AbortController();
    const running = makeRunner().run(shell(script, { signal: abort.signal }));
    await isReady();

    abort.abort();

    expect(await running).toMatchObject({ ending: 'aborted' });
    expect(survivors(tag)).toEqual([]);
  });

  it('lets a program clean up before it is killed', async () => {
    const script = `trap 'echo cleaned; exit 0' TERM; echo > ready; while :; do sleep 0.01; done`;
    const abort = new AbortController();
    const running = makeRunner({ graceMs: 10_000 }).run(shell(script, { signal: abort.signal }));
    await isReady();

    abort.abort();

    expect((await running).stdout.text).toBe('cleaned\n');
  });

  it('asks a process to end once only', async () => {
    const script = `trap 'echo asked' TERM; echo > ready; while :; do sleep 0.01; done`;
    const abort = new AbortController();
    const running = makeRunner({ graceMs: 300 }).run(shell(script, { signal: abort.signal }));
    await isReady();

    abort.abort();

    expect((await running).stdout.text).toBe('asked\n');
  });

  it('ends and counts what a program left behind, though it holds the output open', async () => {
    const result = await makeRunner().run(shell('sleep 1000 & setsid sleep 1000 & (setsid sleep 1000 &) ; echo done'));

    expect(result).toMatchObject({ ending: 'exited', exitCode: 0, leftBehind: 3, stdout: { text: 'done\n' } });
    expect(survivors(tag)).toEqual([]);
  });

  it('does not count what ends by itself right after the program', async () => {
    expect(await makeRunner().run(shell('sleep 0.03 & exit 0'))).toMatchObject({ exitCode: 0, leftBehind: 0 });
  });

  it('finds a daemon that is being loaded at the moment its parent ends', async () => {
    const runs = await Promise.all(
      [...Array(20).keys()].map(() => makeRunner().run(shell('(setsid sleep 1000 >/dev/null 2>&1 &)'))),
    );

    expect(runs.map((run) => run.leftBehind)).toEqual(Array(20).fill(1));
    expect(survivors(tag)).toEqual([]);
  });

  it('does not wait for an output that somebody else holds open', async () => {
    // Nothing of it can be recognised: no mark, no group, no parent. The test ends it by itself.
    const script = `(env -i setsid bash -c 'echo $$ > pid; echo > ready; exec sleep 1000' &); read < ready; echo done`;

    const result = await makeRunner().run(shell(script));

    process.kill(Number(await readFile(join(directory, 'pid'), 'utf8')), 'SIGKILL');
    expect(result).toMatchObject({ exitCode: 0, leftBehind: 0, stdout: { text: 'done\n' } });
  });

  it('ends one command and leaves the others alone', async () => {
    const runner = makeRunner();
    const abort = new AbortController();
    const other = runner.run(shell('read line < ready; echo "$line"'));
    const aborted = runner.run(shell('sleep 1000', { signal: abort.signal }));

    abort.abort();
    await aborted;
    await writeFile(join(directory, 'ready'), 'still here\n');

    expect((await other).stdout.text).toBe('still here\n');
  });

  it('takes 200 MB of output without keeping it', async () => {
    const before = process.memoryUsage().rss;

    const result = await makeRunner().run(shell(`head -c 200000000 /dev/zero | tr '\\0' a`));

    expect(result.stdout).toMatchObject({ totalBytes: 200_000_000, isTruncated: true });
    expect(result.stdout.text.length).toBeLessThan(270_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(64_000_000);
  });

  it('says that a program may not be run', async () => {
    await writeFile(join(directory, 'plain'), 'no program');
    await chmod(join(directory, 'plain'), 0o644);

    const result = await makeRunner().run(shell('', { argv: [join(directory, 'plain')] }));

    expect(result).toMatchObject({ ending: 'not_started' });
    expect(result.reason).toContain('may not be run');
  });

  it('quotes no environment when it cannot start a program', async () => {
    const result = await makeRunner().run(shell('', { env: { KEY: 'secret\0' } }));

    expect(result).toMatchObject({ ending: 'not_started' });
    expect(result.reason).not.toContain('secret');
  });

  it('waits longer than a timer of Node can', async () => {
    expect(await makeRunner().run(shell('exit 0', { timeoutMs: 1e12 }))).toMatchObject({ ending: 'exited' });
  });

  it('ends everything when the application shuts down, and starts nothing after it', async () => {
    const module = await Test.createTestingModule({
      imports: [CommandRunnerModule.forRoot({ ownerId: 'data-1', graceMs: 50 })],
    }).compile();
    const runner = module.get<CommandRunner>(COMMAND_RUNNER);
    const running = runner.run(shell('setsid sleep 1000 & echo > ready; sleep 1000'));
    await isReady();

    await module.close();

    expect(survivors(tag)).toEqual([]);
    expect(await running).toMatchObject({ ending: 'aborted' });
    expect(await runner.run(shell('true'))).toMatchObject({ ending: 'aborted' });
  });

  it('works with no option given', async () => {
    const module = await Test.createTestingModule({ imports: [CommandRunnerModule.forRoot({})] }).compile();

    const result = await module.get<CommandRunner>(COMMAND_RUNNER).run(shell('echo "${MOSAIC_OWNER-none}"'));

    expect(result.stdout.text).toBe('none\n');
    await module.close();
  });

  it.each([
    { ownerId: '' },
    { ownerId: 'a b' },
    { ownerId: 'x\0y' },
    { graceMs: -1 },
    { graceMs: Number.NaN },
    { graceMs: 60_001 },
  ])('refuses %j', (options) => {
    expect(() => new ProcessCommandRunner(options)).toThrow(
      expect.objectContaining({ code: 'COMMAND_RUNNER_OPTIONS_INVALID' }),
    );
  });
});

describe('endLeftovers', () => {
  it('ends what a killed coordinator left, of this owner alone', async () => {
    const owner = randomUUID();
    const [mine, other] = [`MOSAIC_OWNER=${owner}`, `MOSAIC_OWNER=other-${owner}`];
    const daemon = (env: string): string =>
      execFileSync('bash', ['-c', `${env} setsid bash -c "trap '' TERM; sleep 1000" >/dev/null 2>&1 & echo $!`], {
        encoding: 'utf8',
      });
    daemon(mine);
    const spared = daemon(other);

    const ended = await endLeftovers(owner, { graceMs: 50 });
    const others = survivors(other);
    process.kill(-Number(spared), 'SIGKILL');

    expect(ended).toBeGreaterThanOrEqual(1);
    expect(survivors(mine)).toEqual([]);
    expect(others).not.toEqual([]);
  });

  it('finds nothing where nothing was left', async () => {
    expect(await endLeftovers(randomUUID())).toBe(0);
    expect(await endLeftovers(randomUUID(), { table: new GroupsOnly() })).toBe(0);
  });
});
