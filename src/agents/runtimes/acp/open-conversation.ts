import { messageOf, type Clock } from '../../../kernel/index.js';
import { AgentSpawnError, UnknownSessionError } from '../../agents.errors.js';
import type { SessionSpec } from '../../agent-runtime.port.js';
import { AcpConnection, AcpRequestError } from './acp-connection.js';
import type { AcpPreset } from './acp-preset.types.js';
import type { AcpProcess } from './acp-process.js';
import type { AcpRuntimeOptions } from './acp.options.js';
import { readAgentFacts, readSessionId, type AcpAgentFacts } from './read-answers.js';
import type { SessionState } from './session-state.js';

/** What a conversation is opened with. */
export interface OpeningParts {
  readonly spec: SessionSpec;
  readonly preset: AcpPreset;
  readonly options: AcpRuntimeOptions;
  readonly process: AcpProcess;
  readonly state: SessionState;
  readonly clock: Clock;
}

/** A conversation that is open. */
export interface OpenConversation {
  readonly id: string;
  readonly connection: AcpConnection;
  readonly canResume: boolean;
}

const PROTOCOL_VERSION = 1;
const AUTH_REQUIRED = -32_000;

/** What the coordinator can do for an agent. No files and no terminals: the agent has its own, in its sandbox. */
const CLIENT = {
  protocolVersion: PROTOCOL_VERSION,
  clientInfo: { name: 'mosaic-coordinator', version: '1' },
  clientCapabilities: {
    fs: { readTextFile: false, writeTextFile: false },
    terminal: false,
    session: { compaction: {} },
  },
};

/**
 * Greets an agent that was just started, and opens a session with it, or the one to go on with.
 *
 * @throws {AgentSpawnError} if it does not run, does not speak the protocol, or takes too long
 * @throws {UnknownSessionError} if it does not know the session to go on with
 */
export async function openConversation(parts: OpeningParts): Promise<OpenConversation> {
  const { process, clock, options } = parts;
  const failure = await process.launched.failure;
  if (failure !== null) throw new AgentSpawnError(`The agent could not be started: ${failure}`);
  const connection = await AcpConnection.open({
    stdin: process.launched.stdin,
    stdout: process.launched.stdout,
    messageBytes: options.messageBytes,
    onUpdate: parts.state.take,
    beforePermission: ({ sessionId, toolCall }) => {
      // Gemini CLI tells of a tool's beginning here alone, and then nothing until its end.
      parts.state.take({ sessionId, update: { ...toolCall, sessionUpdate: 'tool_call_update' } });
      return parts.state.saved();
    },
  });
  // Somebody else may hold its output open when it is gone.
  void process.howItEnded().then((how) => connection.close(how));

  const opened = new AbortController();
  const late = clock.sleep(options.startTimeoutMs, opened.signal).then(() => {
    if (!opened.signal.aborted) connection.close(`It did not open a session within ${options.startTimeoutMs} ms`);
  });
  try {
    return await greet(parts, connection);
  } catch (error) {
    if (error instanceof AgentSpawnError || error instanceof UnknownSessionError) throw error;
    const how = connection.hasOutputEnded ? await process.howItEndedSoon(clock) : null;
    throw new AgentSpawnError(`The agent could not be started: ${how ?? reasonOf(error, process)}`, { cause: error });
  } finally {
    opened.abort();
    await late;
  }
}

function reasonOf(error: unknown, { lastWords }: AcpProcess): string {
  const why = messageOf(error);
  return lastWords === '' || why.includes(lastWords) ? why : `${why}; it said: ${lastWords}`;
}

async function greet(parts: OpeningParts, connection: AcpConnection): Promise<OpenConversation> {
  const { spec, preset, state } = parts;
  const facts = readAgentFacts(await connection.request('initialize', CLIENT));
  if (facts.protocolVersion !== PROTOCOL_VERSION) {
    const version = facts.protocolVersion ?? 'that it does not name';
    throw new AgentSpawnError(
      `The agent speaks version ${version} of the protocol. Version ${PROTOCOL_VERSION} is needed.`,
    );
  }
  const meta = preset.sessionMeta?.({ instructions: spec.instructions });
  const given = { cwd: spec.workspace, mcpServers: [], ...(meta === undefined ? {} : { _meta: meta }) };
  const open = spec.resume === undefined ? openNew : openAgain;
  const id = await loggedIn(preset, facts, connection, () => open(spec, facts, connection, given));
  if (preset.sessionMode !== null) {
    await connection.request('session/set_mode', { sessionId: id, modeId: preset.sessionMode });
  }
  state.open(id);
  await state.saved();
  return { id, connection, canResume: facts.resumeBy !== null };
}

async function openNew(_: SessionSpec, __: AcpAgentFacts, connection: AcpConnection, given: object): Promise<string> {
  const id = readSessionId(await connection.request('session/new', given));
  if (id === null) throw new AgentSpawnError('The agent opened a session without a name');
  return id;
}

async function openAgain(
  { resume }: SessionSpec,
  { resumeBy }: AcpAgentFacts,
  connection: AcpConnection,
  given: object,
): Promise<string> {
  const id = resume?.id ?? '';
  if (resumeBy === null) throw new UnknownSessionError('The agent cannot open a session again. Open a new one.');
  try {
    await connection.request(resumeBy, { sessionId: id, ...given });
  } catch (error) {
    if (!(error instanceof AcpRequestError) || error.code === AUTH_REQUIRED) throw error;
    throw new UnknownSessionError(`The agent does not know the session any more (${error.message}). Open a new one.`);
  }
  return id;
}

/** Where the agent asks for a login, does it in the one way that needs no person, and tries again. */
async function loggedIn<T>(
  { authMethod }: AcpPreset,
  { authMethods }: AcpAgentFacts,
  connection: AcpConnection,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AcpRequestError) || error.code !== AUTH_REQUIRED) throw error;
    if (authMethod === null || !authMethods.includes(authMethod)) {
      throw new AgentSpawnError(`The agent asks to be logged in, which only a person can do: ${error.message}`);
    }
    await connection.request('authenticate', { methodId: authMethod });
    return work();
  }
}
