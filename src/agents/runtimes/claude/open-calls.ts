import type { Clock } from '../../../kernel/index.js';
import type { AgentEvent } from '../../agents.types.js';
import type { SeenToolCall } from './claude-message.js';
import { summarizeCall } from './tool-summary.js';

/** Tools that run a program, so that they can take long. */
const COMMAND_TOOLS = ['Bash'];

export function isCommandTool(tool: string): boolean {
  return COMMAND_TOOLS.includes(tool);
}

/** The tool calls of a session that have begun and not ended. Tells of each beginning and each end. */
export class OpenCalls {
  private readonly open = new Map<string, { readonly tool: string; readonly startedAt: number }>();

  constructor(
    private readonly workspace: string,
    private readonly onEvent: (event: AgentEvent) => void,
    private readonly clock: Clock,
  ) {}

  get hasCommand(): boolean {
    return [...this.open.values()].some(({ tool }) => isCommandTool(tool));
  }

  begin({ id, tool, input }: SeenToolCall): void {
    this.open.set(id, { tool, startedAt: this.clock.monotonic() });
    this.onEvent({ type: 'tool-started', tool, summary: summarizeCall(input, this.workspace) });
  }

  end(id: string, isError: boolean): void {
    const call = this.open.get(id);
    if (call === undefined) return;
    this.open.delete(id);
    const durationMs = this.clock.monotonic() - call.startedAt;
    this.onEvent({ type: 'tool-ended', tool: call.tool, isError, durationMs });
  }

  /** Ends what is left when a turn is over: no result comes for it any more. */
  endAll(): void {
    for (const id of this.open.keys()) this.end(id, true);
  }
}
