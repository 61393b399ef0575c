import { spawn } from 'node:child_process';
import { FakeGiteaError } from './fake-gitea.errors.js';

/** What a git program printed and how it ended. */
export interface GitOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where git works, and with which directories of programs. */
export interface GitPlace {
  readonly directory: string;
  readonly searchPath: string;
}

/** An environment with nothing of the caller's in it: no configuration, no credentials, no prompts. */
export function gitEnvironment(searchPath: string): Record<string, string> {
  return {
    PATH: searchPath,
    HOME: '/nonexistent',
    LANG: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Runs git and resolves when it has ended, whatever its exit code. */
export function tryGit(
  place: GitPlace,
  args: readonly string[],
  options: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<GitOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, {
      cwd: place.directory,
      env: { ...gitEnvironment(place.searchPath), ...options.environment },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // Git may end without reading what it is given; its exit code says what that means.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) =>
      reject(new FakeGiteaError(`git could not be started: ${error.message}. Is it installed?`, { cause: error })),
    );
    child.on('close', (exitCode) =>
      resolve({
        exitCode: exitCode ?? -1,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    );
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs git and returns what it printed, without the last line's end.
 *
 * @throws {FakeGiteaError} if it fails
 */
export async function runGit(
  place: GitPlace,
  args: readonly string[],
  options: { readonly input?: string; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await tryGit(place, args, options);
  if (exitCode !== 0) {
    throw new FakeGiteaError(`git ${args.join(' ')} failed with ${exitCode}: ${stderr.trim().slice(0, 500)}`);
  }
  return stdout.replace(/\n$/, '');
}
