import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Confinement, LaunchRequest, LaunchedProcess, ProcessLauncher } from '../../src/command-runner/index.js';

/**
 * What every ProcessLauncher must do. Call it once for each implementation.
 *
 * @param confine how every program is confined, where it is
 */
export function describeProcessLauncher(
  name: string,
  makeLauncher: () => ProcessLauncher,
  confine?: (directory: string) => Confinement,
): void {
  describe(`${name}, as a ProcessLauncher`, () => {
    let directory: string;
    let launched: LaunchedProcess[];

    beforeEach(async () => {
      directory = await realpath(await mkdtemp(join(tmpdir(), 'process-launcher-')));
      launched = [];
    });

    afterEach(async () => {
      for (const program of launched) await program.end();
      await rm(directory, { recursive: true, force: true });
    });

    function launch(argv: LaunchRequest['argv'], rest: Partial<LaunchRequest> = {}): LaunchedProcess {
      const program = makeLauncher().launch({
        argv,
        cwd: directory,
        env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
        ...(confine ? { confinement: confine(directory) } : {}),
        ...rest,
      });
      launched.push(program);
      return program;
    }
    const shell = (script: string, rest: Partial<LaunchRequest> = {}) => launch(['sh', '-c', script], rest);

    it('talks with a program while it runs', async () => {
      const program = shell('while read line; do echo "heard $line"; done; exit 3');

      program.stdin.write('one\n');
      const [first] = await once(program.stdout, 'data');
      program.stdin.write('two\n');
      const [second] = await once(program.stdout, 'data');
      program.stdin.end();

      expect([String(first), String(second)]).toEqual(['heard one\n', 'heard two\n']);
      expect(await program.exited).toEqual({ code: 3, signal: null });
      expect(await program.failure).toBeNull();
    });

    it('keeps both outputs apart', async () => {
      const program = shell('echo out; echo err >&2');

      expect(await Promise.all([text(program.stdout), text(program.stderr)])).toEqual(['out\n', 'err\n']);
    });

    it('starts a program in its directory, with the named environment and nothing of ours but marks', async () => {
      const program = launch(['/usr/bin/env'], { env: { ONE: '1' } });

      const names = (await text(program.stdout)).split('\n').filter((line) => line && !line.startsWith('MOSAIC_'));
      expect(names).toEqual(['ONE=1']);
      expect(await text(shell('pwd -P').stdout)).toBe(`${directory}\n`);
    });

    it('says why a program could not be started', async () => {
      const program = launch(['no-such-program']);

      expect(await program.failure).toContain('no-such-program');
      await program.exited;
      await expect(program.end()).resolves.toBeUndefined();
    });

    it('says which directory is missing', async () => {
      const program = launch(['true'], { cwd: join(directory, 'gone') });

      expect(await program.failure).toContain(join(directory, 'gone'));
      expect(program.pid).toBeNull();
      expect(await program.exited).toEqual({ code: null, signal: null });
      expect(await text(program.stdout)).toBe('');
      program.stdin.end('nobody reads this');
    });

    it('tells by which signal a program ended', async () => {
      const ended = await shell('kill -SEGV $$').exited;

      expect(ended).toMatchObject({ code: null, signal: 'SIGSEGV' });
      expect(ended.reason).toContain('SIGSEGV');
    });

    it('does not mind a program that does not read what it is told', async () => {
      const program = launch(['true']);
      await program.exited;

      program.stdin.write('too late\n');

      await expect(program.end()).resolves.toBeUndefined();
    });

    it('ends a program, and again without harm', async () => {
      const program = shell('echo ready; sleep 1000');
      await once(program.stdout, 'data');

      await Promise.all([program.end(), program.end()]);
      await program.end();

      expect((await program.exited).code === 0).toBe(false);
    });

    it('lets a program clean up before it is killed', async () => {
      const program = shell(`trap 'echo cleaned > done; exit 0' TERM; echo ready; while :; do sleep 0.01; done`);
      await once(program.stdout, 'data');

      await program.end();

      expect(await readFile(join(directory, 'done'), 'utf8')).toBe('cleaned\n');
      expect(await program.exited).toEqual({ code: 0, signal: null });
    });

    it('asks a program to end once only', async () => {
      const program = shell(`trap 'echo asked >> asked' TERM; echo ready; while :; do sleep 0.01; done`);
      await once(program.stdout, 'data');

      await program.end();

      expect(await readFile(join(directory, 'asked'), 'utf8')).toBe('asked\n');
    });

    it('ends what a program that has exited left behind', async () => {
      execFileSync('mkfifo', [join(directory, 'held')]);
      const program = shell('(setsid sh -c "exec 9<>held; echo ready; sleep 1000" &); exit 0');
      await program.exited;

      await program.end();

      // Opened for writing, it would not wait for a reader that is gone.
      const holders = execFileSync('sh', [
        '-c',
        `ls -l /proc/[0-9]*/fd 2>/dev/null | grep -c '${directory}/held' || :`,
      ]);
      expect(String(holders).trim()).toBe('0');
    });
  });
}
