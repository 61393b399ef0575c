import type { AccessiblePath } from './accessible-paths.js';
import type { SandboxLimits } from './sandbox.options.js';
import type { SandboxLayout } from './sandbox.types.js';
import { NAMESPACE_DESCRIPTOR } from '../command-runner/index.js';

/** Nobody's id on every Linux, so that nothing inside is root, also where the service is. */
export const INSIDE_ID = '65534';
/** Where what leads to the network lies inside. */
export const INSIDE_SOCKET = '/run/coordinator/network.sock';

/** What one program is given. */
export interface InsideOf {
  /** In the order of {@link accessiblePaths}: the inner after the outer. */
  readonly paths: readonly AccessiblePath[];
  readonly cwd: string;
  /** The socket of its network, outside; null: it has none. */
  readonly socket: string | null;
}

/**
 * The arguments of bubblewrap up to `--`, where the program follows.
 *
 * Bubblewrap does them in order, and a mount hides what was there before: the system first, then what replaces parts of
 * it, then what the program is given, and at last nothing else may be written.
 */
export function bubblewrapArguments(
  { paths, cwd, socket }: InsideOf,
  { system, hidden, made, bridgeFiles }: SandboxLayout,
  { temporaryBytes }: SandboxLimits,
): readonly string[] {
  const memory = (path: string): readonly string[] => [
    '--size',
    `${temporaryBytes}`,
    '--perms',
    '1777',
    '--tmpfs',
    path,
  ];
  const groups: readonly (readonly string[])[] = [
    NAMESPACES,
    ['--info-fd', `${NAMESPACE_DESCRIPTOR}`],
    ...system.map(({ path, link }) => (link === null ? ['--ro-bind-try', path, path] : ['--symlink', link, path])),
    ...hidden.map((path) => ['--tmpfs', path, '--remount-ro', path]),
    ...Object.entries(made).map(([inside, outside]) => ['--ro-bind', outside, inside]),
    // Root of the machine may write the kernel's settings in /proc/sys, whatever its id inside: fs/proc/proc_sysctl.c.
    ['--proc', '/proc', '--remount-ro', '/proc'],
    ['--dev', '/dev', '--remount-ro', '/dev'],
    memory('/dev/shm'),
    memory('/tmp'),
    ['--symlink', '/tmp', '/var/tmp'],
    ...paths.map(({ source, path, isWritable }) => [isWritable ? '--bind' : '--ro-bind', source, path]),
    ...(socket === null ? [] : [['--ro-bind', socket, INSIDE_SOCKET]]),
    ...(socket === null ? [] : bridgeFiles.map((path) => ['--ro-bind', path, path])),
    ['--remount-ro', '/'],
    ['--chdir', cwd, '--'],
  ];
  return groups.flat();
}

const NAMESPACES = [
  ['--unshare-user', '--uid', INSIDE_ID, '--gid', INSIDE_ID],
  ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net', '--unshare-cgroup-try'],
  // In a user namespace of its own, a program would be root again and reach far more of the kernel.
  ['--disable-userns'],
  ['--die-with-parent'],
  // Without a session of its own it could type into the terminal of the service: CVE-2017-5226.
  ['--new-session'],
  ['--cap-drop', 'ALL'],
  ['--hostname', 'sandbox'],
].flat();

/**
 * The command that lowers the limits of the kernel for the program that follows. To be run inside: there the limit on
 * processes counts those of one sandbox alone (Linux 5.14 and later).
 */
export function limitArguments(prlimit: string, limits: SandboxLimits): readonly string[] {
  const { memoryBytes, processes, fileBytes, openFiles } = limits;
  const both = (name: string, value: number): string => `--${name}=${value}:${value}`;
  return [
    prlimit,
    both('data', memoryBytes),
    both('nproc', processes),
    both('fsize', fileBytes),
    both('nofile', openFiles),
    both('core', 0),
    '--',
  ];
}
