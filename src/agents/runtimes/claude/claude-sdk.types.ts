import type { EventEmitter } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** What is used of the Claude Agent SDK. Types of our own: the package is the user's choice, and nothing depends on it. */
export interface ClaudeSdk {
  query(request: { readonly prompt: AsyncIterable<ClaudePrompt>; readonly options: ClaudeQueryOptions }): ClaudeQuery;
}

/** A live session. Iterating it yields what Claude Code says, as messages that are read by `readClaudeMessage`. */
export interface ClaudeQuery extends AsyncIterable<unknown> {
  /** Resolves when Claude Code has started and answered; rejects where it could not. */
  initializationResult(): Promise<unknown>;
  interrupt(): Promise<unknown>;
  getContextUsage(options: { readonly detail: 'summary' }): Promise<unknown>;
  close(): void;
}

/** A message of the user, as the SDK takes it. */
export interface ClaudePrompt {
  readonly type: 'user';
  readonly message: { readonly role: 'user'; readonly content: string };
  readonly parent_tool_use_id: null;
}

/** What a hook answers. An empty object lets things go on. */
export interface ClaudeHookAnswer {
  /** False ends the turn after the tools of this step. */
  readonly continue?: boolean;
  readonly stopReason?: string;
  readonly hookSpecificOutput?: {
    readonly hookEventName: 'PreToolUse';
    readonly permissionDecision: 'deny';
    readonly permissionDecisionReason: string;
  };
}

export type ClaudeHook = (input: unknown) => Promise<ClaudeHookAnswer>;

type ClaudeHookEvent = 'PreToolUse' | 'PostToolUse' | 'PostToolUseFailure';

/** The options of a session that are set here. */
export interface ClaudeQueryOptions {
  readonly cwd: string;
  readonly model: string;
  /** Names a session that begins. */
  readonly sessionId?: string;
  /** Names a session to go on with. */
  readonly resume?: string;
  readonly systemPrompt: { readonly type: 'preset'; readonly preset: 'claude_code'; readonly append: string };
  readonly tools: readonly string[];
  readonly settingSources: readonly [];
  readonly strictMcpConfig: true;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly permissionMode: 'bypassPermissions';
  readonly allowDangerouslySkipPermissions: true;
  readonly includePartialMessages: true;
  /** The whole environment: it replaces that of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly hooks: Readonly<Record<ClaudeHookEvent, readonly { readonly hooks: readonly ClaudeHook[] }[]>>;
  readonly pathToClaudeCodeExecutable?: string;
  readonly spawnClaudeCodeProcess: (request: ClaudeSpawnRequest) => ClaudeSpawned;
}

/** What the SDK wants to have started. */
export interface ClaudeSpawnRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A started program, as the SDK speaks to it. */
export interface ClaudeSpawned extends Pick<EventEmitter, 'on' | 'once' | 'off'> {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly killed: boolean;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal: NodeJS.Signals): boolean;
}
