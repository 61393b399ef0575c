import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { CLOCK, RANDOMNESS, SystemClock, SystemRandomness, type Clock, type Randomness } from '../kernel/index.js';
import { COMMAND_RUNNER } from './command-runner.port.js';
import {
  COMMAND_RUNNER_OPTIONS,
  resolveCommandRunnerOptions,
  type CommandRunnerModuleOptions,
  type CommandRunnerOptions,
} from './command-runner.options.js';
import { LocalProcessLauncher } from './local-process-launcher.js';
import { ProcessCommandRunner } from './process-command-runner.js';
import { PROCESS_LAUNCHER } from './process-launcher.port.js';
import { SANDBOX, type Sandbox } from './sandbox.port.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<CommandRunnerModuleOptions>({
  moduleName: 'CommandRunner',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Runs programs and ends everything they started. Needs no other module of this package; where `SandboxModule` is
 * imported and no `sandbox` is given, confined programs run in that sandbox.
 *
 * Global by default, so that one runner knows of every process there is to end on shutdown.
 */
@Module({
  providers: [
    { provide: CLOCK, useClass: SystemClock },
    { provide: RANDOMNESS, useClass: SystemRandomness },
    {
      provide: COMMAND_RUNNER_OPTIONS,
      useFactory: (given: CommandRunnerModuleOptions, sandbox?: Sandbox): CommandRunnerOptions =>
        resolveCommandRunnerOptions({ ...given, sandbox: given.sandbox ?? sandbox ?? null }),
      inject: [MODULE_OPTIONS_TOKEN, { token: SANDBOX, optional: true }],
    },
    {
      provide: COMMAND_RUNNER,
      useFactory: (options: CommandRunnerOptions, clock: Clock, randomness: Randomness) =>
        new ProcessCommandRunner(options, clock, randomness),
      inject: [COMMAND_RUNNER_OPTIONS, CLOCK, RANDOMNESS],
    },
    {
      provide: PROCESS_LAUNCHER,
      useFactory: (options: CommandRunnerOptions, clock: Clock, randomness: Randomness) =>
        new LocalProcessLauncher(options, clock, randomness),
      inject: [COMMAND_RUNNER_OPTIONS, CLOCK, RANDOMNESS],
    },
  ],
  exports: [COMMAND_RUNNER, PROCESS_LAUNCHER],
})
export class CommandRunnerModule extends ConfigurableModuleClass {}
