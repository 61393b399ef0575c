import { CodedError } from '../kernel/index.js';

/** An agent could not be started: its program is missing, its settings are wrong, the machine is out of something. */
export class AgentSpawnError extends CodedError<'AGENTS_SPAWN_FAILED'> {
  override readonly code = 'AGENTS_SPAWN_FAILED';
}

/** The session to resume is not there any more. Open a new one. */
export class UnknownSessionError extends CodedError<'AGENTS_SESSION_UNKNOWN'> {
  override readonly code = 'AGENTS_SESSION_UNKNOWN';
}

/** Options that are out of range. Thrown while the module starts. */
export class InvalidAgentsOptionsError extends CodedError<'AGENTS_OPTIONS_INVALID'> {
  override readonly code = 'AGENTS_OPTIONS_INVALID';
}

/** Two runtimes have one kind. Thrown while the module starts. */
export class DuplicateRuntimeError extends CodedError<'AGENTS_RUNTIME_DUPLICATE'> {
  override readonly code = 'AGENTS_RUNTIME_DUPLICATE';
}

/** A profile names a kind of runtime that there is not. Thrown while the module starts. */
export class UnknownRuntimeError extends CodedError<'AGENTS_RUNTIME_UNKNOWN'> {
  override readonly code = 'AGENTS_RUNTIME_UNKNOWN';
}

/** A script for the scripted runtime that cannot be played. */
export class InvalidScriptError extends CodedError<'AGENTS_SCRIPT_INVALID'> {
  override readonly code = 'AGENTS_SCRIPT_INVALID';
}
