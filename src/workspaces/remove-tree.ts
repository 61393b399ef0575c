import { lstat } from 'node:fs/promises';
import type { CommandRunner } from '../command-runner/index.js';
import { GitFailedError } from './workspaces.errors.js';

/**
 * Deletes whatever stands at the path. Follows no link, at any depth and however deep, because rm(1) opens each
 * directory from the one above it; a path put together from names can be longer than the system opens.
 *
 * @throws {GitFailedError} if something of it is still there afterwards
 */
export async function removeTree(path: string, runner: CommandRunner, environment: Record<string, string>) {
  if (!(await exists(path))) return;
  const run = (...argv: [string, ...string[]]) => runner.run({ argv, cwd: '/', env: environment, timeoutMs: 600_000 });
  const first = await run('rm', '-rf', '--', path);
  if (first.exitCode === 0) return;
  // A directory that its owner may not read cannot be emptied. chmod -R follows no link it meets.
  await run('chmod', '-R', 'u+rwX', '--', path);
  const second = await run('rm', '-rf', '--', path);
  if (second.exitCode === 0) return;
  throw new GitFailedError(`The directory ${path} could not be deleted: ${second.stderr.text.slice(0, 300).trim()}`);
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
