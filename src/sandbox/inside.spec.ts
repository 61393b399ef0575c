import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compileSource } from '../../test/support/compiled-source.js';
import { nastyPrograms, someSeconds, survivors, unrecognisable } from '../../test/support/nasty-programs.js';
import { startScript } from '../../test/support/script-process.js';
import { describeSandboxed, lookForSandbox } from '../../test/support/usable-sandbox.js';
import {
  LocalProcessLauncher,
  ProcessCommandRunner,
  type CommandResult,
  type Confinement,
} from '../command-runner/index.js';
import { BubblewrapSandbox } from './bubblewrap-sandbox.js';
import type { SandboxLimits } from './sandbox.options.js';

jest.setTimeout(120_000);

const probe = await lookForSandbox();
const PATH = `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`;
const sandboxes: BubblewrapSandbox[] = [];

function makeSandbox(limits: Partial<SandboxLimits> = {}): BubblewrapSandbox {
  const sandbox = new BubblewrapSandbox({ limits });
  sandboxes.push(sandbox);
  return sandbox;
}
const usual = makeSandbox();

afterAll(() => sandboxes.forEach((sandbox) => sandbox.onApplicationShutdown()));

describeSandboxed(probe, 'a program in the sandbox', () => {
  let folder: string;
  let workspace: string;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'sandbox-')));
    workspace = join(folder, 'workspace');
    await mkdir(workspace);
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  interface Run {
    readonly sandbox?: BubblewrapSandbox;
    readonly confinement?: Partial<Confinement>;
  }
  function run(argv: [string, ...string[]], { sandbox = usual, confinement = {} }: Run = {}): Promise<CommandResult> {
    return new ProcessCommandRunner({ graceMs: 100, sandbox }).run({
      argv,
      cwd: workspace,
      env: { PATH, HOME: workspace, TMPDIR: workspace },
      timeoutMs: 60_000,
      confinement: { writable: [workspace], ...confinement },
    });
  }
  const shell = (script: string, rest?: Run) => run(['bash', '-c', script], rest);
  const node = (script: string, rest?: Run) => run([process.execPath, '-e', script], rest);

  it('is nobody, with no right over the system and no way to get one', async () => {
    const { stdout } = await shell(
      `id -u; id -g; id -un; grep -E '^(Cap|NoNew)' /proc/self/status; unshare -U true || echo refused`,
    );

    expect(stdout.text.split('\n')).toEqual([
      '65534',
      '65534',
      'nobody',
      'CapInh:\t0000000000000000',
      'CapPrm:\t0000000000000000',
      'CapEff:\t0000000000000000',
      'CapBnd:\t0000000000000000',
      'CapAmb:\t0000000000000000',
      'NoNewPrivs:\t1',
      'refused',
      '',
    ]);
  });

  it('sees no process but its own', async () => {
    const { stdout } = await shell(
      `cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; kill -0 ${process.pid} || echo none`,
    );

    expect(stdout.text).toMatch(/bwrap.*none\n$/s);
    expect(stdout.text).not.toContain('jest');
  });

  it('finds in the environment of every process what it was given alone', async () => {
    const { stdout } = await shell(`cat /proc/[0-9]*/environ | tr '\\0' '\\n' | sed 's/=.*//' | sort -u`);

    expect(stdout.text.trim().split('\n')).toEqual(
      expect.arrayContaining(['HOME', 'MOSAIC_COMMAND', 'PATH', 'TMPDIR']),
    );
    expect(stdout.text.trim().split('\n')).not.toContain('JEST_WORKER_ID');
  });

  it('reaches no address, neither of this machine nor of a cloud', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const { stdout } = await node(`
      const { connect } = require('node:net');
      for (const [host, port] of [['127.0.0.1', ${port}], ['169.254.169.254', 80], ['1.1.1.1', 53]])
        connect({ host, port }).on('error', ({ code }) => console.log(host, code)).on('connect', () => console.log('CONNECTED'));
    `);
    server.close();

    expect(stdout.text.trim().split('\n').sort()).toEqual([
      '1.1.1.1 ENETUNREACH',
      '127.0.0.1 ECONNREFUSED',
      '169.254.169.254 ENETUNREACH',
    ]);
  });

  it('can serve and reach what is its own', async () => {
    const { stdout } = await node(`
      const server = require('node:http').createServer((_, answer) => answer.end('own')).listen(0, '127.0.0.1', async () => {
        console.log(await (await fetch('http://127.0.0.1:' + server.address().port)).text());
        server.close();
      });
    `);

    expect(stdout.text).toBe('own\n');
  });

  it('writes nowhere but in its directories', async () => {
    const places = ['/', '/etc', '/usr', '/dev', '/run', '/proc/sys/kernel', '/usr/local/etc', '/home', '/var'];
    const { stdout } = await shell(
      `${places.map((place) => `touch ${join(place, 'planted')} 2>/dev/null && echo ${place}`).join('; ')}; touch ${folder}/planted; echo here > ok`,
    );

    expect(stdout.text).toBe('');
    expect(readdirSync(folder)).toEqual(['workspace']);
    expect(await readFile(join(workspace, 'ok'), 'utf8')).toBe('here\n');
  });

  it('changes no setting of the kernel, though the service be root', async () => {
    const { stdout } = await shell(`
      for setting in kernel/core_pattern kernel/hostname vm/overcommit_memory; do
        value=$(cat /proc/sys/$setting); { echo "$value" > /proc/sys/$setting; } 2>/dev/null && echo "wrote $setting"
      done; echo end`);

    expect(stdout.text).toBe('end\n');
  });

  it('reads nothing of the service and of people', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'coordinator.db'), 'canary');

    const { stdout } = await shell(
      `cat ${folder}/data/coordinator.db /etc/shadow /root/.bashrc /etc/ssh/* /etc/ssl/private/* 2>/dev/null; ls ${folder} /root /home /var/lib /sys 2>/dev/null; cat /etc/passwd | wc -l`,
    );

    expect(stdout.text).toBe(`${folder}:
workspace
2
`);
  });

  it('reads what it may, and writes in what lies in it where it may', async () => {
    const shared = join(folder, 'shared');
    await mkdir(join(shared, 'inner'), { recursive: true });
    await writeFile(join(shared, 'text'), 'shared\n');
    await symlink(shared, join(folder, 'link'));

    const { stdout } = await shell(
      `cat ${shared}/text ${folder}/link/text; touch ${shared}/x ${folder}/link/x 2>/dev/null || echo refused; echo in > ${shared}/inner/x`,
      {
        confinement: {
          writable: [join(shared, 'inner'), workspace],
          readable: [join(folder, 'link'), shared, join(folder, 'gone')],
        },
      },
    );

    expect(stdout.text).toBe('shared\nshared\nrefused\n');
    expect(await readFile(join(shared, 'inner', 'x'), 'utf8')).toBe('in\n');
  });

  it('has folders of its own for what is temporary, of limited size', async () => {
    const sandbox = makeSandbox({ temporaryBytes: 1_000_000 });
    const name = randomUUID();

    const { stdout } = await shell(
      `for place in /tmp /var/tmp /dev/shm; do head -c 3000000 /dev/zero > $place/${name} 2>/dev/null || echo full; done`,
      { sandbox },
    );

    expect(stdout.text).toBe('full\nfull\nfull\n');
    expect(['/tmp', '/var/tmp', '/dev/shm'].filter((place) => existsSync(join(place, name)))).toEqual([]);
  });

  it('inherits no descriptor but its three', async () => {
    const { stdout } = await shell('for n in 3 4 5 6 7 8 9; do [ -e /proc/self/fd/$n ] && echo $n; done; echo end');

    expect(stdout.text).toBe('end\n');
  });

  it('is told apart by how it ended', async () => {
    expect(await shell('exit 200')).toMatchObject({ ending: 'exited', exitCode: 200 });
    expect(await shell('exit 127')).toMatchObject({ ending: 'exited', exitCode: 127 });
    expect(await shell('kill -KILL $$')).toMatchObject({
      ending: 'killed',
      exitCode: null,
      reason: 'Killed by SIGKILL, which the coordinator did not send; it may have run out of memory',
    });
    await writeFile(join(workspace, 'plain'), 'no program');
    expect(await run(['./plain'])).toMatchObject({
      ending: 'not_started',
      reason: 'The program ./plain may not be run by this user',
    });
  });

  it('is counted by what it leaves behind, which is ended', async () => {
    const seconds = someSeconds();

    const left = await shell(
      `sleep ${seconds} & setsid sleep ${seconds} & (env -i setsid /bin/sleep ${seconds} &); echo done`,
    );

    expect(left).toMatchObject({ ending: 'exited', exitCode: 0, leftBehind: 3, stdout: { text: 'done\n' } });
    expect(survivors(seconds)).toEqual([]);
    expect(await shell('sleep 0.03 & exit 0')).toMatchObject({ exitCode: 0, leftBehind: 0 });
  });

  it('cannot make a failure look like a success', async () => {
    // The warden is the parent; what it says goes over a socket that this program does not have.
    const { exitCode, ending } = await shell(`
      for fd in /proc/$PPID/fd/*; do { printf 'started\\nleft 0\\n' > $fd; } 2>/dev/null; done; kill -KILL $PPID; exit 0`);

    expect({ exitCode, ending }).toEqual({ exitCode: null, ending: 'killed' });
  });

  it('says why it was not started where the sandbox cannot be made', async () => {
    const gone = await shell('true', { confinement: { writable: [join(folder, 'gone')] } });
    const elsewhere = await new ProcessCommandRunner({ sandbox: usual }).run({
      argv: ['true'],
      cwd: folder,
      env: { PATH },
      timeoutMs: 60_000,
      confinement: { writable: [] },
    });

    expect(gone).toMatchObject({ ending: 'not_started', reason: expect.stringContaining(`${folder}/gone`) });
    expect(elsewhere).toMatchObject({
      ending: 'not_started',
      reason: expect.stringMatching(/^The sandbox could not be set up: bwrap: Can't chdir/),
    });
    const launched = new LocalProcessLauncher({ sandbox: usual }).launch({
      argv: ['true'],
      cwd: folder,
      env: { PATH },
      confinement: { writable: [] },
    });
    expect(await launched.failure).toContain("Can't chdir");
    await launched.end();
  });

  describe('with limits', () => {
    it('does not start more processes than it may', async () => {
      const seconds = someSeconds();
      const sandbox = makeSandbox({ processes: 60 });

      const { exitCode, ending } = await run(['sh', '-c', `while sleep 0.01; do sleep ${seconds} & done`], { sandbox });

      expect({ exitCode, ending }).not.toEqual({ exitCode: 0, ending: 'exited' });
      expect(survivors(seconds)).toEqual([]);
    });

    it('does not take more memory than it may, alone', async () => {
      const sandbox = makeSandbox({ memoryBytes: 300_000_000 });

      const { exitCode, stdout } = await node('a = []; for (;;) a.push(Buffer.alloc(1e7, 1)), console.log(a.length)', {
        sandbox,
      });

      expect(exitCode).not.toBe(0);
      expect(stdout.text.trim().split('\n').length).toBeLessThan(31);
    });

    it('does not take more memory than it may, with others', async () => {
      const sandbox = makeSandbox({ treeMemoryBytes: 200_000_000 });
      const hog = 'a = Buffer.alloc(15e7, 1); setInterval(() => a, 1e6)';

      const result = await shell(`node -e '${hog}' & node -e '${hog}' & wait`, { sandbox });

      expect(result).toMatchObject({ ending: 'killed' });
      expect(result.reason).toMatch(
        /^Killed: Its processes took \d+ MB of memory together, more than the 191 MB allowed$/,
      );
    });

    it('does not write a larger file than it may', async () => {
      const sandbox = makeSandbox({ fileBytes: 1_000_000 });

      const result = await run(['head', '-c', '5000000', '/dev/zero'], { sandbox });
      const written = await run(['sh', '-c', 'exec head -c 5000000 /dev/zero > big'], { sandbox });

      expect(result).toMatchObject({ ending: 'exited', stdout: { totalBytes: 5_000_000 } });
      expect(written).toMatchObject({ ending: 'killed', reason: expect.stringContaining('larger file than it may') });
      expect(statSync(join(workspace, 'big')).size).toBe(1_000_000);
    });
  });

  describe('that does not want to end', () => {
    const seconds = someSeconds();
    const programs = { ...nastyPrograms(seconds), 'clears all by which it is known': unrecognisable(seconds) };

    beforeEach(() => {
      execFileSync('mkfifo', [join(workspace, 'ready')]);
    });

    const request = (script: string) => ({
      argv: ['bash', '-c', script] as const,
      cwd: workspace,
      env: { PATH },
      confinement: { writable: [workspace] },
    });

    it.each(Object.entries(programs))('is gone when it is ended, one that %s', async (_, script) => {
      const launched = new LocalProcessLauncher({ graceMs: 100, sandbox: usual }).launch(request(script));
      await readFile(join(workspace, 'ready'));

      await launched.end();

      expect(survivors(seconds)).toEqual([]);
    });

    it.each(Object.entries(programs))('is gone when its command is aborted, one that %s', async (_, script) => {
      const abort = new AbortController();
      const runner = new ProcessCommandRunner({ graceMs: 100, sandbox: usual });
      const running = runner.run({ ...request(script), timeoutMs: 60_000, signal: abort.signal });
      await readFile(join(workspace, 'ready'));

      abort.abort();

      expect(await running).toMatchObject({ ending: 'aborted' });
      expect(survivors(seconds)).toEqual([]);
    });

    it('is gone when the application shuts down, and nothing starts after it', async () => {
      const launcher = new LocalProcessLauncher({ graceMs: 100, sandbox: usual });
      launcher.launch(request(unrecognisable(seconds)));
      await readFile(join(workspace, 'ready'));

      await launcher.onApplicationShutdown();

      expect(survivors(seconds)).toEqual([]);
      expect(await launcher.launch(request('true')).failure).toBe('The coordinator is shutting down');
    });

    it('is gone when the coordinator is killed, whose secrets it never saw', async () => {
      const canary = randomUUID();
      const root = join(folder, 'compiled');
      await mkdir(root);
      compileSource(root, ['kernel', 'command-runner', 'sandbox']);
      const script = `
        import { LocalProcessLauncher } from ${JSON.stringify(join(root, 'src/command-runner/index.js'))};
        import { BubblewrapSandbox } from ${JSON.stringify(join(root, 'src/sandbox/index.js'))};
        process.env.SECRET = ${JSON.stringify(canary)};
        const sandbox = new BubblewrapSandbox({ folder: ${JSON.stringify(folder)} });
        const launcher = new LocalProcessLauncher({ sandbox });
        const seen = launcher.launch({ ...${JSON.stringify(request('cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline'))} });
        let text = '';
        for await (const chunk of seen.stdout) text += chunk;
        console.log(text.includes(${JSON.stringify(canary)}) ? 'leaked' : 'clean ' + text.includes('MOSAIC_COMMAND'));
        await seen.end();
        launcher.launch(${JSON.stringify(request(unrecognisable(seconds)))});
      `;
      const coordinator = startScript(root, script);
      const line = await coordinator.nextLine();
      await readFile(join(workspace, 'ready'));

      await coordinator.kill();

      // The kernel does it, as soon as it comes to it.
      while (survivors(seconds).length > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(line).toBe('clean true');
      expect(readdirSync(join(folder, 'sandbox'))).toContain('passwd');
    });
  });
});
