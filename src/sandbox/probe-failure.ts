import type { SandboxProbe } from './sandbox.types.js';

type Failure = Extract<SandboxProbe, { readonly usable: false }>;

const USER_NAMESPACES =
  'Allow user namespaces to users: sysctl kernel.unprivileged_userns_clone=1 (older Debian), ' +
  'kernel.apparmor_restrict_unprivileged_userns=0 or an AppArmor profile for bwrap (Ubuntu 23.10 and later), ' +
  'user.max_user_namespaces above 0. In a container, start it with --security-opt seccomp=unconfined ' +
  '--security-opt apparmor=unconfined --security-opt systempaths=unconfined.';

/** What bubblewrap says when something of the machine keeps it from working, and what to do. */
const KNOWN: readonly { readonly says: RegExp; readonly remedy: string }[] = [
  {
    says: /mount proc/i,
    remedy:
      'In a container, parts of /proc are covered and no new /proc may be mounted: start it with ' +
      '--security-opt systempaths=unconfined.',
  },
  {
    says: /prlimit/i,
    remedy: 'Install util-linux, which has the program prlimit (apt-get install util-linux).',
  },
  {
    says: /namespace|uid map|setting up|loopback|RTM_|permission|not permitted|pivot_root|mount/i,
    remedy: USER_NAMESPACES,
  },
];

/** What an operator does about a probe that failed with this sentence. */
export function probeFailure(reason: string): Failure {
  const known = KNOWN.find(({ says }) => says.test(reason));
  const remedy = known?.remedy ?? 'Run the program bwrap by hand, and see what it says.';
  return { usable: false, reason, remedy };
}

/** There is no such program. */
export function notInstalled(program: string): Failure {
  return {
    usable: false,
    reason: `The program ${program} is not installed`,
    remedy: 'Install bubblewrap (apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap).',
  };
}

/** The oldest that can keep programs from making user namespaces of their own (`--disable-userns`). */
const OLDEST = '0.8.0';

/** Whether a version is one that this works with; otherwise what to do. */
export function versionFailure(version: string): Failure | null {
  const numbers = (text: string): readonly number[] => text.split('.').map(Number);
  const [[major = 0, minor = 0], [leastMajor = 0, leastMinor = 0]] = [numbers(version), numbers(OLDEST)];
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return null;
  const remedy = `Install bubblewrap ${OLDEST} or later; Debian 12 and Ubuntu 24.04 have it.`;
  return { usable: false, reason: `bubblewrap ${version} is too old`, remedy };
}
