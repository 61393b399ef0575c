import type { CommandResult } from '../../../../command-runner/index.js';
import type { ConfinedFiles } from '../../confined-files.js';

/** What a model is told about a tool. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON schema of its arguments. */
  readonly inputSchema: {
    readonly type: 'object';
    readonly properties: Readonly<Record<string, unknown>>;
    readonly required: string[];
  };
}

/** What a tool may use. */
export interface ToolSurroundings {
  readonly files: ConfinedFiles;
  /** Runs a program in the workspace, in the agent's environment, until the turn is interrupted. */
  readonly runCommand: (argv: readonly [string, ...string[]], timeoutMs: number) => Promise<CommandResult>;
  readonly commandTimeoutMs: number;
  readonly commandTimeoutLimitMs: number;
}

export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
}

/** Arguments as the model sent them. Nothing is known of them but that they are an object. */
export type ToolInput = Readonly<Record<string, unknown>>;

/** Something an agent can do. */
export interface AgentTool {
  readonly definition: ToolDefinition;
  /** Runs a program, so that it can take long: not begun any more once a turn is to be interrupted. */
  readonly isCommand: boolean;
  /** One line for people on what a call does. */
  summarize(input: ToolInput): string;
  /** @throws {ToolRefusedError} if the arguments are wrong or the tool may not do it */
  run(input: ToolInput, surroundings: ToolSurroundings): Promise<ToolOutcome>;
}
