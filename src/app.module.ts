import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Module } from '@nestjs/common';

import { AgentRegistry, AgentsModule } from './agents/index.js';
import { ApiModule } from './api/index.js';
import { COMMAND_RUNNER, CommandRunnerModule, endLeftovers, type CommandRunner } from './command-runner/index.js';
import { APP_CONFIG, EnvironmentModule, type AppConfig } from './config/index.js';
import { ContextMonitorModule, ContextMonitorService } from './context-monitor/index.js';
import { GiteaIssueTracker, GiteaModule } from './gitea/index.js';
import { HealthModule } from './health/index.js';
import {
  CLOCK,
  EVENT_BUS,
  KernelModule,
  RANDOMNESS,
  type Clock,
  type EventBus,
  type Randomness,
} from './kernel/index.js';
import { limitationsOf } from './limitations.js';
import { loadProfiles } from './load-profiles.js';
import { MetricsModule } from './metrics/index.js';
import { OrchestrationLoop, OrchestrationModule } from './orchestration/index.js';
import { AnthropicLanguageModel, IssueParserService, ParserModule } from './parser/index.js';
import {
  DATABASE,
  PersistenceModule,
  SqlDeliveryLog,
  SqlJobStore,
  SqlMetadataCache,
  SqlRunStore,
  type CoordinatorDatabase,
} from './persistence/index.js';
import { QualityGatesModule, QualityGatesService } from './quality-gates/index.js';
import { QueueModule, QueueService } from './queue/index.js';
import { StartupReport } from './startup-report.js';
import { WebhookModule } from './webhook/index.js';
import { GitWorkspaces, WorkspacesModule } from './workspaces/index.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** A loop that was silent for this many of its intervals is no longer believed to be alive. */
const SILENT_INTERVALS = 6;

