import { CodedError } from '../kernel/index.js';

/** An agent could not be started: its program is missing, its settings are wrong, the machine is out of something. */
export class AgentSpawnError extends CodedError<'AGENTS_SPAWN_FAILED'> {
  override readonly code = 'AGENTS_SPAWN_FAILED';
}

/** The session to resume is not there any more. Open a new one. */
export class UnknownSessionError extends CodedError<'AGENTS_SESSION_UNKNOWN'> {
  override readonly code = 'AGENTS_SESSION_UNKNOWN';
}
