import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { ProcessCommandRunner, SANDBOX } from '../command-runner/index.js';
import { BubblewrapSandbox } from './bubblewrap-sandbox.js';
import { NoSandbox } from './no-sandbox.js';
import { probeFailure, versionFailure } from './probe-failure.js';
import { probeSandbox } from './probe-sandbox.js';
import { SandboxModule } from './sandbox.module.js';
import { SANDBOX_STATE } from './sandbox.types.js';

jest.setTimeout(120_000);

describe('probeSandbox', () => {
  let folder: string;

  beforeEach(() => {
    folder = makeTemporaryFolder().path;
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A bwrap that does what a script says, as on other machines. */
  function bubblewrap(script: string): string {
    const path = join(folder, 'bwrap');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }
  const told = (version: string): string => `[ "$1" = --version ] && echo "bubblewrap ${version}" && exit 0`;
  /** Lets the program that follows the last of bubblewrap's own arguments run as it is. */
  const RUN = `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`;

  async function probe(bubblewrapPath: string) {
    const sandbox = new BubblewrapSandbox({ bubblewrapPath, folder });
    return probeSandbox(new ProcessCommandRunner({ sandbox }), sandbox.bubblewrapPath);
  }

  it('says what to install where bubblewrap is missing', async () => {
    expect(await probe(join(folder, 'bwrap'))).toEqual({
      usable: false,
      reason: `The program ${folder}/bwrap is not installed`,
      remedy: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  it('says what to allow where user namespaces are forbidden', async () => {
    const forbidden = `${told('0.8.0')}; echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1`;

    expect(await probe(bubblewrap(forbidden))).toEqual({
      usable: false,
      reason: 'The sandbox could not be set up: bwrap: setting up uid map: Permission denied',
      remedy: expect.stringContaining('kernel.apparmor_restrict_unprivileged_userns=0'),
    });
  });

  it('says so where bubblewrap is too old or no bubblewrap', async () => {
    expect(await probe(bubblewrap(told('0.4.1')))).toMatchObject({
      usable: false,
      reason: 'bubblewrap 0.4.1 is too old',
    });
    expect(await probe(bubblewrap('echo nothing'))).toMatchObject({ usable: false });
  });

  it('believes only a program that runs as nobody inside', async () => {
    const lying = bubblewrap(`${told('0.11.0')}; ${RUN.replace('exec "$@"', 'shift $(($# - 2)); echo 0; exit 0')}`);

    expect(await probe(lying)).toMatchObject({ usable: false, reason: expect.stringContaining('could not be set up') });
    const wrong = bubblewrap(`${told('0.11.0')}; echo started >&3; echo 0`);
    expect(await probe(wrong)).toMatchObject({
      usable: false,
      reason: expect.stringContaining('did not do what it should: no message'),
    });
    const complaining = bubblewrap(`${told('0.11.0')}; echo started >&3; echo 'id: no such user' >&2; exit 1`);
    expect(await probe(complaining)).toMatchObject({
      usable: false,
      reason: expect.stringContaining('id: no such user'),
    });
    const right = bubblewrap(`${told('0.11.0')}; echo started >&3; echo 65534`);
    expect(await probe(right)).toEqual({ usable: true, version: '0.11.0' });
  });

  it.each([
    ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", 'systempaths=unconfined.'],
    ['bwrap: Creating new namespace failed: Operation not permitted', 'kernel.unprivileged_userns_clone=1'],
    ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', 'AppArmor profile'],
    ['bwrap: execvp /usr/bin/prlimit: No such file or directory', 'util-linux'],
    ['bwrap: Unknown option', 'by hand'],
  ])('knows what to do about %j', (reason, remedy) => {
    expect(probeFailure(reason).remedy).toContain(remedy);
  });

  it('takes the versions that it can work with', () => {
    expect(['0.8.0', '0.11', '1.0.0'].map(versionFailure)).toEqual([null, null, null]);
    expect(['0.7.9', '0'].map((version) => versionFailure(version)?.usable)).toEqual([false, false]);
  });

  it('keeps the module from starting where there is no sandbox', async () => {
    const starting = Test.createTestingModule({
      imports: [SandboxModule.forRoot({ bubblewrapPath: join(folder, 'bwrap'), folder })],
    }).compile();

    await expect(starting).rejects.toMatchObject({
      code: 'SANDBOX_UNUSABLE',
      message: expect.stringContaining('apt-get install bubblewrap'),
    });
  });

  it('lets programs run unconfined where that is allowed, and says so', async () => {
    const module = await Test.createTestingModule({
      imports: [SandboxModule.forRoot({ bubblewrapPath: join(folder, 'bwrap'), allowUnsandboxed: true })],
    }).compile();

    expect(module.get(SANDBOX)).toBeInstanceOf(NoSandbox);
    expect(module.get(SANDBOX_STATE)).toEqual({
      isConfining: false,
      version: null,
      warning: expect.stringMatching(/^Agents and gates run unconfined\. .* is not installed\. Install bubblewrap/),
    });
    await module.close();
  });

  it('gives out the sandbox where it is usable', async () => {
    const bubblewrapPath = bubblewrap(`${told('0.11.0')}; echo started >&3; echo 65534`);
    const module = await Test.createTestingModule({
      imports: [SandboxModule.forRootAsync({ useFactory: () => ({ bubblewrapPath }) })],
    }).compile();

    expect(module.get(SANDBOX)).toBeInstanceOf(BubblewrapSandbox);
    expect(module.get(SANDBOX_STATE)).toEqual({ isConfining: true, version: '0.11.0', warning: null });
    await module.close();
  });
});
