import { request } from 'node:http';
import { join } from 'node:path';

import { expect } from '@jest/globals';
import { Controller, Post, UseGuards, type DynamicModule, type INestApplication, type Type } from '@nestjs/common';

import { AgentRegistry, AgentsModule, ScriptedRuntime } from '../../src/agents/index.js';
import { BudgetService, BudgetsModule } from '../../src/budgets/index.js';
import { CalibrationModule, CalibrationService } from '../../src/calibration/index.js';
import {
  COMMAND_RUNNER,
  CommandRunnerModule,
  ProcessCommandRunner,
  type CommandRunner,
} from '../../src/command-runner/index.js';
import { ContextMonitorModule, ContextMonitorService } from '../../src/context-monitor/index.js';
import { EGRESS, EgressModule, type Egress } from '../../src/egress/index.js';
import { EntitlementModule, EntitlementService } from '../../src/entitlement/index.js';
import { GiteaIssueTracker, GiteaModule } from '../../src/gitea/index.js';
import { issueKey } from '../../src/kernel/index.js';
import { InMemoryIssueTracker, OrchestrationLoop, OrchestrationModule } from '../../src/orchestration/index.js';
import { IssueParserService, ParserModule } from '../../src/parser/index.js';
import { PersistenceModule, SqlDeliveryLog } from '../../src/persistence/index.js';
import { QualityGatesModule, QualityGatesService } from '../../src/quality-gates/index.js';
import { QueueModule, QueueService } from '../../src/queue/index.js';
import { RetentionModule, RetentionService } from '../../src/retention/index.js';
import { SANDBOX_STATE, SandboxModule, type SandboxState } from '../../src/sandbox/index.js';
import { SecurityModule, SignatureGuard } from '../../src/security/index.js';
import type { FakeGitea } from '../../src/testing/index.js';
import { DELIVERY_LOG, InMemoryDeliveryLog, WebhookModule, type DeliveryLog } from '../../src/webhook/index.js';
import { GitWorkspaces, WorkspacesModule } from '../../src/workspaces/index.js';
import { SECRET, recordedDelivery, signatureHeaders } from './recorded-deliveries.js';
import { ISSUE, PROFILE, aDelivery, anIssue } from './start-orchestration.js';

/** What a module may be tried out on. */
export interface Place {
  /** An empty folder. */
  readonly folder: string;
  /** With a public repository `acme/tools` of one file. */
  readonly gitea: FakeGitea;
}

type Options = Readonly<Record<string, unknown>>;

/** A module as `ConfigurableModuleBuilder` makes it, whatever its options. */
export interface ConfigurableModule {
  forRoot(options: never): DynamicModule;
  forRootAsync(options: never): DynamicModule;
}

/** One module, and one useful thing to do with it that shows that it works. */
export interface ModuleUse {
  readonly name: string;
  readonly module: ConfigurableModule;
  /** Options without which it does not start, or nothing could be seen of it. */
  options(place: Place): Options;
  readonly controllers?: readonly Type[];
  /** Resolves with what is to be seen. */
  use(app: INestApplication, place: Place, options: Options): Promise<unknown>;
  readonly shows: unknown;
}

@Controller('hooks')
@UseGuards(SignatureGuard)
class HooksController {
  @Post()
  take(): { taken: boolean } {
    return { taken: true };
  }
}

const assigned = recordedDelivery('gitea-1.27-assigned');

async function post(app: INestApplication, path: string, secret: string): Promise<number> {
  const answer = await fetch(`${await app.getUrl()}/${path}`, {
    method: 'POST',
    headers: { ...assigned.headers, ...signatureHeaders('gitea', assigned.bytes, secret) },
    body: new Uint8Array(assigned.bytes),
  });
  return answer.status;
}

/** The answer of a program in a sandbox's place that asks for an address by its way out. */
function askThrough(socket: string, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath: socket, path: address }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      answer.once('end', () => resolve(`${answer.statusCode} ${text}`));
    });
    asking.once('error', reject).end();
  });
}

const TEXT = { ref: ISSUE, title: 'Make it right', body: '## Context Estimate\n- Total estimated: 46,800 tokens' };
const DRAFT = { issue: ISSUE, title: 'x', profile: 'glm', priority: 0, blockers: [], details: {} };

