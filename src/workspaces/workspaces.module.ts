import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { COMMAND_RUNNER, type CommandRunner } from '../command-runner/index.js';
import { CLOCK, RANDOMNESS, SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { GitWorkspaces } from './git-workspaces.js';
import type { WorkspacesModuleOptions } from './workspaces.options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<WorkspacesModuleOptions>({
  moduleName: 'Workspaces',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Where agents work. Uses the app's command runner where there is one, so that git ends with the app.
 *
 * Global by default: one root directory belongs to one `GitWorkspaces`, whose locks keep its users apart.
 */
@Module({
  providers: [
    { provide: CLOCK, useClass: SystemClock },
    { provide: RANDOMNESS, useClass: SystemRandomness },
    {
      provide: GitWorkspaces,
      useFactory: (options: WorkspacesModuleOptions, clock: Clock, randomness: Randomness, runner?: CommandRunner) =>
        new GitWorkspaces({ ...options, commandRunner: options.commandRunner ?? runner ?? null }, clock, randomness),
      inject: [MODULE_OPTIONS_TOKEN, CLOCK, RANDOMNESS, { token: COMMAND_RUNNER, optional: true }],
    },
  ],
  exports: [GitWorkspaces],
})
export class WorkspacesModule extends ConfigurableModuleClass {}
