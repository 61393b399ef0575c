import { isFields, wordsOf } from './read-update.js';

/** What an agent said of itself when it was started. */
export interface AcpAgentFacts {
  readonly protocolVersion: number | null;
  /** By which method a session is opened again; null where by none. */
  readonly resumeBy: 'session/resume' | 'session/load' | null;
  readonly authMethods: readonly string[];
}

const LONGEST_ID = 300;

/** Reads the answer to `initialize`. */
export function readAgentFacts(answer: unknown): AcpAgentFacts {
  const fields = isFields(answer) ? answer : {};
  const capabilities = isFields(fields['agentCapabilities']) ? fields['agentCapabilities'] : {};
  const session = isFields(capabilities['sessionCapabilities']) ? capabilities['sessionCapabilities'] : {};
  const version = fields['protocolVersion'];
  const methods = Array.isArray(fields['authMethods']) ? fields['authMethods'] : [];
  return {
    protocolVersion: typeof version === 'number' ? version : null,
    // Loading sends the whole history again, so it comes second.
    resumeBy: isFields(session['resume'])
      ? 'session/resume'
      : capabilities['loadSession'] === true
        ? 'session/load'
        : null,
    authMethods: methods.flatMap((method: unknown) =>
      isFields(method) ? (wordsOf(method['id'], LONGEST_ID) ?? []) : [],
    ),
  };
}

/** Reads the id in the answer to `session/new`; null where there is none that can be used. */
export function readSessionId(answer: unknown): string | null {
  const id = isFields(answer) ? answer['sessionId'] : null;
  return typeof id === 'string' && id !== '' && id.length <= LONGEST_ID ? id : null;
}

/** Reads the answer to `session/prompt`. */
export function readStopReason(answer: unknown): string | null {
  return isFields(answer) ? wordsOf(answer['stopReason'], LONGEST_ID) : null;
}
