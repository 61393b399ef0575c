import type { AgentProfile, ModelProtocol } from '../../agent-profile.js';

/** What an agent is started for. */
export interface AcpStartGiven {
  readonly profile: AgentProfile;
  readonly protocol: ModelProtocol;
  /** Stands in for the model's key. */
  readonly token: string;
  /** Its HOME, absolute. */
  readonly userHome: string;
  readonly instructions: string;
}

/** How an agent is started. */
export interface AcpStart {
  /** Variables besides those of every command; `{address}` in a value stands for the model's address. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files to write before it starts, by their path in its HOME. */
  readonly files: Readonly<Record<string, string>>;
}

/** What is known of one agent that speaks the Agent Client Protocol. */
export interface AcpPreset {
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** How to install it, as a command; null where it is the operator's own. */
  readonly install: string | null;
  /** The APIs it can call a model by, the usual one first. */
  readonly protocols: readonly [ModelProtocol, ...ModelProtocol[]];
  /** How the agent is told its instructions: at its start, with the session, or in front of the first prompt. */
  readonly instructionsBy: 'start' | 'session' | 'prompt';
  start(given: AcpStartGiven): AcpStart;
  /** `_meta` of `session/new`, `session/resume` and `session/load`. */
  sessionMeta?(given: Pick<AcpStartGiven, 'instructions'>): Readonly<Record<string, unknown>>;
  /** How it is logged in where it asks for that; null where there is no such way. */
  readonly authMethod: string | null;
  /** The mode a session is set to, where its usual one will not do; null where it will. */
  readonly sessionMode: string | null;
  /** How it is asked to shorten its history; null where it cannot, or where only its list of commands says so. */
  readonly compactCommand: string | null;
  /** Whether that command takes words on what to keep. */
  readonly compactTakesWords: boolean;
  /**
   * When it tells its occupancy, as measured; what a session sees corrects it.
   */
  readonly usage: 'live' | 'turn-end' | 'never';
  /**
   * What of a window a conversation can fill.
   *
   * @param nominal the smaller of the profile's window and the one it reports
   * @param reported the window it reports; null while it has not
   */
  usableTokens(nominal: number, reported: number | null, maxOutputTokens: number): number;
  /** How long it is given to save its session and end by itself when it is closed between two turns, in milliseconds. */
  readonly closeGraceMs: number;
}

/** The window without one answer; without a tenth where that answer would fill it. */
export function windowWithoutAnswer(nominal: number, _reported: number | null, maxOutputTokens: number): number {
  return maxOutputTokens < nominal ? nominal - maxOutputTokens : Math.floor(nominal * 0.9);
}
