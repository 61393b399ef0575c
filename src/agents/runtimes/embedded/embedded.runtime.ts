import type { CommandRunner } from '../../../command-runner/index.js';
import { SystemClock, SystemRandomness, type Clock, type Randomness } from '../../../kernel/index.js';
import type { AgentRuntime, AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import { prepareSurroundings } from '../session-surroundings.js';
import { EmbeddedSession } from './embedded-session.js';
import {
  resolveEmbeddedOptions,
  type EmbeddedRuntimeModuleOptions,
  type EmbeddedRuntimeOptions,
} from './embedded.options.js';
import { ModelCaller } from './model-caller.js';
import { loadSession } from './saved-session.js';
import { Toolbox } from './tools/toolbox.js';

/**
 * An agent within this process: a loop over the Messages API with tools for files and commands. Needs nothing
 * installed, and drives every model that speaks the protocol.
 */
export class EmbeddedRuntime implements AgentRuntime {
  readonly kind = 'embedded';
  private readonly options: EmbeddedRuntimeOptions;

  /** @throws {InvalidAgentsOptionsError} if an option is out of range */
  constructor(
    private readonly commandRunner: CommandRunner,
    options: EmbeddedRuntimeModuleOptions = {},
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
  ) {
    this.options = resolveEmbeddedOptions(options);
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const id = spec.resume?.id ?? this.randomness.uuid();
    const saved = spec.resume === undefined ? { history: [], usedTokens: null } : await loadSession(spec.home, id);
    const { commandPath: path, author, network } = this.options;
    const surroundings = await prepareSurroundings(spec, { path, author }, network);
    const toolbox = new Toolbox(
      { ...surroundings, workspace: spec.workspace, onEvent: spec.onEvent },
      this.options,
      this.commandRunner,
      this.clock,
    );
    const model = new ModelCaller(spec.profile, this.options, this.clock, this.randomness);
    return new EmbeddedSession({ id, spec, options: this.options, model, toolbox }, saved);
  }
}
