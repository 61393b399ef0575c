import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram } from './find-program.js';
import type { SandboxLimits, SandboxOptions } from './sandbox.options.js';
import type { SandboxLayout, SystemPlace } from './sandbox.types.js';

/** Where programs and libraries are; on most systems links into /usr. /nix/store: NixOS keeps all of them there. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store'];

/**
 * What programs need of /etc: the loader's, the public half of TLS, time, names of protocols, and settings of language
 * run-times. Nothing with passwords of hosts or registries in it, and no private keys: where the service is root, a
 * confined program could read them.
 */
const ETC = [
  'alternatives',
  'ca-certificates',
  'ca-certificates.conf',
  'crypto-policies',
  'debian_version',
  'fonts',
  'gai.conf',
  'host.conf',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'lsb-release',
  'magic',
  // Not its settings.xml, which has the passwords of repositories.
  'maven/logging',
  'maven/m2.conf',
  'mime.types',
  'os-release',
  'perl',
  'php',
  'pki/ca-trust/extracted',
  'pki/java',
  'pki/tls/cert.pem',
  'pki/tls/certs',
  'pki/tls/openssl.cnf',
  'protocols',
  'services',
  'ssl/cert.pem',
  'ssl/certs',
  'ssl/openssl.cnf',
  'terminfo',
  'timezone',
];
/** Directories with a version in their names. */
const ETC_NAMES = /^(?:java|python|ruby|mono|dotnet)(?:$|[-\d.])/;

/** Settings for all users of the machine, such as a registry's token in an npmrc. */
const HIDDEN = ['/usr/local/etc', '/usr/etc'];

/**
 * What of this machine is shown inside.
 *
 * @param made as {@link SandboxLayout} has it
 */
export function detectLayout(
  options: Pick<SandboxOptions, 'bubblewrapPath' | 'bridgeFiles' | 'readable'>,
  made: Readonly<Record<string, string>>,
): SandboxLayout {
  const named = readdirSync('/etc').filter((name) => ETC_NAMES.test(name));
  const etc = [...ETC, ...named].map((name) => ({ path: join('/etc', name), link: null }));
  return {
    programs: {
      bubblewrap: options.bubblewrapPath ?? findProgram('bwrap') ?? '/usr/bin/bwrap',
      prlimit: findProgram('prlimit') ?? '/usr/bin/prlimit',
    },
    system: [...SYSTEM.flatMap((path) => systemPlace(path)), ...etc],
    hidden: HIDDEN.filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory()),
    made,
    readable: [...nodeInstallation(process.execPath), ...options.readable],
    node: process.execPath,
    bridgeFiles: options.bridgeFiles,
  };
}

function systemPlace(path: string): readonly SystemPlace[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return [{ path, link: found.isSymbolicLink() ? readlinkSync(path) : null }];
}

/**
 * What there is of a Node outside of /usr: the folder of the program, and the packages beside it that npm is one of.
 * Not the folder above, which can be somebody's home.
 */
export function nodeInstallation(execPath: string): readonly string[] {
  if (execPath.startsWith('/usr/')) return [];
  const folder = dirname(execPath);
  if (basename(folder) !== 'bin') return [execPath];
  const above = dirname(folder);
  return [folder, join(above, 'lib', 'node_modules'), join(above, 'include', 'node')];
}

/** How /proc/self/limits calls them: proc(5). */
const HARD_LIMITS: Readonly<Partial<Record<keyof SandboxLimits, string>>> = {
  memoryBytes: 'Max data size',
  processes: 'Max processes',
  fileBytes: 'Max file size',
  openFiles: 'Max open files',
};

/** The limits as they can be set: nobody may raise what is lower for the service itself. */
export function attainableLimits(wanted: SandboxLimits, ownLimitsFile = '/proc/self/limits'): SandboxLimits {
  // Elsewhere than on Linux there is no such file, and no bubblewrap either.
  const ownLimits = existsSync(ownLimitsFile) ? readFileSync(ownLimitsFile, 'utf8') : '';
  const lowered = Object.entries(HARD_LIMITS).map(([name, title]) => {
    const hard = new RegExp(`^${title}\\s+\\S+\\s+(\\d+)`, 'm').exec(ownLimits)?.[1];
    const value = wanted[name as keyof SandboxLimits];
    return [name, hard === undefined ? value : Math.min(value, Number(hard))];
  });
  return { ...wanted, ...(Object.fromEntries(lowered) as Partial<SandboxLimits>) };
}
