import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.js';
import { bubblewrapArguments, limitArguments } from './bubblewrap-arguments.js';
import { attainableLimits, detectLayout, nodeInstallation } from './detect-layout.js';
import { findProgram } from './find-program.js';
import { DEFAULT_LIMITS, resolveSandboxOptions } from './sandbox.options.js';
import type { SandboxLayout } from './sandbox.types.js';

const LAYOUT: SandboxLayout = {
  programs: { bubblewrap: '/usr/bin/bwrap', prlimit: '/usr/bin/prlimit' },
  system: [
    { path: '/usr', link: null },
    { path: '/bin', link: 'usr/bin' },
    { path: '/etc/localtime', link: null },
  ],
  hidden: ['/usr/local/etc'],
  made: { '/etc/passwd': '/data/sandbox/passwd' },
  readable: [],
  node: '/opt/node/bin/node',
  bridgeFiles: ['/app/bridge.js', '/app/package.json'],
};
const PATHS = [
  { source: '/data', path: '/data', isWritable: false },
  { source: '/mnt/w', path: '/data/w', isWritable: true },
];

describe('bubblewrapArguments', () => {
  const inside = { paths: PATHS, cwd: '/data/w', socket: null };
  const joined = (socket: string | null): string =>
    bubblewrapArguments({ ...inside, socket }, LAYOUT, { ...DEFAULT_LIMITS, temporaryBytes: 70_000 }).join(' ');

  it('mounts the system first, then what replaces parts of it, then what is given, and closes the rest', () => {
    expect(joined(null)).toBe(
      '--unshare-user --uid 65534 --gid 65534 --unshare-pid --unshare-ipc --unshare-uts --unshare-net ' +
        '--unshare-cgroup-try --disable-userns --die-with-parent --new-session --cap-drop ALL --hostname sandbox ' +
        '--info-fd 4 --ro-bind-try /usr /usr --symlink usr/bin /bin --ro-bind-try /etc/localtime /etc/localtime ' +
        '--tmpfs /usr/local/etc --remount-ro /usr/local/etc --ro-bind /data/sandbox/passwd /etc/passwd ' +
        '--proc /proc --remount-ro /proc --dev /dev --remount-ro /dev --size 70000 --perms 1777 --tmpfs /dev/shm ' +
        '--size 70000 --perms 1777 --tmpfs /tmp --symlink /tmp /var/tmp ' +
        '--ro-bind /data /data --bind /mnt/w /data/w --remount-ro / --chdir /data/w --',
    );
  });

  it('gives the way to the network to whom is to have one', () => {
    expect(joined('/data/gate.sock')).toContain(
      ' --ro-bind /data/gate.sock /run/coordinator/network.sock --ro-bind /app/bridge.js /app/bridge.js ' +
        '--ro-bind /app/package.json /app/package.json --remount-ro / ',
    );
  });
});

describe('limitArguments', () => {
  it('sets each limit so that it cannot be raised again', () => {
    expect(limitArguments('/usr/bin/prlimit', DEFAULT_LIMITS)).toEqual([
      '/usr/bin/prlimit',
      '--data=4294967296:4294967296',
      '--nproc=1024:1024',
      '--fsize=2147483648:2147483648',
      '--nofile=8192:8192',
      '--core=0:0',
      '--',
    ]);
  });
});

describe('attainableLimits', () => {
  const own =
    'Limit Soft Limit Hard Limit Units\nMax processes 10 500 processes\nMax file size unlimited unlimited bytes\n';

  it('asks for nothing above what the service itself may', () => {
    const folder = makeTemporaryFolder();
    const file = join(folder.path, 'limits');
    writeFileSync(file, own);

    const attainable = [DEFAULT_LIMITS, { ...DEFAULT_LIMITS, processes: 100 }].map((limits) =>
      attainableLimits(limits, file),
    );
    folder.remove();

    expect(attainable[0]).toEqual({ ...DEFAULT_LIMITS, processes: 500 });
    expect(attainable[1]?.processes).toBe(100);
    expect(attainableLimits(DEFAULT_LIMITS, file)).toEqual(DEFAULT_LIMITS);
  });
});

describe('detectLayout', () => {
  it('shows this system, without what people keep secrets in', () => {
    const { system, readable, node, programs } = detectLayout(
      resolveSandboxOptions({ readable: ['/opt/jdk'], bubblewrapPath: '/opt/bwrap' }),
      {},
    );

    const paths = system.map(({ path }) => path);
    expect(paths[0]).toBe('/usr');
    expect(paths).toEqual(expect.arrayContaining(['/etc/ssl/certs', '/etc/ld.so.cache']));
    expect(
      paths.filter((path) =>
        /^\/etc\/(?:passwd|shadow|npmrc|maven|maven\/settings.xml|pip.conf|ssl|pki|gitconfig|ssh)$/.test(path),
      ),
    ).toEqual([]);
    expect(readable).toContain('/opt/jdk');
    expect(node).toBe(process.execPath);
    expect(programs.bubblewrap).toBe('/opt/bwrap');
  });

  it('shows of a Node outside of /usr what belongs to it, and not the home it may lie in', () => {
    expect(nodeInstallation('/usr/bin/node')).toEqual([]);
    expect(nodeInstallation('/home/ada/node')).toEqual(['/home/ada/node']);
    expect(nodeInstallation('/home/ada/bin/node')).toEqual([
      '/home/ada/bin',
      '/home/ada/lib/node_modules',
      '/home/ada/include/node',
    ]);
  });
});

describe('resolveSandboxOptions', () => {
  it('fills in what is left out', () => {
    expect(resolveSandboxOptions()).toEqual({
      allowUnsandboxed: false,
      readable: [],
      limits: DEFAULT_LIMITS,
      bridgeFiles: [],
      bubblewrapPath: null,
      folder: null,
    });
    expect(resolveSandboxOptions({ limits: { processes: 16 } }).limits).toEqual({ ...DEFAULT_LIMITS, processes: 16 });
  });

  it.each([
    { limits: { processes: 15 } },
    { limits: { memoryBytes: 1.5e9 + 0.5 } },
    { limits: { fileBytes: Number.NaN } },
    { readable: ['/opt', 'jdk'] },
    { bridgeFiles: ['bridge.js'] },
    { bubblewrapPath: 'bwrap' },
    { folder: './data' },
  ])('refuses %j', (options) => {
    expect(() => resolveSandboxOptions(options)).toThrow(expect.objectContaining({ code: 'SANDBOX_OPTIONS_INVALID' }));
  });
});

describe('findProgram', () => {
  it('looks where the system does', () => {
    expect(findProgram('sh')).toMatch(/\/sh$/);
    expect(findProgram('sh', '/nowhere:/bin')).toBe('/bin/sh');
    expect(findProgram('./sh', '', '/bin')).toBe('/bin/sh');
    expect(findProgram('no-such-program')).toBeNull();
    expect(findProgram('/bin')).toBeNull();
  });
});
