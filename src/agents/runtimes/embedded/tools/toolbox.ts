import type { CommandRunner } from '../../../../command-runner/index.js';
import type { Clock } from '../../../../kernel/index.js';
import type { AgentEvent } from '../../../agents.types.js';
import type { SessionSurroundings } from '../../session-surroundings.js';
import { ToolRefusedError } from '../../runtime.errors.js';
import { resultOf } from '../history.js';
import type { ToolCall, ToolResult } from '../history.types.js';
import type { EmbeddedRuntimeOptions } from '../embedded.options.js';
import { bashTool, grepTool } from './command-tools.js';
import { clipText } from './clip-text.js';
import { editTool, listTool, readTool, writeTool } from './file-tools.js';
import type { AgentTool, ToolDefinition, ToolOutcome } from './tool.types.js';

const TOOLS: readonly AgentTool[] = [bashTool, readTool, writeTool, editTool, grepTool, listTool];
const SUMMARY_LENGTH = 120;

export const TOOL_DEFINITIONS: readonly ToolDefinition[] = TOOLS.map((tool) => tool.definition);

export interface ToolboxSurroundings extends SessionSurroundings {
  readonly workspace: string;
  readonly onEvent: (event: AgentEvent) => void;
}

/** Runs one session's tool calls, one at a time. A tool that fails is a result for the model, never an error. */
export class Toolbox {
  constructor(
    private readonly surroundings: ToolboxSurroundings,
    private readonly options: EmbeddedRuntimeOptions,
    private readonly commandRunner: CommandRunner,
    private readonly clock: Clock,
  ) {}

  /** @param signal ends a command that runs, and lets none begin */
  async run(call: ToolCall, signal: AbortSignal): Promise<ToolResult> {
    const tool = TOOLS.find(({ definition }) => definition.name === call.name);
    if (tool === undefined) return resultOf(call.id, `There is no tool ${JSON.stringify(call.name)}`, true);
    if (signal.aborted && tool.isCommand) {
      return resultOf(call.id, 'Not started: the coordinator interrupted the turn before it.', true);
    }

    const { onEvent } = this.surroundings;
    const startedAt = this.clock.monotonic();
    onEvent({ type: 'tool-started', tool: call.name, summary: oneLine(tool.summarize(call.input)) });
    const { text, isError } = await this.outcomeOf(tool, call, signal);
    onEvent({ type: 'tool-ended', tool: call.name, isError, durationMs: this.clock.monotonic() - startedAt });
    return resultOf(call.id, clipText(text, this.options.outputBytes), isError);
  }

  private async outcomeOf(tool: AgentTool, call: ToolCall, signal: AbortSignal): Promise<ToolOutcome> {
    const { workspace, files, environment, confinement } = this.surroundings;
    const { commandTimeoutMs, commandTimeoutLimitMs, outputBytes } = this.options;
    try {
      return await tool.run(call.input, {
        files,
        commandTimeoutMs,
        commandTimeoutLimitMs,
        runCommand: (argv, timeoutMs) =>
          this.commandRunner.run({
            argv,
            cwd: workspace,
            env: environment,
            confinement,
            timeoutMs,
            keepOutputBytes: Math.floor(outputBytes / 2),
            signal,
          }),
      });
    } catch (error) {
      if (error instanceof ToolRefusedError) return { text: error.message, isError: true };
      throw error;
    }
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > SUMMARY_LENGTH ? `${line.slice(0, SUMMARY_LENGTH)}…` : line;
}
