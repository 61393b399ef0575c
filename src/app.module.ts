import { createRequire } from 'node:module';
import { join } from 'node:path';

import { Module } from '@nestjs/common';

import { logAgentNotice } from './agent-notice.js';
import { AgentRegistry, AgentsModule, ModelAvailability } from './agents/index.js';
import { ApiModule } from './api/index.js';
import { BudgetService, BudgetsModule } from './budgets/index.js';
import { CalibrationModule, CalibrationService } from './calibration/index.js';
import { COMMAND_RUNNER, CommandRunnerModule, endLeftovers, type CommandRunner } from './command-runner/index.js';
import { APP_CONFIG, EnvironmentModule, type AppConfig } from './config/index.js';
import { ContextMonitorModule } from './context-monitor/index.js';
import { EgressModule, networkBridgeFiles } from './egress/index.js';
import { GITEA_MODULES } from './gitea-modules.js';
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
import { HOSTS_ACCESS, type HostsAccess } from './hosts-access.js';
import { limitationsOf } from './limitations.js';
import { loadGates } from './load-gates.js';
import { loadProfiles } from './load-profiles.js';
import { MetricsModule } from './metrics/index.js';
import { ORCHESTRATION_MODULE } from './orchestration-module.js';
import { OrchestrationLoop } from './orchestration/index.js';
import { AnthropicLanguageModel, ParserModule } from './parser/index.js';
import {
  DATABASE,
  PersistenceModule,
  SqlBaseMeasurementStore,
  SqlCalibrationStore,
  SqlDeliveryLog,
  SqlJobStore,
  SqlMetadataCache,
  SqlRunStore,
  SqlSpendLedger,
  type CoordinatorDatabase,
} from './persistence/index.js';
import { FolderDependencyCache, QualityGatesModule } from './quality-gates/index.js';
import { ownerIdOf } from './owner-id.js';
import { ReplicasModule } from './replicas.module.js';
import { QueueModule, QueueService } from './queue/index.js';
import { RETENTION_MODULE } from './retention-module.js';
import { DiskWatch, RetentionService } from './retention/index.js';
import { SANDBOX_STATE, SandboxModule, type SandboxState } from './sandbox/index.js';
import { SurroundingsModule } from './surroundings.module.js';
import { SpentDisk } from './spent-disk.js';
import { StartupReport } from './startup-report.js';
import { WebhookModule } from './webhook/index.js';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** A loop that was silent for this many of its intervals is no longer believed to be alive. */
const SILENT_INTERVALS = 6;

/** The composition root: it, gitea-modules.ts, orchestration-module.ts and retention-module.ts alone know who satisfies whom. */
@Module({
  imports: [
    EnvironmentModule,
    KernelModule,
    SurroundingsModule,
    PersistenceModule.forRootAsync({
      inject: [APP_CONFIG, CLOCK],
      useFactory: ({ dataFolder, database: { url, ...limits } }: AppConfig, clock: Clock) => ({
        dataFolder,
        databaseUrl: url,
        ...limits,
        clock,
      }),
    }),
    SandboxModule.forRootAsync({
      inject: [APP_CONFIG, DATABASE],
      useFactory: ({ dataFolder, sandbox: { isOptional, readable, ...limits } }: AppConfig) => ({
        folder: dataFolder, // There with the open database; a temporary one would be left by a kill.
        allowUnsandboxed: isOptional,
        readable,
        limits: { ...limits, treeMemoryBytes: 2 * limits.memoryBytes },
        bridgeFiles: networkBridgeFiles(),
      }),
    }),
    EgressModule.forRootAsync({ inject: [APP_CONFIG], useFactory: ({ egress }: AppConfig) => egress }),
    CommandRunnerModule.forRootAsync({
      // The open database proves that no other process works in the data folder: whatever carries its mark is left over.
      inject: [APP_CONFIG, DATABASE],
      useFactory: async ({ dataFolder }: AppConfig) => {
        const ownerId = ownerIdOf(dataFolder);
        await endLeftovers(ownerId);
        return { ownerId };
      },
    }),
    ...GITEA_MODULES,
    AgentsModule.forRootAsync({
      inject: [APP_CONFIG, HOSTS_ACCESS],
      useFactory: (config: AppConfig, network: HostsAccess) => ({
        profiles: loadProfiles(config),
        embedded: { network },
        claude: { onNotice: logAgentNotice },
      }),
    }),
    BudgetsModule.forRootAsync({
      inject: [APP_CONFIG, SqlSpendLedger, AgentRegistry, CLOCK, EVENT_BUS],
      useFactory: (
        { budgets }: AppConfig,
        ledger: SqlSpendLedger,
        { profiles }: AgentRegistry,
        clock: Clock,
        bus: EventBus,
      ) => ({ perRun: budgets.run, perIssue: budgets.issue, perDay: budgets.day, profiles, ledger, clock, bus }),
    }),
    CalibrationModule.forRootAsync({
      inject: [APP_CONFIG, SqlCalibrationStore],
      useFactory: ({ isCalibrated }: AppConfig, store: SqlCalibrationStore) => ({ enabled: isCalibrated, store }),
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
      inject: [APP_CONFIG, COMMAND_RUNNER, HOSTS_ACCESS, CLOCK, SqlBaseMeasurementStore, FolderDependencyCache],
      useFactory: (
        config: AppConfig,
        commandRunner: CommandRunner,
        network: HostsAccess,
        clock: Clock,
        baseMeasurements: SqlBaseMeasurementStore,
        dependencyCache: FolderDependencyCache,
      ) => ({
        gateTimeoutMs: config.times.gateTimeoutMs,
        defaultConfiguration: loadGates(config),
        folder: join(config.dataFolder, 'gates'), // Nobody else's, as the open database proves.
        dependencyCache,
        commandRunner,
        network,
        clock,
        baseMeasurements,
      }),
    }),
    RETENTION_MODULE,
    ReplicasModule,
    ORCHESTRATION_MODULE,
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
      inject: [
        APP_CONFIG,
        DATABASE,
        OrchestrationLoop,
        SANDBOX_STATE,
        AgentRegistry,
        ModelAvailability,
        DiskWatch,
        RetentionService,
      ],
      useFactory: (
        config: AppConfig,
        database: CoordinatorDatabase,
        loop: OrchestrationLoop,
        sandbox: SandboxState,
        { profiles }: AgentRegistry,
        availability: ModelAvailability,
        disk: DiskWatch,
        retention: RetentionService,
      ) => ({
        pingDatabase: () => database.assertWritable(),
        sinceLastTickMs: () => loop.sinceLastTickMs,
        silentLoopMs: config.times.loopIntervalMs * SILENT_INTERVALS,
        limitations: limitationsOf(config, sandbox, profiles),
        presentLimitations: () => [availability, disk, retention].flatMap((one) => one.limitations()),
        version,
      }),
    }),
    MetricsModule.forRootAsync({
      inject: [EVENT_BUS, QueueService],
      useFactory: (bus: EventBus, queue: QueueService) => ({ bus, countByState: () => queue.countByState() }),
    }),
    ApiModule.forRootAsync({
      inject: [APP_CONFIG, QueueService, SqlRunStore, BudgetService, CalibrationService],
      useFactory: (
        { http }: AppConfig,
        queue: QueueService,
        runs: SqlRunStore,
        budgets: BudgetService,
        calibration: CalibrationService,
      ) => ({
        queue,
        runs,
        budgets,
        calibration,
        token: http.apiToken,
      }),
    }),
  ],
  providers: [SpentDisk, StartupReport],
})
export class AppModule {}
