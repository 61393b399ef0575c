export {
  COMMAND_ENDINGS,
  COMMAND_RUNNER,
  type CapturedOutput,
  type Command,
  type CommandEnding,
  type CommandResult,
  type CommandRunner,
} from './command-runner.port.js';
