import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandRunner, Confinement } from '../../src/command-runner/index.js';

/**
 * What every CommandRunner must do. Call it once for each implementation.
 *
 * @param confine how every command is confined, where it is
 */
export function describeCommandRunner(
  name: string,
  makeRunner: () => CommandRunner,
  confine?: (directory: string) => Confinement,
): void {
  describe(`${name}, as a CommandRunner`, () => {
    let runner: CommandRunner;
    let directory: string;

    beforeEach(async () => {
      runner = makeRunner();
      directory = await realpath(await mkdtemp(join(tmpdir(), 'command-runner-')));
    });

    afterEach(() => rm(directory, { recursive: true, force: true }));

    const command = (argv: Command['argv'], rest: Partial<Command> = {}): Command => ({
      argv,
      cwd: directory,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      timeoutMs: 60_000,
      ...(confine ? { confinement: confine(directory) } : {}),
      ...rest,
    });
    const shell = (script: string, rest: Partial<Command> = {}): Command => command(['sh', '-c', script], rest);

    it('tells the exit code and both outputs apart', async () => {
      const result = await runner.run(shell('echo out; echo err >&2; exit 3'));

      expect(result).toMatchObject({ ending: 'exited', exitCode: 3, reason: null, leftBehind: 0 });
      expect(result.stdout).toEqual({ text: 'out\n', totalBytes: 4, isTruncated: false });
      expect(result.stderr).toEqual({ text: 'err\n', totalBytes: 4, isTruncated: false });
    });

    it('gives the program its arguments as they are, without a shell', async () => {
      const result = await runner.run(command(['printf', '%s|', '$HOME', '`id`', 'a b', '*', '']));

      expect(result.stdout.text).toBe('$HOME|`id`|a b|*||');
    });

    it('runs in the directory that was named', async () => {
      expect((await runner.run(shell('pwd -P'))).stdout.text).toBe(`${directory}\n`);
    });

    it('gives the program the named environment and nothing of ours but marks', async () => {
      const result = await runner.run(command(['/usr/bin/env'], { env: { ONE: '1' } }));

      const names = result.stdout.text
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('MOSAIC_'));
      expect(names).toEqual(['ONE=1']);
    });

    it('writes the standard input and closes it', async () => {
      expect((await runner.run(command(['cat'], { stdin: 'grüß dich' }))).stdout.text).toBe('grüß dich');
    });

    it('closes the standard input at once when there is none', async () => {
      expect(await runner.run(command(['cat']))).toMatchObject({ ending: 'exited', exitCode: 0 });
    });

    it('does not mind a program that never reads its input', async () => {
      const result = await runner.run(command(['true'], { stdin: new Uint8Array(5_000_000) }));

      expect(result).toMatchObject({ ending: 'exited', exitCode: 0 });
    });

    it('says which program is missing', async () => {
      const result = await runner.run(command(['no-such-program', 'x']));

      expect(result).toMatchObject({ ending: 'not_started', exitCode: null });
      expect(result.reason).toContain('no-such-program');
    });

    it('says which directory is missing', async () => {
      const result = await runner.run(command(['true'], { cwd: join(directory, 'gone') }));

      expect(result.ending).toBe('not_started');
      expect(result.reason).toContain(join(directory, 'gone'));
    });

    it('tells a crash from an exit', async () => {
      const result = await runner.run(shell('kill -SEGV $$'));

      expect(result).toMatchObject({ ending: 'killed', exitCode: null });
      expect(result.reason).toContain('SIGSEGV');
    });

    it('ends a program that runs too long, and keeps what it printed', async () => {
      const result = await runner.run(shell('echo before; sleep 1000', { timeoutMs: 300 }));

      expect(result).toMatchObject({ ending: 'timed_out', exitCode: null, stdout: { text: 'before\n' } });
      expect(result.durationMs).toBeGreaterThanOrEqual(290);
    });

    it('ends a program when it is aborted', async () => {
      const abort = new AbortController();
      execFileSync('mkfifo', [join(directory, 'ready')]);

      const running = runner.run(shell('echo > ready; sleep 1000', { signal: abort.signal }));
      await readFile(join(directory, 'ready'));
      abort.abort();

      expect(await running).toMatchObject({ ending: 'aborted', exitCode: null });
    });

    it('does not start what was aborted before', async () => {
      const result = await runner.run(shell('echo started', { signal: AbortSignal.abort() }));

      expect(result).toMatchObject({ ending: 'aborted', stdout: { totalBytes: 0 } });
    });

    it('keeps the head and the tail of a long output, and counts all of it', async () => {
      const result = await runner.run(shell('echo first; seq 100000; echo last', { keepOutputBytes: 100 }));

      expect(result.stdout).toMatchObject({ totalBytes: 588_906, isTruncated: true });
      expect(result.stdout.text).toMatch(
        /^first\n[^]{0,60}\n\[\.\.\. 588806 bytes left out \.\.\.\]\n[^]{0,60}last\n$/,
      );
    });

    it('replaces what is no UTF-8', async () => {
      expect((await runner.run(shell(String.raw`printf 'a\377b'`))).stdout.text).toBe('a\uFFFDb');
    });
  });
}
