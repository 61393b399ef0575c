import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GitWorkspaces, type WorkspaceRequest, type WorkspacesModuleOptions } from '../../src/workspaces/index.js';
import { FakeClock } from '../../src/testing/index.js';
import { startGitHttpServer } from './git-http-server.js';

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@localhost',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@localhost',
};

/** Runs git as a person or an agent would, in a directory. Returns what it printed. */
export function git(directory: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: directory, env: ENVIRONMENT, encoding: 'utf8', stdio: 'pipe' }).trim();
}

export const TOKEN = 'token-of-the-bot';

/** A forge with the repository `acme/app`, and workspaces on it. */
export async function startGitWorkspaces(given: Partial<WorkspacesModuleOptions> = {}) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'workspaces-')));
  const repository = join(directory, 'forge', 'acme', 'app.git');
  mkdirSync(repository, { recursive: true });
  git(repository, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main');
  const server = await startGitHttpServer(join(directory, 'forge'));
  server.authorization = `Basic ${Buffer.from(`bot:${TOKEN}`).toString('base64')}`;

  const person = join(directory, 'person');
  git(directory, 'init', '--quiet', '--template=', '--initial-branch=main', person);
  /** Writes files, commits them on the person's branch and pushes it. Returns the commit. */
  const push = async (files: Record<string, string>, branch = 'main'): Promise<string> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(person, path)), { recursive: true });
      await writeFile(join(person, path), text);
    }
    git(person, 'add', '-A');
    git(person, 'commit', '-q', '--allow-empty', '-m', 'by a person');
    git(person, 'push', '-q', '--force', repository, `HEAD:refs/heads/${branch}`);
    return git(person, 'rev-parse', 'HEAD');
  };
  const base = await push({ 'README.md': 'hello\n', 'src/a.txt': 'a\n', 'src/b.txt': 'b\n' });

  const clock = new FakeClock();
  const root = join(directory, 'root');
  /** Workspaces on the same root, as after a restart. */
  const restart = (changed: Partial<WorkspacesModuleOptions> = {}): GitWorkspaces =>
    new GitWorkspaces({ root, giteaUrl: server.url, token: TOKEN, botName: 'bot', ...given, ...changed }, clock);
  const request = (changed: Partial<WorkspaceRequest> = {}): WorkspaceRequest => ({
    issue: { owner: 'acme', repo: 'app', number: 7 },
    title: 'Fix the parser',
    baseBranch: null,
    baseCommit: null,
    ...changed,
  });
  const stop = async (): Promise<void> => {
    await server.close();
    execFileSync('chmod', ['-R', 'u+rwX', directory]);
    await rm(directory, { recursive: true, force: true });
  };
  return {
    directory,
    repository,
    mirror: join(root, 'mirrors', 'acme', 'app.git'),
    root,
    server,
    person,
    push,
    base,
    clock,
    restart,
    request,
    stop,
    workspaces: restart(),
  };
}

export type Bench = Awaited<ReturnType<typeof startGitWorkspaces>>;
