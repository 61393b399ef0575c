/** One call of git, as this package makes it. */
export interface GitCall {
  /** The repository, absolute: always one of the coordinator's own. */
  readonly repository: string;
  /** The tree to read or write, absolute. Left out for everything that needs none. */
  readonly workTree?: string;
  /** The index, absolute. Left out for everything that needs none. */
  readonly index?: string;
  /** The subcommand and its constant options. */
  readonly args: readonly [string, ...string[]];
  /** Everything that is not a constant. Stands after `--end-of-options`, so that none of it is read as an option. */
  readonly operands?: readonly string[];
  /** Further variables of this call: author, committer, dates. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How git may reach the forge. */
export interface ForgeAccess {
  /** `http:` and `https:` addresses only, without a trailing slash. */
  readonly url: string;
  /** Name and token, for basic authentication; null to come without. */
  readonly credentials: { readonly name: string; readonly token: string } | null;
}

/**
 * The settings of every call. They stand on the command line because a value there wins over any file, and each closes
 * a way by which a tree, or a repository's configuration, makes git run a program or leave its directory.
 *
 * What still can not be closed this way (filters, URL rewriting, alternates) is closed by never using a repository
 * that an agent can write: git's manual, SECURITY: "not safe to run Git commands in a .git directory [...] that itself
 * comes from an untrusted source".
 */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.untrackedCache=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.pager=cat',
  'core.symlinks=true',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'diff.ignoreSubmodules=dirty',
  'commit.gpgSign=false',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.detachedHead=false',
  'init.defaultBranch=main',
  'http.followRedirects=false',
  'http.lowSpeedLimit=100',
  'http.lowSpeedTime=60',
  'transfer.fsckObjects=true',
  // Old, harmless faults that servers accept and that many long-lived repositories have.
  'fetch.fsck.badTimezone=ignore',
  'fetch.fsck.missingSpaceBeforeDate=ignore',
  'fetch.fsck.zeroPaddedFilemode=ignore',
] as const;

/** The program and its arguments. */
export function gitArgv(call: GitCall): readonly [string, ...string[]] {
  const operands = call.operands ? ['--end-of-options', ...call.operands] : [];
  return ['git', ...SETTINGS.flatMap((setting) => ['-c', setting]), ...call.args, ...operands];
}

/**
 * The whole environment of a call.
 *
 * Credentials go in as configuration in the environment: on the command line every user of the machine could read
 * them, and in a file they would stay.
 *
 * @param inherited what may come from outside: the search path, proxies, certificates
 * @param forge null for calls that must not leave this machine
 */
export function gitEnvironment(
  call: GitCall,
  inherited: Readonly<Record<string, string>>,
  forge: ForgeAccess | null,
): Record<string, string> {
  return {
    ...inherited,
    HOME: '/dev/null',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_EDITOR: 'false',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ALLOW_PROTOCOL: forge ? new URL(forge.url).protocol.slice(0, -1) : 'file',
    GIT_DIR: call.repository,
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.index === undefined ? {} : { GIT_INDEX_FILE: call.index }),
    ...call.environment,
    ...(forge?.credentials ? authorization(forge.url, forge.credentials) : {}),
  };
}

/** The header that carries name and token: RFC 7617. */
export function basicAuthorization(credentials: { readonly name: string; readonly token: string }): string {
  return `Basic ${Buffer.from(`${credentials.name}:${credentials.token}`).toString('base64')}`;
}

function authorization(url: string, credentials: { readonly name: string; readonly token: string }) {
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${url}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${basicAuthorization(credentials)}`,
  };
}

/** Forty hexadecimal digits: the whole name of an object, and never an option or a path. */
export function isObjectName(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}