/** Every module that other apps may use, alone. */
export const MODULE_USES: readonly ModuleUse[] = [
  {
    name: 'security',
    module: SecurityModule,
    options: () => ({ secrets: [SECRET], paths: ['hooks'] }),
    controllers: [HooksController],
    use: async (app) => [await post(app, 'hooks', SECRET), await post(app, 'hooks', 'another secret altogether')],
    shows: [201, 401],
  },
  {
    name: 'webhook',
    module: WebhookModule,
    options: () => ({ security: { secrets: [SECRET] } }),
    use: async (app) => {
      const status = await post(app, 'webhook/gitea', SECRET);
      const [delivery] = await app.get<DeliveryLog>(DELIVERY_LOG).unsettled(10);
      return [status, delivery?.id];
    },
    shows: [200, assigned.delivery?.id],
  },
  {
    name: 'parser',
    module: ParserModule,
    options: () => ({}),
    use: async (app) => (await app.get(IssueParserService).parse(TEXT)).estimatedTokens,
    shows: 46_800,
  },
  {
    name: 'queue',
    module: QueueModule,
    options: () => ({}),
    use: async (app) => {
      const queue = app.get(QueueService);
      await queue.enqueue(DRAFT, 'For trying it out.');
      return (await queue.claim())?.issue;
    },
    shows: ISSUE,
  },
  {
    name: 'budgets',
    module: BudgetsModule,
    options: () => ({ perIssue: { usd: 0.01 } }),
    use: async (app) => {
      const budgets = app.get(BudgetService);
      const run = { runId: 'run-1', issue: ISSUE, profile: { name: 'sonnet', prices: { input: 3, output: 15 } } };
      const spent = { inputTokens: 0, outputTokens: 700, cacheReadTokens: 0, cacheWriteTokens: 0 };
      await budgets.spent(run, spent);
      return { refusal: await budgets.refusal(run), spent: await budgets.spentOn(ISSUE) };
    },
    shows: {
      refusal: {
        sentence: expect.stringContaining('$0.02 of $0.01 are spent'),
        needsPerson: true,
        retryAt: null,
      },
      spent: { tokens: 700, usd: 0.0105, usdAtLeast: 0.0105 },
    },
  },
  {
    name: 'retention',
    module: RetentionModule,
    options: () => {
      const folder = { id: 'old', kind: 'workspace', bytes: 10, usedAt: 0, isInUse: false } as const;
      const kept = new Map([folder, { ...folder, id: 'live', isInUse: true }].map((one) => [one.id, one]));
      const drop = async ({ id }: { readonly id: string }): Promise<boolean> => kept.delete(id);
      return { folders: [{ list: async () => [...kept.values()], drop }] };
    },
    use: async (app) => (await app.get(RetentionService).prune()).folders,
    shows: { dropped: 1, droppedBytes: 10, keptBytes: 10, excessBytes: 0 },
  },
  {
    name: 'sandbox',
    module: SandboxModule,
    options: ({ folder }) => ({ bubblewrapPath: join(folder, 'bwrap'), allowUnsandboxed: true, folder }),
    use: async (app) => app.get<SandboxState>(SANDBOX_STATE).isConfining,
    shows: false,
  },
  {
    name: 'egress',
    module: EgressModule,
    options: ({ folder }) => ({ directory: folder, allowedHosts: ['registry.example:80'] }),
    use: async (app) => {
      const { socket } = await app.get<Egress>(EGRESS).open({ model: null });
      return askThrough(socket, 'http://elsewhere.example/');
    },
    shows: expect.stringMatching(/^403 .*may not be reached from this sandbox. Allowed are: registry.example:80/),
  },
  {
    name: 'calibration',
    module: CalibrationModule,
    options: () => ({}),
    use: async (app) => {
      const calibration = app.get(CalibrationService);
      const sample = { profile: 'glm', difficulty: 'easy', estimatedTokens: 1_000, peakTokens: 4_000 } as const;
      for (const jobId of ['one', 'two', 'three']) await calibration.record({ ...sample, jobId });
      return (await calibration.correct(10_000, 'easy', 'glm')).tokens;
    },
    shows: 20_000,
  },
  {
    name: 'entitlement',
    module: EntitlementModule,
    options: () => ({ botName: 'mosaic-bot' }),
    use: async (app) => (await app.get(EntitlementService).standingOf(ISSUE, 'mosaic-bot')).why,
    shows: 'mosaic-bot is the bot itself.',
  },
  {
    name: 'context-monitor',
    module: ContextMonitorModule,
    options: () => ({}),
    use: async (app) =>
      app.get(ContextMonitorService).assess({ sessionId: 's', usedTokens: 80, usableTokens: 100 }).action,
    shows: 'compact',
  },
  {
    name: 'quality-gates',
    module: QualityGatesModule,
    options: () => ({ defaultConfiguration: "gates:\n  test: printf '# tests 2\\n# pass 2\\n# fail 0\\n'\n" }),
    use: async (app, { folder }) => {
      const subject = { commit: 'a'.repeat(40), checkout: folder, readBaseFile: async () => null };
      return (await app.get(QualityGatesService).judge(subject)).summary;
    },
    shows: expect.stringContaining('passed'),
  },
  {
    name: 'orchestration',
    module: OrchestrationModule,
    options: () => {
      const tracker = new InMemoryIssueTracker();
      tracker.put(anIssue());
      return { tracker, deliveries: new InMemoryDeliveryLog(), queue: QueueService.inMemory() };
    },
    use: async (app, _place, options) => {
      const { deliveries, queue } = options as { deliveries: InMemoryDeliveryLog; queue: QueueService };
      await deliveries.record(aDelivery(anIssue()));
      const loop = app.get(OrchestrationLoop);
      loop.wake();
      await loop.idle();
      return queue.explain(issueKey(ISSUE));
    },
    shows: expect.stringMatching(/^Waits for a person: No agent profile/),
  },
  {
    name: 'agents',
    module: AgentsModule,
    options: () => ({
      runtimes: [new ScriptedRuntime({ '*': { steps: [{ do: 'say', text: 'Hello' }] } }, new ProcessCommandRunner())],
      profiles: [PROFILE],
    }),
    use: async (app, { folder }) => {
      const said: string[] = [];
      const session = await app
        .get(AgentRegistry)
        .runtimeOf(PROFILE)
        .open({
          issue: ISSUE,
          profile: PROFILE,
          workspace: folder,
          home: join(folder, 'home'),
          instructions: '',
          onEvent: (event) => said.push(event.type),
        });
      const { stop } = await session.prompt('Say hello.');
      await session.close();
      return [stop, said];
    },
    shows: ['end_turn', ['text']],
  },
  {
    name: 'gitea',
    module: GiteaModule,
    options: ({ gitea }) => ({ baseUrl: gitea.url, token: gitea.createToken('mosaic') }),
    use: async (app, { gitea }) => {
      const ref = gitea.openIssue({ owner: 'acme', repo: 'tools' }, { title: 'Wrong', body: '' }, { by: 'acme' });
      return app.get(GiteaIssueTracker).readIssue(ref);
    },
    shows: expect.objectContaining({ kind: 'found', issue: expect.objectContaining({ title: 'Wrong' }) }),
  },
  {
    name: 'workspaces',
    module: WorkspacesModule,
    options: ({ folder, gitea }) => ({ root: join(folder, 'workspaces'), giteaUrl: gitea.url }),
    use: async (app) => {
      const workspaces = app.get(GitWorkspaces);
      const workspace = await workspaces.prepare({ issue: ISSUE, title: 'x', baseBranch: null, baseCommit: null });
      return workspaces.readBaseFile(workspace, 'README.md');
    },
    shows: '# tools\n',
  },
  {
    name: 'command-runner',
    module: CommandRunnerModule,
    options: () => ({}),
    use: async (app, { folder }) => {
      const command = { argv: ['/bin/echo', 'hello'], cwd: folder, env: {}, timeoutMs: 10_000 } as const;
      return (await app.get<CommandRunner>(COMMAND_RUNNER).run(command)).stdout.text;
    },
    shows: 'hello\n',
  },
  {
    name: 'persistence',
    module: PersistenceModule,
    options: ({ folder }) => ({ dataFolder: join(folder, 'data') }),
    use: async (app) => {
      const log = app.get(SqlDeliveryLog);
      const delivery = aDelivery(anIssue());
      return [await log.record(delivery), await log.record(delivery)];
    },
    shows: ['accepted', 'duplicate'],
  },
];
