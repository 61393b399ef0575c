import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { formatIssueRef, type IssueRef } from '../../src/kernel/index.js';
import {
  ScriptedModelServer,
  answerJson,
  callTool,
  say,
  stepsRule,
  type FakeGitea,
  type ModelConversation,
  type ModelReply,
  type ModelRule,
} from '../../src/testing/index.js';
import { FakeUnderTest } from './fake-under-test.js';
import { GiteaScene } from './gitea-scene.js';
import { FAKE_HOST, type GiteaHost } from './on-every-gitea.js';
import { PROGRAM, ServiceProcess, type LogLine } from './service-process.js';
import { makeTemporaryFolder } from './temporary-folder.js';

/**
 * The gates look at one file: the work is right when `answer.txt` says so. They are shell, and so take no time. They fail
 * on the base commit, which has no such file: to mend that is the work.
 *
 * @param build what the first gate does besides
 */
export function gatesWith(build: string): string {
  return `base: must_pass
gates:
  build: |
    test -f answer.txt
    ${build}
  lint: "! grep -q TAB answer.txt"
  test: |
    if [ "$(cat answer.txt)" = right ]; then pass=1; fail=0; else pass=0; fail=1; echo "not ok 1 - expected right"; fi
    printf '1..1\\n# tests 1\\n# pass %s\\n# fail %s\\n' $pass $fail
    test $fail = 0
  coverage:
    run: mkdir -p coverage && printf 'SF:answer.txt\\nDA:1,1\\nLF:1\\nLH:1\\nend_of_record\\n' > coverage/lcov.info
    report: coverage/lcov.info
`;
}

/** An issue in the structured format, so that no model is asked what it means. */
export function issueBody(more = '', estimate = '20,000', difficulty = 'easy'): string {
  return `## Objective
Make the answer right, in the one file that has something to do with it.
## Context Estimate
- Total estimated: ${estimate} tokens
## Difficulty
${difficulty}
${more}
## Acceptance Criteria
- [ ] the answer is right
`;
}

/** What the agent does that works on an issue; the last matching rule of a list that begins with special cases. */
export function agentRule(
  issue: number,
  steps: readonly (ModelReply | ((conversation: ModelConversation) => ModelReply | Promise<ModelReply>))[],
  isMeant: (conversation: ModelConversation) => boolean = () => true,
): ModelRule {
  return stepsRule({
    name: `issue ${issue}`,
    when: (conversation) =>
      conversation.outputSchema === null &&
      conversation.mentions(new RegExp(`\\b[\\w-]+/[\\w-]+#${issue}\\b`)) &&
      isMeant(conversation),
    steps,
  });
}

export const isSentBack = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('The work is not done');

export function writeAnswer(content: string): ModelReply {
  return callTool('write', { path: 'answer.txt', content });
}

export function runCommand(command: string): ModelReply {
  return callTool('bash', { command });
}

/** What the model says of an issue without the structured format. */
export function estimateRule(estimate: Readonly<Record<string, unknown>> = {}): ModelRule {
  return {
    name: 'estimate',
    when: ({ outputSchema }) => outputSchema !== null,
    reply: answerJson({
      estimated_tokens: 18_000,
      difficulty: 'easy',
      recommended_agent: null,
      acceptance_criteria: ['the answer is right'],
      blocked_by: [],
      blocks: [],
      confidence: 0.75,
      questions: [],
      ...estimate,
    }),
  };
}

/** Any agent that nothing else is said of: it does right at once. */
const DILIGENT = stepsRule({
  name: 'diligent',
  when: ({ outputSchema }) => outputSchema === null,
  steps: [writeAnswer('right'), say('The answer is right.')],
});

interface Start {
  /** Where Gitea comes from. @default a fake one */
  readonly host?: GiteaHost;
  /** Before the rule of the diligent agent. */
  readonly rules?: readonly ModelRule[];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * `.mosaic/coordinator.yml` of the base branch.
   * @default gatesWith('true')
   */
  readonly gates?: string;
  /** @default true */
  readonly hasToken?: boolean;
  /** What the service is started with, before the program and its arguments. @default nothing */
  readonly command?: readonly string[];
}

type Secrets = Readonly<Record<'GITEA_WEBHOOK_SECRET' | 'ANTHROPIC_API_KEY' | 'API_TOKEN', string>> & {
  readonly GITEA_TOKEN?: string;
};

/** Gitea, a model and the service, as three of a real installation, and what a test asks of them. */
export class Coordination implements AsyncDisposable {
  /** The services so far, the present one last. */
  private readonly services: ServiceProcess[] = [];
  private readonly joined: ServiceProcess[] = [];
  private readonly folder = makeTemporaryFolder();
  private url = '';

