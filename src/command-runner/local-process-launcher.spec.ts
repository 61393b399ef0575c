import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeProcessLauncher } from '../../test/contracts/process-launcher.contract.js';
import { nastyPrograms, someSeconds, survivors } from '../../test/support/nasty-programs.js';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { CommandRunnerModule } from './command-runner.module.js';
import type { LaunchRequest } from './process-launcher.port.js';
import { LocalProcessLauncher } from './local-process-launcher.js';
import { PROCESS_LAUNCHER, type ProcessLauncher } from './process-launcher.port.js';
import { ProcessCommandRunner } from './process-command-runner.js';
import { SANDBOX, type Sandbox } from './sandbox.port.js';

jest.setTimeout(120_000);

describeProcessLauncher('LocalProcessLauncher', () => new LocalProcessLauncher({ graceMs: 300 }));

describe('LocalProcessLauncher', () => {
  let directory: string;
  const seconds = someSeconds();

  beforeEach(() => {
    directory = makeTemporaryFolder().path;
    execFileSync('mkfifo', [join(directory, 'ready')]);
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  const request = (script: string): LaunchRequest => ({
    argv: ['bash', '-c', script],
    cwd: directory,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  });

  it.each(Object.entries(nastyPrograms(seconds)))('leaves nothing of a program that %s', async (_, script) => {
    const launched = new LocalProcessLauncher({ graceMs: 100 }).launch(request(script));
    await readFile(join(directory, 'ready'));

    await launched.end();

    expect(survivors(seconds)).toEqual([]);
  });

  it('ends everything when the application shuts down, and starts nothing after it', async () => {
    const module = await Test.createTestingModule({
      imports: [CommandRunnerModule.forRoot({ graceMs: 50 })],
    }).compile();
    const launcher = module.get<ProcessLauncher>(PROCESS_LAUNCHER);
    launcher.launch(request(`setsid sleep ${seconds} & echo > ready; sleep ${seconds}`));
    await readFile(join(directory, 'ready'));

    await module.close();

    expect(survivors(seconds)).toEqual([]);
    const late = launcher.launch(request('true'));
    expect(await late.failure).toBe('The coordinator is shutting down');
  });

  it('quotes no environment when it cannot start a program', async () => {
    const launched = new LocalProcessLauncher().launch({ ...request('true'), env: { KEY: 'secret\0' } });

    expect(await launched.failure).toBe('The program bash could not be started (ERR_INVALID_ARG_VALUE)');
  });

  it('refuses a program that is to have a network where nothing leads it there', async () => {
    const confinement = { writable: [directory], network: { socket: '/gone', environment: {} } };

    const launched = new LocalProcessLauncher().launch({ ...request('true'), confinement });

    expect(await launched.failure).toBe('There is no sandbox that leads the program to its network');
  });

  it('runs a confined program as any other where there is no sandbox', async () => {
    const confined = { ...request('echo free'), confinement: { writable: [] }, timeoutMs: 60_000 };

    expect(await new ProcessCommandRunner().run(confined)).toMatchObject({ exitCode: 0, stdout: { text: 'free\n' } });
  });

  it("starts confined programs by the application's sandbox", async () => {
    const sandbox: Sandbox = {
      confine: () => ({ argv: ['echo', 'confined'], ownProcesses: 0, hasNamespace: false, limits: null }),
    };
    const shared = { module: class Shared {}, global: true, providers: [{ provide: SANDBOX, useValue: sandbox }] };
    const module = await Test.createTestingModule({
      imports: [CommandRunnerModule.forRoot({}), { ...shared, exports: [SANDBOX] }],
    }).compile();
    const launched = module
      .get<ProcessLauncher>(PROCESS_LAUNCHER)
      .launch({ ...request('echo free'), confinement: { writable: [] } });

    const [said] = await launched.stdout.take(1).toArray();
    await launched.end();
    await module.close();

    expect(String(said)).toBe('confined\n');
  });
});
