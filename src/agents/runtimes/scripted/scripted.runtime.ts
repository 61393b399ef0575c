import type { CommandRunner, NetworkAccess } from '../../../command-runner/index.js';
import { SystemClock, SystemRandomness, formatIssueRef, type Clock, type Randomness } from '../../../kernel/index.js';
import type { AgentRuntime, AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import { AgentSpawnError, UnknownSessionError } from '../../agents.errors.js';
import { DEFAULT_COMMAND_PATH } from '../command-environment.js';
import { prepareSurroundings } from '../session-surroundings.js';
import { readAgentScript, scriptFor } from './read-agent-script.js';
import { loadScript, saveScript } from './saved-script.js';
import { ScriptedSession } from './scripted-session.js';
import type { AgentScript } from './script.types.js';

const AUTHOR = { name: 'Scripted Agent', email: 'scripted-agent@localhost' };

/**
 * An agent that plays a script instead of thinking: for trying the coordinator out without a model, and for tests. A
 * new session of an issue goes on with the script where the last one stopped.
 */
export class ScriptedRuntime implements AgentRuntime {
  readonly kind = 'scripted';
  private readonly script: AgentScript;

  /** @throws {InvalidScriptError} if the script cannot be played */
  constructor(
    script: AgentScript,
    private readonly commandRunner: CommandRunner,
    private readonly clock: Clock = new SystemClock(),
    private readonly randomness: Randomness = new SystemRandomness(),
    /** The way out of its commands; null: in a sandbox they have none. */
    private readonly network: NetworkAccess | null = null,
  ) {
    this.script = readAgentScript(script);
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const script = scriptFor(this.script, spec.issue);
    if (script === undefined) throw new AgentSpawnError(`The script has nothing for ${formatIssueRef(spec.issue)}`);
    const id = spec.resume?.id ?? this.randomness.uuid();
    const played = await loadScript(spec.home, spec.issue);
    if (spec.resume !== undefined && !Object.hasOwn(played.sessions, id)) {
      throw new UnknownSessionError(`There is no saved session ${id.slice(0, 80)} any more. Open a new one.`);
    }
    const saved = { ...played, sessions: { [id]: null, ...played.sessions } };
    const settings = { path: DEFAULT_COMMAND_PATH, author: AUTHOR };
    const surroundings = await prepareSurroundings(spec, settings, this.network);
    await saveScript(spec.home, spec.issue, saved);
    const { commandRunner, clock } = this;
    return new ScriptedSession({ id, spec, script, commandRunner, clock, ...surroundings }, saved);
  }
}
