import { join } from 'node:path';
import type { LaunchRequest, ProcessLauncher } from '../../../command-runner/index.js';
import { proxyEnvironment, type Egress, type EgressGate, type ModelRoute } from '../../../egress/index.js';
import { SystemClock, messageOf, type Clock } from '../../../kernel/index.js';
import type { AgentProfile } from '../../agent-profile.js';
import type { AgentRuntime, AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import { AgentSpawnError } from '../../agents.errors.js';
import { privateDirectories } from '../command-environment.js';
import { installationOf } from '../installation-of.js';
import { prepareSurroundings } from '../session-surroundings.js';
import type { AcpPreset } from './acp-preset.types.js';
import { ACP_PRESET_NAMES, presetOf } from './acp-presets.js';
import { AcpProcess } from './acp-process.js';
import { AcpSession } from './acp-session.js';
import { resolveAcpOptions, type AcpRuntimeModuleOptions, type AcpRuntimeOptions } from './acp.options.js';
import { findProgram } from './find-program.js';
import { ModelWatch, modelRouteOf } from './model-watch.js';
import { openConversation } from './open-conversation.js';
import { loadRecord } from './session-record.js';
import { SessionState } from './session-state.js';
import { writeHomeFiles } from './write-home-files.js';

/**
 * Agents that speak the Agent Client Protocol, version 1, over their standard input and output: known ones by a preset,
 * any other by its command. Each session is a process of its own, confined to its workspace and its home, that reaches
 * its model by a way out of the coordinator's and nothing else.
 */
export class AcpRuntime implements AgentRuntime {
  readonly kind = 'acp';
  private readonly options: AcpRuntimeOptions;

  /** @throws {InvalidAgentsOptionsError} if an option is out of range */
  constructor(
    private readonly launcher: ProcessLauncher,
    private readonly egress: Egress,
    options: AcpRuntimeModuleOptions = {},
    private readonly clock: Clock = new SystemClock(),
  ) {
    this.options = resolveAcpOptions(options);
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const preset = knownAgent(spec.profile);
    const saved = spec.resume === undefined ? null : await loadRecord(spec.home, spec.resume.id);
    const program = await this.find(preset);
    const { commandPath: path, author } = this.options;
    const { environment } = await prepareSurroundings(spec, { path, author });
    const model = new ModelWatch(spec.onEvent);
    const protocol = spec.profile.protocol ?? preset.protocols[0];
    const gate = await this.openGate(modelRouteOf(spec.profile, protocol), model);
    const process = await this.start(spec, preset, program, environment, gate);
    const state = new SessionState(spec, preset, this.clock, saved);
    const parts = { spec, preset, options: this.options, process, state, model, clock: this.clock };
    try {
      return new AcpSession({ ...parts, ...(await openConversation(parts)) });
    } catch (error) {
      await process.end();
      throw error;
    }
  }

  private async openGate(route: ModelRoute, { onUse, onModelFailure, onRefusal }: ModelWatch): Promise<EgressGate> {
    try {
      return await this.egress.open({ model: route, onUse, onModelFailure, onRefusal });
    } catch (error) {
      throw new AgentSpawnError(`The agent has no way to its model: ${messageOf(error)}`, { cause: error });
    }
  }

  private async find(preset: AcpPreset): Promise<string> {
    const [program] = preset.command;
    const found = await findProgram(program, this.options.commandPath);
    if (found !== null) return found;
    const remedy = preset.install === null ? 'Name a program that is there' : `Install it (${preset.install})`;
    throw new AgentSpawnError(
      `The agent ${program} was not found. ${remedy}, or give its absolute path under command in the profile.`,
    );
  }

  private async start(
    spec: SessionSpec,
    preset: AcpPreset,
    program: string,
    environment: Readonly<Record<string, string>>,
    gate: EgressGate,
  ): Promise<AcpProcess> {
    const { user, temporary } = privateDirectories(spec.home);
    const { profile, instructions } = spec;
    const protocol = profile.protocol ?? preset.protocols[0];
    const start = preset.start({ profile, protocol, token: gate.token, userHome: user, instructions });
    const [, ...args] = preset.command;
    const request: LaunchRequest = {
      argv: [program, ...args],
      cwd: spec.workspace,
      env: { ...environment, ...directoriesOf(user) },
      confinement: {
        writable: [spec.workspace, user, temporary],
        readable: [
          installationOf(program),
          ...args.filter((arg) => arg.startsWith('/')).map(installationOf),
          ...this.options.readable,
          ...(spec.readable ?? []),
        ],
        network: { socket: gate.socket, environment: { ...proxyEnvironment(), ...start.environment } },
      },
    };
    try {
      await writeHomeFiles(user, start.files);
      return AcpProcess.start(this.launcher, request, gate, this.options.stderrBytes);
    } catch (error) {
      await gate.close();
      throw new AgentSpawnError(`The agent's home cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }
}

function knownAgent(profile: AgentProfile): AcpPreset {
  const preset = presetOf(profile);
  if (preset !== null) return preset;
  throw new AgentSpawnError(
    `Profile ${profile.name} names no agent for the runtime acp. Give it a command, or one of the presets: ${ACP_PRESET_NAMES.join(', ')}`,
  );
}

/** Programs that keep to the base directories would otherwise look for them where HOME does not say. */
function directoriesOf(user: string): Record<string, string> {
  return {
    XDG_CONFIG_HOME: join(user, '.config'),
    XDG_DATA_HOME: join(user, '.local/share'),
    XDG_STATE_HOME: join(user, '.local/state'),
    XDG_CACHE_HOME: join(user, '.cache'),
  };
}
