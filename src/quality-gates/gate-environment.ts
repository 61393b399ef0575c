import { mkdir, mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.js';

/** What the gates of one commit may know of this machine. */
export interface GateEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** The folder of their HOME and TMPDIR. */
  readonly folder: string;
}

/**
 * Makes the environment for the gates of one commit: an empty home and an empty temporary folder, and of this process's
 * own variables none. What one gate leaves in its home, such as a package cache, the next ones find.
 *
 * @param place where; null for the system's temporary folder
 */
export async function makeGateEnvironment(
  path: string,
  environment: Readonly<Record<string, string>>,
  place: string | null = null,
): Promise<GateEnvironment> {
  if (place !== null) await mkdir(place, { recursive: true, mode: 0o700 });
  const folder = await realpath(await mkdtemp(join(place ?? tmpdir(), 'mosaic-gates-')));
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  await mkdir(home);
  await mkdir(temporary);
  const own = { PATH: path, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8', TERM: 'dumb', CI: 'true' };
  // Java before 19 asks the list of users for its home, and a sandbox's has none that could be written to.
  const java = { MAVEN_OPTS: `-Duser.home=${home}`, GRADLE_USER_HOME: join(home, '.gradle') };
  return { folder, variables: { ...own, ...java, ...environment } };
}

/** Removes everything in such a place: what a process that was killed left there. */
export async function clearGateEnvironments(place: string): Promise<void> {
  for (const name of await readdir(place).catch((): string[] => [])) await removeFolder(join(place, name));
}

/** Removes what {@link makeGateEnvironment} made. */
export async function removeGateEnvironment({ folder }: GateEnvironment): Promise<void> {
  await removeFolder(folder);
}
