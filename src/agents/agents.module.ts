import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { COMMAND_RUNNER, PROCESS_LAUNCHER, type CommandRunner, type ProcessLauncher } from '../command-runner/index.js';
import { EGRESS, type Egress } from '../egress/index.js';
import {
  CLOCK,
  EVENT_BUS,
  InProcessEventBus,
  RANDOMNESS,
  SystemClock,
  SystemRandomness,
  type Clock,
  type EventBus,
  type Randomness,
} from '../kernel/index.js';
import { AgentRegistry } from './agent-registry.js';
import { resolveAgentsOptions, type AgentsModuleOptions } from './agents.options.js';
import { ModelAvailability } from './model-availability.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AgentsModuleOptions>({
  moduleName: 'Agents',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Knows the agents that can do a job, and which of them work may be given to now. Uses the app's command runner where
 * `CommandRunnerModule` is imported, and its event bus where it has one. Agents that are programs of their own are there
 * where `CommandRunnerModule` and `EgressModule` are.
 *
 * Global by default, so that the app calls `forRoot` once.
 */
@Module({
  providers: [
    { provide: CLOCK, useClass: SystemClock },
    { provide: RANDOMNESS, useClass: SystemRandomness },
    {
      provide: AgentRegistry,
      useFactory: (
        given: AgentsModuleOptions,
        clock: Clock,
        randomness: Randomness,
        commandRunner?: CommandRunner,
        launcher?: ProcessLauncher,
        egress?: Egress,
      ): AgentRegistry => {
        const surroundings = { clock, randomness, commandRunner, launcher, egress };
        const { runtimes, profiles } = resolveAgentsOptions(given, surroundings);
        return new AgentRegistry(runtimes, profiles);
      },
      inject: [
        MODULE_OPTIONS_TOKEN,
        CLOCK,
        RANDOMNESS,
        { token: COMMAND_RUNNER, optional: true },
        { token: PROCESS_LAUNCHER, optional: true },
        { token: EGRESS, optional: true },
      ],
    },
    {
      provide: ModelAvailability,
      useFactory: (
        { profiles }: AgentRegistry,
        clock: Clock,
        randomness: Randomness,
        bus: EventBus = new InProcessEventBus(),
      ): ModelAvailability => new ModelAvailability(profiles, clock, randomness, bus),
      inject: [AgentRegistry, CLOCK, RANDOMNESS, { token: EVENT_BUS, optional: true }],
    },
  ],
  exports: [AgentRegistry, ModelAvailability],
})
export class AgentsModule extends ConfigurableModuleClass {}
