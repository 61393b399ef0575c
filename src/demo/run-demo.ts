import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SystemClock, type IssueRef } from '../kernel/index.js';
import { FakeGitea, ScriptedModelServer } from '../testing/index.js';
import { CoordinatorProcess } from './coordinator-process.js';
import { FILES, ISSUES, REPOSITORY } from './demo-repository.js';
import { demoRules } from './demo-script.js';
import { narrate, type LogLine } from './narrate.js';
import { endTable, faultsOf, type ShownJob } from './outcome.js';
import type { Paint } from './paint.js';

const BOT = 'mosaic';
const MAINTAINER = 'ada';
const WEBHOOK_SECRET = 'only-for-the-demonstration';
const API_TOKEN = 'only-for-the-demonstration';
const MODEL_KEY = 'only-for-the-demonstration';
/** A model that answered at once would leave nothing to watch. */
const MODEL_THINKS_MS = 150;
const GIVE_UP_AFTER_MS = 120_000;

export interface DemoOptions {
  /** The built service. */
  readonly program: string;
  readonly print: (line: string) => void;
  readonly paint: Paint;
  /** Where programs are found: git, node, npm. */
  readonly path: string;
}

/**
 * Shows the main job from end to end: three issues become three merged pull requests.
 *
 * Gitea and the model are stand-ins that speak the real protocols. The coordinator is the program that runs in
 * production, as a process of its own with a database of its own: it can be killed while it works, and goes on.
 *
 * Resolves with what is wrong with the end, in sentences: nothing, when all is well.
 */
