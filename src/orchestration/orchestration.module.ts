import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';

import { ActiveRuns } from './runs/active-runs.js';
import { BlockerEnds } from './dependencies/blocker-ends.js';
import { BlockerResolver } from './dependencies/blocker-resolver.js';
import { CalibrationRecorder } from './runs/calibration-recorder.js';
import { CircleNotices } from './dependencies/circle-notices.js';
import { CommandDesk } from './commands/command-desk.js';
import { Dispatch } from './runs/dispatch.js';
import { EpicKeeper } from './dependencies/epic-keeper.js';
import { FinishedWorkspaces } from './runs/finished-workspaces.js';
import { Halting } from './intake/halting.js';
import { OversizedIssues } from './intake/oversized-issues.js';
import { IntakeService } from './intake/intake.service.js';
import { IssueFacts } from './intake/issue-facts.js';
import { IssueReconciler } from './intake/issue-reconciler.js';
import { JoblessCommands } from './commands/jobless-commands.js';
import { JobDrafting } from './intake/job-drafting.js';
import { Journal } from './journal.js';
import { Leading } from './leading.js';
import { ledOptions } from './led-options.js';
import { Notices } from './intake/notices.js';
import { LinkKeeper } from './dependencies/link-keeper.js';
import {
  ORCHESTRATION_OPTIONS,
  UNLED_OPTIONS,
  resolveOrchestrationOptions,
  type OrchestrationModuleOptions,
} from './orchestration.options.js';
import { OrchestrationLoop } from './orchestration-loop.js';
import { OutsideBlockers } from './dependencies/outside-blockers.js';
import { PullRequestWatch } from './reviews/pull-request-watch.js';
import { RepositorySettings } from './dependencies/repository-settings.js';
import { RunService } from './runs/run.service.js';
import { StatusWriter } from './status/status-writer.js';
import { Tick } from './tick.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<OrchestrationModuleOptions>({
  moduleName: 'Orchestration',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Puts the work in order: takes deliveries to jobs, jobs to runs, runs to pull requests, one tick at a time.
 *
 * Every collaborator is an option with a default that works within the process. Global by default: a second loop would
 * claim the same jobs.
 */
@Module({
  imports: [ScheduleModule.forRoot()],
  providers: [
    { provide: UNLED_OPTIONS, useFactory: resolveOrchestrationOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: ORCHESTRATION_OPTIONS, useFactory: ledOptions, inject: [UNLED_OPTIONS] },
    Leading,
    RepositorySettings,
    BlockerEnds,
    BlockerResolver,
    LinkKeeper,
    OutsideBlockers,
    EpicKeeper,
    CircleNotices,
    JobDrafting,
    IssueFacts,
    Halting,
    OversizedIssues,
    Notices,
    CommandDesk,
    JoblessCommands,
    PullRequestWatch,
    IssueReconciler,
    IntakeService,
    RunService,
    ActiveRuns,
    Dispatch,
    StatusWriter,
    FinishedWorkspaces,
    CalibrationRecorder,
    Tick,
    Journal,
    OrchestrationLoop,
  ],
  exports: [OrchestrationLoop],
})
export class OrchestrationModule extends ConfigurableModuleClass {}
