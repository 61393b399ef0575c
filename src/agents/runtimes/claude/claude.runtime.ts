import { mkdir, realpath } from 'node:fs/promises';
import { realpathSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { LaunchRequest, ProcessLauncher } from '../../../command-runner/index.js';
import type { Egress, EgressGate } from '../../../egress/index.js';
import { SystemClock, SystemRandomness, messageOf, type Clock, type Randomness } from '../../../kernel/index.js';
import type { AgentRuntime, AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import { AgentSpawnError, UnknownSessionError } from '../../agents.errors.js';
import { installationOf } from '../installation-of.js';
import { prepareSurroundings } from '../session-surroundings.js';
import { ClaudeConnection } from './claude-connection.js';
import { claudeConfinement, claudeEnvironment, configDirectory } from './claude-environment.js';
import type { ClaudeQueryOptions, ClaudeSpawnRequest } from './claude-sdk.types.js';
import { ClaudeSession } from './claude-session.js';
import { resolveClaudeOptions, type ClaudeRuntimeModuleOptions, type ClaudeRuntimeOptions } from './claude.options.js';
import { findClaudeExecutable } from './find-executable.js';
import { MEASURED_SDK, importClaudeSdk, loadClaudeSdk } from './load-claude-sdk.js';
import { turnHooks } from './turn-hooks.js';

/** Tools that work on the workspace. None that asks a person, starts other agents, waits, or reaches the internet. */
const TOOLS = ['Bash', 'Read', 'Write', 'Edit', 'Glob', 'Grep'];
const ANTHROPIC = 'https://api.anthropic.com';
/** Claude Code names sessions by UUID, and searches for anything else by its words. */
const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** There is no code for it. */
const NO_SESSION = /No conversation found/i;

/**
 * Claude Code, driven by the Claude Agent SDK as a live session in a confined process.
 *
 * Nothing of the repository configures it: no settings, hooks or servers of the workspace are read. The SDK is looked
 * for when the first session is opened, since it is no dependency of this package.
 */
export class ClaudeRuntime implements AgentRuntime {
  readonly kind = 'claude';
  private readonly options: ClaudeRuntimeOptions;
  private isVersionTold = false;

  /**
   * @param loadSdk loads the Claude Agent SDK
   * @throws {InvalidAgentsOptionsError} if an option is out of range
   */
  constructor(
    private readonly launcher: ProcessLauncher,
    private readonly egress: Egress,
    options: ClaudeRuntimeModuleOptions = {},
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
    private readonly loadSdk: () => Promise<unknown> = importClaudeSdk,
  ) {
    this.options = resolveClaudeOptions(options);
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    if (spec.resume !== undefined && !SESSION_ID.test(spec.resume.id)) {
      throw new UnknownSessionError(`${JSON.stringify(spec.resume.id.slice(0, 80))} names no session`);
    }
    const id = spec.resume?.id ?? this.randomness.uuid();
    const sdk = await loadClaudeSdk(this.loadSdk);
    const executable = await findClaudeExecutable(spec.profile, this.options.commandPath);
    const place = await this.preparePlace(spec);
    const session = new ClaudeSession(id, place, this.options, this.clock);
    const gate = await this.openGate(place, session);
    const connection = await ClaudeConnection.begin({
      sdk,
      launcher: this.launcher,
      gate,
      options: this.queryOptions(place, id, gate, executable, session),
      requestFor: (request) => this.launchRequest(request, place, gate, executable),
    }).catch((error: unknown) => {
      throw new AgentSpawnError(`Claude Code did not start: ${messageOf(error)}`, { cause: error });
    });
    try {
      await this.inTime(async () => {
        await connection.answers();
        await session.attach(connection, spec.resume !== undefined);
      });
    } catch (error) {
      await connection.end();
      const why = messageOf(error);
      if (NO_SESSION.test(why)) {
        throw new UnknownSessionError(`There is no session ${id} any more. Open a new one.`, { cause: error });
      }
      throw new AgentSpawnError(`Claude Code did not start: ${why}. ${await connection.ended}`, { cause: error });
    }
    return session;
  }

  private async inTime(start: () => Promise<void>): Promise<void> {
    const { startTimeoutMs } = this.options;
    const over = new AbortController();
    const late = this.clock.sleep(startTimeoutMs, over.signal).then(() => {
      throw new Error(`It did not answer within ${startTimeoutMs} ms`);
    });
    try {
      await Promise.race([start(), late]);
    } finally {
      over.abort();
    }
  }

  /** The spec with real paths: what is confined is reached by them alone. */
  private async preparePlace(spec: SessionSpec): Promise<SessionSpec> {
    await prepareSurroundings(spec, { path: this.options.commandPath, author: this.options.author });
    await mkdir(configDirectory(spec.home), { recursive: true, mode: 0o700 });
    return { ...spec, workspace: await realpath(spec.workspace), home: await realpath(spec.home) };
  }

  private async openGate({ profile }: SessionSpec, session: ClaudeSession): Promise<EgressGate> {
    const { baseUrl, apiKey, model } = profile;
    try {
      return await this.egress.open({
        model: { protocol: 'anthropic', baseUrl: baseUrl ?? ANTHROPIC, apiKey, model },
        onUse: session.onUse,
        onModelFailure: session.onModelFailure,
      });
    } catch (error) {
      throw new AgentSpawnError(`The agent has no way to its model: ${messageOf(error)}`, { cause: error });
    }
  }

  private queryOptions(
    spec: SessionSpec,
    id: string,
    { token }: EgressGate,
    executable: string | null,
    session: ClaudeSession,
  ): Omit<ClaudeQueryOptions, 'spawnClaudeCodeProcess'> {
    return {
      cwd: spec.workspace,
      model: spec.profile.model,
      ...(spec.resume === undefined ? { sessionId: id } : { resume: id }),
      systemPrompt: { type: 'preset', preset: 'claude_code', append: spec.instructions },
      tools: TOOLS,
      settingSources: [],
      strictMcpConfig: true,
      // Who works for whom is said by the coordinator, in the author of the commit and the pull request.
      settings: { attribution: { commit: '', pr: '' } },
      permissionMode: 'bypassPermissions',
      allowDangerouslySkipPermissions: true,
      includePartialMessages: true,
      env: claudeEnvironment(spec, this.options, token),
      hooks: turnHooks(session.mustStop),
      ...(executable === null ? {} : { pathToClaudeCodeExecutable: executable }),
    };
  }

  private launchRequest(
    { command, args, env }: ClaudeSpawnRequest,
    spec: SessionSpec,
    gate: EgressGate,
    executable: string | null,
  ): LaunchRequest {
    this.tellVersion(env['CLAUDE_AGENT_SDK_VERSION']);
    // Where the executable is a script, the command is the Node that runs it.
    const program = isAbsolute(command) ? realpathSync(command) : command;
    return {
      argv: [program, ...args],
      cwd: spec.workspace,
      env: Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined)),
      confinement: claudeConfinement(spec, gate, installationOf(executable ?? program)),
    };
  }

  private tellVersion(version = 'of an unknown version'): void {
    if (version === MEASURED_SDK || this.isVersionTold) return;
    this.isVersionTold = true;
    this.options.onNotice(
      `The Claude Agent SDK is ${version}; this runtime was measured with ${MEASURED_SDK}. It is used as it is.`,
    );
  }
}