/** The composition root: the only file that knows who satisfies whom. */
@Module({
  imports: [
    EnvironmentModule,
    KernelModule,
    PersistenceModule.forRootAsync({
      inject: [APP_CONFIG, CLOCK],
      useFactory: ({ dataFolder }: AppConfig, clock: Clock) => ({ dataFolder, clock }),
    }),
    CommandRunnerModule.forRootAsync({
      // The open database proves that no other process works in the data folder: whatever carries its mark is left over.
      inject: [APP_CONFIG, DATABASE],
      useFactory: async ({ dataFolder }: AppConfig) => {
        const ownerId = createHash('sha256').update(dataFolder).digest('hex').slice(0, 32);
        await endLeftovers(ownerId);
        return { ownerId };
      },
    }),
    GiteaModule.forRootAsync({
      inject: [APP_CONFIG, CLOCK, RANDOMNESS],
      useFactory: ({ gitea, scrubber }: AppConfig, clock: Clock, randomness: Randomness) => ({
        baseUrl: gitea.url,
        token: gitea.token,
        botName: gitea.botName,
        scrub: scrubber.scrub,
        clock,
        randomness,
      }),
    }),
    WorkspacesModule.forRootAsync({
      inject: [APP_CONFIG],
      useFactory: ({ dataFolder, gitea, inherited, scrubber }: AppConfig) => ({
        root: join(dataFolder, 'workspaces'),
        giteaUrl: gitea.url,
        token: gitea.token,
        botName: gitea.botName,
        environment: inherited,
        scrubber,
      }),
    }),
    AgentsModule.forRootAsync({
      inject: [APP_CONFIG],
      useFactory: (config: AppConfig) => ({ profiles: loadProfiles(config) }),
    }),
    ParserModule.forRootAsync({
      inject: [APP_CONFIG, SqlMetadataCache, AgentRegistry, CLOCK, RANDOMNESS],
      useFactory: (
        { anthropic }: AppConfig,
        cache: SqlMetadataCache,
        { profiles }: AgentRegistry,
        clock: Clock,
        randomness: Randomness,
      ) => ({
        model: new AnthropicLanguageModel({
          apiKey: anthropic.apiKey,
          baseUrl: anthropic.baseUrl,
          model: anthropic.parserModel,
          // The loop waits for the parser: a model that does not answer must not keep it for long.
          timeoutMs: 25_000,
          maxRetries: 1,
        }),
        cache,
        agentNames: profiles.map(({ name }) => name),
        clock,
        randomness,
      }),
    }),
    QueueModule.forRootAsync({
      inject: [APP_CONFIG, SqlJobStore, AgentRegistry, EVENT_BUS],
      useFactory: ({ limits, times }: AppConfig, store: SqlJobStore, { profiles }: AgentRegistry, bus: EventBus) => ({
        store,
        bus,
        leaseMs: times.leaseMs,
        limits: {
          global: limits.running,
          perRepository: limits.runningPerRepository,
          perProfile: Object.fromEntries(profiles.map(({ name, maxConcurrent }) => [name, maxConcurrent])),
        },
      }),
    }),
    ContextMonitorModule.forRootAsync({
      inject: [APP_CONFIG, CLOCK],
      useFactory: ({ context }: AppConfig, clock: Clock) => ({ ...context, clock }),
    }),
    QualityGatesModule.forRootAsync({
      inject: [APP_CONFIG, COMMAND_RUNNER, CLOCK],
      useFactory: ({ times }: AppConfig, commandRunner: CommandRunner, clock: Clock) => ({
        gateTimeoutMs: times.gateTimeoutMs,
        commandRunner,
        clock,
      }),
    }),
    OrchestrationModule.forRootAsync({
      inject: [
        APP_CONFIG,
        QueueService,
        SqlDeliveryLog,
        SqlRunStore,
        IssueParserService,
        AgentRegistry,
        ContextMonitorService,
        QualityGatesService,
        GiteaIssueTracker,
        GitWorkspaces,
        EVENT_BUS,
        CLOCK,
        RANDOMNESS,
      ],
      useFactory: (
        { gitea, limits, times }: AppConfig,
        queue: QueueService,
        deliveries: SqlDeliveryLog,
        runs: SqlRunStore,
        parser: IssueParserService,
        registry: AgentRegistry,
        monitor: ContextMonitorService,
        judge: QualityGatesService,
        tracker: GiteaIssueTracker,
        workspaces: GitWorkspaces,
        bus: EventBus,
        clock: Clock,
        randomness: Randomness,
      ) => ({
        botName: gitea.botName,
        limits: {
          maxRejections: limits.rejections,
          maxFailures: limits.failures,
          turnTimeoutMs: times.turnTimeoutMs,
          runTimeoutMs: times.runTimeoutMs,
          loopIntervalMs: times.loopIntervalMs,
          sweepIntervalMs: times.sweepIntervalMs,
          shutdownGraceMs: times.shutdownGraceMs,
        },
        queue,
        deliveries,
        runs,
        parser,
        registry,
        monitor,
        judge,
        tracker,
        workspaces,
        bus,
        clock,
        randomness,
      }),
    }),
    WebhookModule.forRootAsync({
      inject: [APP_CONFIG, SqlDeliveryLog, OrchestrationLoop, EVENT_BUS, CLOCK],
      useFactory: (
        { webhook }: AppConfig,
        deliveryLog: SqlDeliveryLog,
        loop: OrchestrationLoop,
        eventBus: EventBus,
        clock: Clock,
      ) => ({
        security: webhook,
        deliveryLog,
        handler: { accepted: () => loop.wake() },
        eventBus,
        clock,
      }),
    }),
    HealthModule.forRootAsync({
      inject: [APP_CONFIG, DATABASE, OrchestrationLoop],
      useFactory: (config: AppConfig, database: CoordinatorDatabase, loop: OrchestrationLoop) => ({
        pingDatabase: () => database.assertWritable(),
        sinceLastTickMs: () => loop.sinceLastTickMs,
        silentLoopMs: config.times.loopIntervalMs * SILENT_INTERVALS,
        limitations: limitationsOf(config),
        version,
      }),
    }),
    MetricsModule.forRootAsync({
      inject: [EVENT_BUS, QueueService],
      useFactory: (bus: EventBus, queue: QueueService) => ({ bus, countByState: () => queue.countByState() }),
    }),
    ApiModule.forRootAsync({
      inject: [APP_CONFIG, QueueService, SqlRunStore],
      useFactory: ({ http }: AppConfig, queue: QueueService, runs: SqlRunStore) => ({
        queue,
        runs,
        token: http.apiToken,
      }),
    }),
  ],
  providers: [StartupReport],
})
export class AppModule {}
