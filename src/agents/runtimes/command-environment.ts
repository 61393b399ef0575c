import { dirname, join } from 'node:path';

/** What an agent's commands are told about the machine. */
export interface CommandSettings {
  /** The whole PATH. */
  readonly path: string;
  /** Who commits, where the agent commits. */
  readonly author: { readonly name: string; readonly email: string };
}

/** The usual directories, and the one of the Node that runs the coordinator. */
export const DEFAULT_COMMAND_PATH = [
  dirname(process.execPath),
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
].join(':');

/** Directories of an agent's own in `home`, to be made before a command runs. */
export function privateDirectories(home: string): { readonly user: string; readonly temporary: string } {
  return { user: join(home, 'user'), temporary: join(home, 'tmp') };
}

/**
 * The whole environment of an agent's commands. Built from nothing, so that no key, token or setting of the coordinator
 * can be in it.
 */
export function commandEnvironment(home: string, { path, author }: CommandSettings): Record<string, string> {
  const { user, temporary } = privateDirectories(home);
  return {
    PATH: path,
    HOME: user,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    CI: 'true',
    PAGER: 'cat',
    GIT_PAGER: 'cat',
    GIT_EDITOR: 'true',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
  };
}
