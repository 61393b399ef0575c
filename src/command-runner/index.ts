export { ConfinementRefusedError, InvalidCommandRunnerOptionsError } from './command-runner.errors.js';
export { CommandRunnerModule } from './command-runner.module.js';
export type { CommandRunnerModuleOptions } from './command-runner.options.js';
export {
  COMMAND_ENDINGS,
  COMMAND_RUNNER,
  type CapturedOutput,
  type Command,
  type CommandEnding,
  type CommandResult,
  type CommandRunner,
} from './command-runner.port.js';
export type { Confinement, NetworkAccess } from './confinement.js';
export { DeadMansSwitch, type DeadMansSwitchOptions } from './dead-mans-switch.js';
export { endLeftovers, type EndLeftoversOptions } from './end-leftovers.js';
export {
  PROCESS_LAUNCHER,
  type LaunchRequest,
  type LaunchedProcess,
  type ProcessExit,
  type ProcessLauncher,
} from './process-launcher.port.js';
export { LocalProcessLauncher } from './local-process-launcher.js';
export { ProcessCommandRunner } from './process-command-runner.js';
export {
  NAMESPACE_DESCRIPTOR,
  SANDBOX,
  type ConfinedProgram,
  type ConfinedStart,
  type Sandbox,
  type TreeLimits,
} from './sandbox.port.js';
export { wardenArguments } from './warden-arguments.js';