  private constructor(
    private readonly host: GiteaHost,
    /** The repository, and what people do in it. */
    readonly scene: GiteaScene,
    readonly model: ScriptedModelServer,
    readonly modelUrl: string,
    readonly secrets: Secrets,
    private readonly command: readonly string[],
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start({
    host = FAKE_HOST,
    rules = [],
    environment,
    gates = gatesWith('true'),
    hasToken = true,
    command = [],
  }: Start = {}): Promise<Coordination> {
    const secret = (): string => randomBytes(16).toString('hex');
    const gitea = await host.open();
    const secrets = {
      GITEA_WEBHOOK_SECRET: secret(),
      ANTHROPIC_API_KEY: secret(),
      API_TOKEN: secret(),
      ...(hasToken ? { GITEA_TOKEN: gitea.tokenOf('bot') } : {}),
    };
    const repository = await gitea.createRepository({ '.mosaic/coordinator.yml': gates });
    const model = new ScriptedModelServer({ apiKey: secrets.ANTHROPIC_API_KEY, rules: [...rules, DILIGENT] });
    const modelUrl = await model.start();
    const scene = new GiteaScene(gitea, repository);
    const coordination = new Coordination(host, scene, model, modelUrl, secrets, command, {
      ...secrets,
      GITEA_URL: gitea.url,
      GITEA_BOT_NAME: scene.bot,
      ANTHROPIC_BASE_URL: modelUrl,
      HOST: '127.0.0.1',
      // These tests run without a sandbox too; where one works, it is used.
      ALLOW_UNSANDBOXED_AGENT: 'true',
      PORT: '0',
      // A real server need not reach this machine: what its webhooks do not tell, the sweep finds.
      ...(host.isLive ? { SWEEP_INTERVAL_SECONDS: '5', LOOP_INTERVAL_SECONDS: '1' } : {}),
      ...environment,
    });
    try {
      coordination.begin();
      coordination.url = await coordination.service.address();
      await scene.tell(coordination.hookUrl, secrets.GITEA_WEBHOOK_SECRET);
    } catch (error) {
      await coordination[Symbol.asyncDispose]();
      throw error;
    }
    return coordination;
  }

  /** The fake itself, for tests of what no real server can be made to do. */
  get fake(): FakeGitea {
    return this.fakeUnderTest.fake;
  }

  /** The bare repository on disk, of a fake. */
  get directory(): string {
    return String(this.fakeUnderTest.repositories[0]?.directory);
  }

  /** The service that runs now, or ran last. */
  get service(): ServiceProcess {
    const service = this.services.at(-1);
    if (service === undefined) throw new Error('No service was started');
    return service;
  }

  get dataFolder(): string {
    return join(this.folder.path, 'data');
  }

  /** Where the service listens. */
  get address(): string {
    return this.url;
  }

  get hookUrl(): string {
    return `${this.url}/webhook/gitea`;
  }

  /** Another service beside the present one, with a data folder of its own. Ends with the others. */
  async join(name: string): Promise<ServiceProcess> {
    const service = ServiceProcess.start({ ...this.environment, DATA_FOLDER: join(this.folder.path, name) });
    this.joined.push(service);
    await service.address();
    return service;
  }

  /** The same service again, on the same data folder and the same port. */
  async restart(): Promise<void> {
    this.begin({ PORT: new URL(this.url).port });
    await this.service.address();
  }

  /** Opens an issue, and assigns it to the bot in a second step, as people do. */
  async assigned(title = 'Make it right', body = issueBody()): Promise<IssueRef> {
    const ref = await this.scene.openIssue(title, body);
    await this.scene.assign(ref);
    return ref;
  }

  /** Resolves with the log line when the job of the issue comes to this state; for the nth time. */
  reaches(ref: IssueRef, state: string, nth = 1): Promise<LogLine> {
    return this.service.line('Job moved', { issue: formatIssueRef(ref), to: state }, nth);
  }

  /** A job as the API shows it. */
  async job(ref: IssueRef): Promise<ShownJob> {
    const { job } = await this.ask<{ job: ShownJob }>(`/api/jobs/${ref.owner}/${ref.repo}/${ref.number}`);
    return job;
  }

  /** Resolves when every webhook so far was sent, where that can be known. */
  async told(): Promise<void> {
    if (this.scene.gitea instanceof FakeUnderTest) await this.fake.idle();
  }

  /** What a path answers to whoever holds the API token. */
  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(this.url + path, { headers: { authorization: `Bearer ${this.secrets.API_TOKEN}` } });
    return (await answer.json()) as T;
  }

  /** Ends the service as an operator does. What it had to say on issues is said by then. */
  async stop(): Promise<void> {
    await this.service.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.services, ...this.joined];
    for (const service of all) await service[Symbol.asyncDispose]();
    await Promise.all([this.host.release(this.scene.gitea), this.model.stop()]);
    this.folder.remove();
    const log = all.map(({ text }) => text).join('\n');
    const told = Object.entries(this.secrets).filter(([, secret]) => log.includes(secret));
    if (told.length > 0) throw new Error(`The log tells ${told.map(([name]) => name).join(', ')}`);
  }

  private get fakeUnderTest(): FakeUnderTest {
    const { gitea } = this.scene;
    if (!(gitea instanceof FakeUnderTest)) throw new Error('This is a real server, and no fake');
    return gitea;
  }

  private begin(changed: Readonly<Record<string, string>> = {}): void {
    const environment = { DATA_FOLDER: this.dataFolder, ...this.environment, ...changed };
    this.services.push(ServiceProcess.start(environment, [...this.command, process.execPath, PROGRAM]));
  }
}

/** What tests read of a job. */
export interface ShownJob {
  readonly state: string;
  readonly why: string;
  readonly profile: string;
  readonly progress: {
    readonly rejections: number;
    readonly rounds: readonly unknown[];
    readonly turns: number;
    readonly branch: string | null;
    readonly publishedCommit: string | null;
    readonly pullRequest: { readonly number: number } | null;
  };
}
