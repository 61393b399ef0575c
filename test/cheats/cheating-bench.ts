import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProcessCommandRunner } from '../../src/command-runner/index.js';
import { gateSubject } from '../../src/orchestration/runs/gate-subject.js';
import { QualityGatesService, type Verdict } from '../../src/quality-gates/index.js';
import { BubblewrapSandbox, type SandboxProbe } from '../../src/sandbox/index.js';
import type { Workspace } from '../../src/workspaces/index.js';
import { REPOSITORY } from '../support/documents.js';
import { programProblem, pythonProblem, PROGRAM_PATH } from '../support/installed-programs.js';
import { git, startGitWorkspaces, type Bench } from '../support/start-git-workspaces.js';
import type { Deed, Project } from './cheat.js';

/** What became of an agent's work. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly workspace: Workspace;
  /** The commit that is on the branch at the forge; null when the gates said no. */
  readonly published: string | null;
}

/** Packages that are installed beside the tests, where the gates' programs may read them. */
export const DEPENDENCIES = join(REPOSITORY, 'node_modules');

/** A forge, workspaces on it and the gates, as the service puts them together; in the sandbox where there is one. */
export class CheatingBench implements AsyncDisposable {
  private readonly runner: ProcessCommandRunner;
  private readonly gates: QualityGatesService;
  private readonly bases = new Map<Project, { readonly branch: string; readonly commit: string }>();
  private issues = 0;

  private constructor(
    readonly bench: Bench,
    private readonly sandbox: BubblewrapSandbox | null,
  ) {
    this.runner = new ProcessCommandRunner(sandbox ? { sandbox } : {});
    this.gates = QualityGatesService.alone({ commandRunner: this.runner, environment: { DEPENDENCIES } });
  }

  static async start(probe: SandboxProbe): Promise<CheatingBench> {
    const sandbox = probe.usable ? new BubblewrapSandbox({ readable: [DEPENDENCIES] }) : null;
    return new CheatingBench(await startGitWorkspaces(), sandbox);
  }

  /** From the issue to the branch: an agent does this, and the gates decide. */
  async work(project: Project, deed: Deed, meanwhile?: Deed): Promise<Outcome> {
    const { workspaces } = this.bench;
    const { branch } = await this.base(project);
    this.issues += 1;
    const issue = { owner: 'acme', repo: 'app', number: this.issues };
    const workspace = await workspaces.prepare({ issue, title: 'Add a mean', baseBranch: branch, baseCommit: null });
    await this.act(workspace, deed);
    const work = await workspaces.capture(workspace, 'Add a mean');
    const checkout = await workspaces.checkout(workspace, work.commit);
    if (meanwhile) await this.act(workspace, meanwhile);
    const verdict = await this.gates.judge(await gateSubject(workspaces, workspace, work, checkout));
    await checkout.remove();
    if (verdict.passed) await workspaces.publish(workspace, verdict.commit, null);
    return { verdict, workspace, published: this.atForge(workspace.branch) };
  }

  /** What the forge has on a branch. */
  atForge(branch: string): string | null {
    return git(this.bench.repository, 'for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`) || null;
  }

  /** Files in the coordinator's own repository that were planted there. */
  get plantedFiles(): readonly string[] {
    // grep exits with 1 where it finds nothing.
    const { stdout } = spawnSync('grep', ['-rl', 'planted', this.bench.mirror], { encoding: 'utf8' });
    return stdout.split('\n').filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.runner.onApplicationShutdown();
    this.sandbox?.onApplicationShutdown();
    await this.bench.stop();
  }

  /** The base commit of a project, on a branch of its own. */
  private async base(project: Project): Promise<{ readonly branch: string; readonly commit: string }> {
    const known = this.bases.get(project);
    if (known) return known;
    const folder = await mkdtemp(join(this.bench.directory, 'project-'));
    const branch = `project-${this.bases.size + 1}`;
    git(folder, 'init', '--quiet', '--template=', `--initial-branch=${branch}`);
    await writeFiles(folder, project.files);
    git(folder, 'add', '--all', '--force');
    git(folder, 'commit', '--quiet', '--message', `${project.name} as it was`);
    git(folder, 'push', '--quiet', this.bench.repository, branch);
    const base = { branch, commit: git(folder, 'rev-parse', 'HEAD') };
    this.bases.set(project, base);
    return base;
  }

  private async act({ directory, agentHome, readable = [] }: Workspace, { files = {}, script }: Deed): Promise<void> {
    await writeFiles(directory, files);
    if (script === undefined) return;
    await mkdir(agentHome, { recursive: true });
    const { exitCode, reason, stderr } = await this.runner.run({
      argv: ['bash', '-euo', 'pipefail', '-c', script],
      cwd: directory,
      env: { PATH: PROGRAM_PATH, HOME: agentHome, GIT_CONFIG_NOSYSTEM: '1', ...IDENTITY },
      confinement: { writable: [directory, agentHome], readable },
      timeoutMs: 60_000,
    });
    if (exitCode !== 0) throw new Error(`The agent's script failed: ${reason ?? stderr.text}`);
  }
}

const IDENTITY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap((who) => [
    [`GIT_${who}_NAME`, 'agent'],
    [`GIT_${who}_EMAIL`, 'agent@localhost'],
  ]),
);

async function writeFiles(folder: string, files: Readonly<Record<string, string | null>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    if (text === null) {
      await rm(file);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    if (text.startsWith('#!')) await chmod(file, 0o755);
  }
}

/** Why a project cannot be tried on this machine; null: it can. */
export function missingFor({ needs }: Project): string | null {
  if (needs === undefined) return null;
  return needs === 'pytest' ? pythonProblem('pytest') : programProblem(needs);
}