export async function runDemo(options: DemoOptions): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'mosaic-demo-'));
  const clock = new SystemClock();
  const gitea = await FakeGitea.start({ users: [MAINTAINER, BOT], searchPath: options.path });
  const model = new ScriptedModelServer({
    apiKey: MODEL_KEY,
    rules: demoRules(() => clock.sleep(MODEL_THINKS_MS)),
  });
  const demo = new Demo(options, gitea, await model.start(), folder);
  try {
    return await demo.run(clock);
  } finally {
    await demo.stop();
    await Promise.all([gitea.close(), model.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
}

class Demo {
  private coordinator: CoordinatorProcess | null = null;
  private address = '';
  private readonly startedAt = new Map<number, number>();
  private readonly seconds = new Map<number, number>();
  private readonly merged: number[] = [];
  private readonly completed = new Set<number>();
  private readonly isReady: Promise<void>;
  private readonly isOver: Promise<string | null>;
  private ready: () => void = () => undefined;
  private over: (failure: string | null) => void = () => undefined;

  constructor(
    private readonly options: DemoOptions,
    private readonly gitea: FakeGitea,
    private readonly modelUrl: string,
    private readonly folder: string,
  ) {
    this.isReady = new Promise((resolve) => (this.ready = resolve));
    this.isOver = new Promise((resolve) => (this.over = resolve));
  }

  async run(clock: SystemClock): Promise<readonly string[]> {
    const { print, paint } = this.options;
    const repository = await this.gitea.createRepository({
      owner: REPOSITORY.owner,
      name: REPOSITORY.repo,
      files: FILES,
      private: true,
      collaborators: { [BOT]: 'write', [MAINTAINER]: 'admin' },
    });
    print(paint.bold('Mosaic Coordinator, a demonstration'));
    print(paint.dim('  A stand-in for Gitea and one for the model, on this machine. Everything else is real: the'));
    print(paint.dim("  coordinator, its database, git, the agent's tools, the test suite."));
    print('');
    print(`  Gitea        ${repository.cloneUrl}`);
    this.startCoordinator();
    const giveUp = new AbortController();
    const timeout = clock.sleep(GIVE_UP_AFTER_MS, giveUp.signal).then(() => 'it took longer than two minutes');
    const failure = await Promise.race([this.play(), timeout]);
    giveUp.abort();
    return failure === null ? this.conclude() : [failure];
  }

  async stop(): Promise<void> {
    await this.coordinator?.stop();
  }

  private async play(): Promise<string | null> {
    await Promise.race([this.isReady, this.isOver]);
    this.gitea.createHook(REPOSITORY, { url: `${this.address}/webhook/gitea`, secret: WEBHOOK_SECRET });
    this.options.print('');
    const refs = ISSUES.map(({ title, body }) => this.gitea.openIssue(REPOSITORY, { title, body }, { by: MAINTAINER }));
    const [first, , third] = refs as [IssueRef, IssueRef, IssueRef];
    this.gitea.addDependency(third, first);
    for (const ref of refs) {
      this.options.print(
        `  ${this.options.paint.bold(MAINTAINER)} assigns issue #${ref.number} to ${BOT}: ${this.titleOf(ref)}`,
      );
      this.gitea.assign(ref, [BOT], { by: MAINTAINER });
    }
    return this.isOver;
  }

  private startCoordinator(): void {
    this.coordinator = CoordinatorProcess.start({
      program: this.options.program,
      environment: {
        PATH: this.options.path,
        GITEA_WEBHOOK_SECRET: WEBHOOK_SECRET,
        GITEA_URL: this.gitea.url,
        GITEA_TOKEN: this.gitea.createToken(BOT),
        GITEA_BOT_NAME: BOT,
        ANTHROPIC_API_KEY: MODEL_KEY,
        ANTHROPIC_BASE_URL: this.modelUrl,
        GLM_BASE_URL: this.modelUrl,
        GLM_API_KEY: MODEL_KEY,
        API_TOKEN,
        // The demonstration goes on without a sandbox, and says so. Where one works, it is used.
        ALLOW_UNSANDBOXED_AGENT: 'true',
        DATA_FOLDER: join(this.folder, 'data'),
        HOST: '127.0.0.1',
        // The webhook must find it again after a restart.
        PORT: this.address === '' ? '0' : new URL(this.address).port,
      },
      onLine: (line) => void this.hear(line),
      onDeath: (how) => this.restart(how),
    });
  }

  /** Whoever kills the coordinator while it works sees it go on: what it was told is stored. */
  private restart(how: string): void {
    const { print, paint } = this.options;
    if (!how.startsWith('SIG')) return this.over(`the coordinator ended by itself: ${how}`);
    print(paint.bad(`  The coordinator was ended by ${how}. It is started again on the same data folder.`));
    this.startCoordinator();
  }

  private async hear(line: LogLine): Promise<void> {
    const sentence = narrate(line, this.options.paint);
    if (sentence !== null) this.options.print(sentence);
    const issue = typeof line['issue'] === 'string' ? line['issue'] : '';
    const number = Number(issue.split('#')[1]);
    switch (line.message) {
      case 'Service is ready':
        this.address = String(line['address']);
        this.options.print(`  coordinator  ${this.address}, process ${this.coordinator?.pid} (kill -9 it if you like)`);
        return this.ready();
      case 'Run started':
        this.startedAt.set(number, this.startedAt.get(number) ?? Number(line['timestamp']));
        return;
      case 'Work published':
        this.seconds.set(number, (Number(line['timestamp']) - (this.startedAt.get(number) ?? 0)) / 1_000);
        return;
      case 'Job moved':
        return this.follow(number, String(line['to']), String(line['reason']));
      default:
        return;
    }
  }

  private async follow(number: number, state: string, reason: string): Promise<void> {
    if (state === 'in_review') return this.merge(number);
    if (state === 'needs_attention') this.over(`issue #${number} needs a person: ${reason}`);
    if (state !== 'completed') return;
    this.completed.add(number);
    if (this.completed.size === ISSUES.length) this.over(null);
  }

  private async merge(number: number): Promise<void> {
    const pull = this.gitea
      .issues(REPOSITORY)
      .find((issue) => issue.pull !== null && issue.state === 'open' && issue.body.startsWith(`Closes #${number}\n`));
    if (pull === undefined) return this.over(`there is no open pull request for issue #${number}`);
    this.options.print(`  ${this.options.paint.bold(MAINTAINER)} reviews pull request #${pull.number} and merges it`);
    await this.gitea.mergePullRequest(REPOSITORY, pull.number, { by: MAINTAINER });
    this.merged.push(number);
  }

  private async conclude(): Promise<readonly string[]> {
    const { print, paint } = this.options;
    const response = await fetch(`${this.address}/api/jobs`, { headers: { authorization: `Bearer ${API_TOKEN}` } });
    const jobs = ((await response.json()) as { jobs: ShownJob[] }).jobs;
    jobs.sort((a, b) => a.issue.localeCompare(b.issue));
    const sighting = { merged: this.merged, seconds: this.seconds };
    print('');
    print(endTable(jobs, sighting));
    print('');
    print('  Where to look next: README.md (five minutes to your own Gitea), SPEC.md (what it promises),');
    print(`  docs/architecture.md (how it is built). ${paint.dim('In service: /api/jobs, /metrics, /health/ready.')}`);
    return faultsOf(jobs, sighting);
  }

  private titleOf(ref: IssueRef): string {
    return ISSUES[ref.number - 1]?.title ?? '';
  }
}
