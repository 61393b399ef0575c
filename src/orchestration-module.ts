import type { DynamicModule } from '@nestjs/common';

import { AgentRegistry, ModelAvailability } from './agents/index.js';
import { BudgetService } from './budgets/index.js';
import { CalibrationService } from './calibration/index.js';
import { APP_CONFIG, type AppConfig } from './config/index.js';
import { ContextMonitorService } from './context-monitor/index.js';
import { EntitlementService } from './entitlement/index.js';
import {
  GiteaFilesClient,
  GiteaIssueLinks,
  GiteaIssueTracker,
  GiteaPullRequests,
  GiteaStarts,
  GiteaSubIssues,
} from './gitea/index.js';
import { FELLOWS, type Fellows } from './replicas.module.js';
import { CLOCK, EVENT_BUS, RANDOMNESS, type Clock, type EventBus, type Randomness } from './kernel/index.js';
import { OrchestrationModule } from './orchestration/index.js';
import { IssueParserService, IssueSplitterService } from './parser/index.js';
import { SqlDeliveryLog, SqlRunStore } from './persistence/index.js';
import { QualityGatesService } from './quality-gates/index.js';
import { QueueService } from './queue/index.js';
import { DiskWatch } from './retention/index.js';
import { SANDBOX_STATE, type SandboxState } from './sandbox/index.js';
import { GitWorkspaces } from './workspaces/index.js';

/** The part of the composition root that gives orchestration its ports. */
export const ORCHESTRATION_MODULE: DynamicModule = OrchestrationModule.forRootAsync({
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
    GiteaPullRequests,
    GiteaIssueLinks,
    GiteaFilesClient,
    GiteaSubIssues,
    IssueSplitterService,
    GitWorkspaces,
    BudgetService,
    DiskWatch,
    ModelAvailability,
    CalibrationService,
    EntitlementService,
    GiteaStarts,
    SANDBOX_STATE,
    FELLOWS,
    EVENT_BUS,
    CLOCK,
    RANDOMNESS,
  ],
  useFactory: (
    { database, gitea, dependencies, limits, times }: AppConfig,
    queue: QueueService,
    deliveries: SqlDeliveryLog,
    runs: SqlRunStore,
    parser: IssueParserService,
    registry: AgentRegistry,
    monitor: ContextMonitorService,
    judge: QualityGatesService,
    tracker: GiteaIssueTracker,
    pullRequests: GiteaPullRequests,
    links: GiteaIssueLinks,
    files: GiteaFilesClient,
    subIssues: GiteaSubIssues,
    splitter: IssueSplitterService,
    workspaces: GitWorkspaces,
    budgets: BudgetService,
    disk: DiskWatch,
    agentHealth: ModelAvailability,
    calibration: CalibrationService,
    entitlement: EntitlementService,
    starts: GiteaStarts,
    { isConfining: isConfined }: SandboxState,
    fellows: Fellows,
    bus: EventBus,
    clock: Clock,
    randomness: Randomness,
  ) => ({
    botName: gitea.botName,
    labelScope: gitea.labelScope,
    limits: {
      maxRejections: limits.rejections,
      maxRoundsWithoutProgress: limits.roundsWithoutProgress,
      maxFailures: limits.failures,
      maxTurns: limits.turns,
      maxReviewRounds: limits.reviewRounds,
      silenceMs: times.silenceMs,
      turnTimeoutMs: times.turnTimeoutMs,
      runTimeoutMs: times.runTimeoutMs,
      jobTimeoutMs: times.jobTimeoutMs,
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
    pullRequests,
    links,
    ...dependencies,
    files,
    subIssues,
    splitter,
    workspaces,
    spendGuard: budgets,
    dispatchGuards: [disk, budgets],
    agentHealth,
    calibration,
    entitlement,
    starts,
    isConfined,
    ...fellows,
    // Whoever shares the database may have to go on without this one's disk.
    draftsEachRound: database.url !== null,
    bus,
    clock,
    randomness,
  }),
});
