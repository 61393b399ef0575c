export { InvalidCommandRunnerOptionsError } from './command-runner.errors.js';
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
export { endLeftovers, type EndLeftoversOptions } from './end-leftovers.js';
export {
  PROCESS_LAUNCHER,
  type LaunchRequest,
  type LaunchedProcess,
  type ProcessExit,
  type ProcessLauncher,
} from './process-launcher.port.js';
export { ProcessCommandRunner } from './process-command-runner.js';
