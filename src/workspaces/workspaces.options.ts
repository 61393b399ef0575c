import { isAbsolute } from 'node:path';
import type { CommandRunner } from '../command-runner/index.js';
import { SecretScrubber } from '../kernel/index.js';
import { InvalidWorkspacesOptionsError } from './workspaces.errors.js';

/** What `WorkspacesModule.forRoot` accepts. `root` and `giteaUrl` are needed. */
export interface WorkspacesModuleOptions {
  /** The directory for mirrors and workspaces, absolute. Made when it is missing. */
  readonly root: string;
  /**
   * Whether other coordinators work in the directory too: then a lock of git's that is found there may be somebody's, and
   * is only taken away when it is older than any call of git can be.
   * @default false
   */
  readonly isShared?: boolean;
  /** Where Gitea is: `https://host` with an optional path. Every address is built from it, none is taken from a payload. */
  readonly giteaUrl: string;
  /**
   * The access token. Without it public repositories can be read, and finished work stays in the local mirror.
   * @default null
   */
  readonly token?: string | null;
  /**
   * The account the token belongs to.
   * @default 'mosaic-coordinator'
   */
  readonly botName?: string;
  /**
   * Who the commits are by.
   * @default { name: 'Mosaic Coordinator', email: 'mosaic-coordinator@localhost' }
   */
  readonly committer?: { readonly name: string; readonly email: string };
  /**
   * The largest new or changed file that is taken into a commit, in bytes.
   * @default 20971520
   */
  readonly maxFileBytes?: number;
  /**
   * How many files may be new or changed in one capture.
   * @default 10000
   */
  readonly maxChangedFiles?: number;
  /**
   * Milliseconds after which one call of git is given up.
   * @default 300000
   */
  readonly gitTimeoutMs?: number;
  /**
   * The service's environment. Search path, proxies and certificates are taken from it for git, nothing else.
   * @default { PATH: '/usr/local/bin:/usr/bin:/bin' }
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /**
   * Knows the secrets that must not get into a commit: they are taken out of its message, and a file that holds one
   * refuses the tree.
   * @default knows none
   */
  readonly scrubber?: SecretScrubber;
  /**
   * What runs git. Null: the app's command runner, or without one a runner of its own.
   * @default null
   */
  readonly commandRunner?: CommandRunner | null;
}

/** The options once checked, with every default filled in. */
export interface WorkspacesOptions extends Required<Omit<WorkspacesModuleOptions, 'environment'>> {
  readonly environment: Readonly<Record<string, string>>;
}

export const WORKSPACES_OPTIONS = Symbol('WORKSPACES_OPTIONS');

const INHERITED = new Set([
  'PATH',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
]);
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** @throws {InvalidWorkspacesOptionsError} if a value is missing or out of range */
export function resolveWorkspacesOptions(given: WorkspacesModuleOptions): WorkspacesOptions {
  const options = {
    root: given.root,
    isShared: given.isShared ?? false,
    giteaUrl: checkedUrl(given.giteaUrl),
    token: given.token ?? null,
    botName: given.botName ?? 'mosaic-coordinator',
    committer: given.committer ?? { name: 'Mosaic Coordinator', email: 'mosaic-coordinator@localhost' },
    maxFileBytes: given.maxFileBytes ?? 20_971_520,
    maxChangedFiles: given.maxChangedFiles ?? 10_000,
    gitTimeoutMs: given.gitTimeoutMs ?? 300_000,
    environment: inheritedBy(given.environment ?? {}),
    scrubber: given.scrubber ?? new SecretScrubber(),
    commandRunner: given.commandRunner ?? null,
  };
  refuseUnless(isAbsolute(options.root), 'root to be an absolute directory', options.root);
  refuseUnless(/^[^\s:]{1,200}$/.test(options.botName), 'botName without spaces and colons', options.botName);
  refuseUnless(
    options.token === null || /^[\u0021-\u007e]+$/.test(options.token),
    'token in printable ASCII',
    '(hidden)',
  );
  for (const part of [options.committer.name, options.committer.email]) {
    refuseUnless(/^[^<>\p{Cc}]*[^<>\p{Cc}\s.,:;"'][^<>\p{Cc}]*$/u.test(part), 'committer as git writes it', part);
  }
  for (const name of ['maxFileBytes', 'maxChangedFiles', 'gitTimeoutMs'] as const) {
    refuseUnless(Number.isSafeInteger(options[name]) && options[name] > 0, `${name} above 0`, options[name]);
  }
  return options;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (url && isUsable) return url.href.replace(/\/+$/, '');
  // The text itself may hold a password.
  throw new InvalidWorkspacesOptionsError('Expected giteaUrl as http(s)://host/path, without user, query and fragment');
}

function inheritedBy(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries({ PATH: DEFAULT_PATH, ...environment });
  return Object.fromEntries(entries.flatMap(([name, value]) => (INHERITED.has(name) && value ? [[name, value]] : [])));
}

function refuseUnless(isRight: boolean, expected: string, got: string | number): void {
  if (!isRight) throw new InvalidWorkspacesOptionsError(`Expected ${expected}, got ${JSON.stringify(got)}`);
}
