import type { CommandRunner } from '../command-runner/index.js';

/** How many paths one command names. */
const PATHS_PER_COMMAND = 50;
const KILOBYTE = 1_024;

/**
 * How many bytes trees take on the disk, in the order of the paths. By du(1), which follows no link and goes however deep
 * a tree is; what it cannot read, or is gone, counts as nothing.
 */
export async function sizesOf(
  paths: readonly string[],
  runner: CommandRunner,
  environment: Readonly<Record<string, string>>,
): Promise<readonly number[]> {
  const sizes = new Map<string, number>();
  for (let start = 0; start < paths.length; start += PATHS_PER_COMMAND) {
    const { stdout } = await runner.run({
      argv: ['du', '-sk', '--', ...paths.slice(start, start + PATHS_PER_COMMAND)],
      cwd: '/',
      env: environment,
      timeoutMs: 600_000,
    });
    for (const line of stdout.text.split('\n')) {
      const [, kilobytes, path] = /^(\d+)\t(.*)$/.exec(line) ?? [];
      if (path !== undefined) sizes.set(path, Number(kilobytes) * KILOBYTE);
    }
  }
  return paths.map((path) => sizes.get(path) ?? 0);
}
