import type { Clock } from '../../../kernel/index.js';
import type { AgentEvent } from '../../agents.types.js';
import type { AcpUpdate } from './read-update.js';

/** How much of one text is kept, from its end. */
const TEXT_CHARACTERS = 65_536;
/** More calls at once than any agent makes; beyond it they are not followed. */
const MOST_OPEN_TOOLS = 1_000;

interface OpenTool {
  tool: string;
  summary: string;
  readonly startedAt: number;
}

/** Makes events of the updates of a session: joins what is said in parts, and follows each tool to its end. */
export class TurnListener {
  private text = '';
  private lastText = '';
  private readonly openTools = new Map<string, OpenTool>();
  /** Ends are told once, though some agents send several. */
  private readonly endedTools = new Set<string>();

  constructor(
    private readonly onEvent: (event: AgentEvent) => void,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** The last words of the turn. */
  get lastWords(): string {
    return this.lastText;
  }

  beginTurn(): void {
    this.text = '';
    this.lastText = '';
    this.endedTools.clear();
  }

  take(update: AcpUpdate): void {
    if (update.kind === 'text') {
      this.text = (this.text + update.text).slice(-TEXT_CHARACTERS);
      this.onEvent({ type: 'activity' });
      return;
    }
    if (update.kind === 'tool') {
      this.tellText();
      this.takeTool(update);
      return;
    }
    this.onEvent({ type: 'activity' });
  }

  /** The turn is over: what was said is told, and no tool runs any more. */
  endTurn(): void {
    this.tellText();
    for (const id of this.openTools.keys()) this.endTool(id, true);
  }

  private takeTool({ id, name, title, status }: Extract<AcpUpdate, { kind: 'tool' }>): void {
    const isEnd = status === 'completed' || status === 'failed';
    const open = this.openTools.get(id);
    if (open === undefined) {
      if (this.endedTools.has(id) || this.openTools.size + this.endedTools.size >= MOST_OPEN_TOOLS) {
        this.onEvent({ type: 'activity' });
        return;
      }
      const tool = name ?? 'tool';
      this.openTools.set(id, { tool, summary: title ?? tool, startedAt: this.clock.monotonic() });
      this.onEvent({ type: 'tool-started', tool, summary: title ?? tool });
    } else if (!isEnd) this.onEvent({ type: 'activity' });
    if (isEnd) this.endTool(id, status === 'failed');
  }

  private endTool(id: string, isError: boolean): void {
    const open = this.openTools.get(id);
    if (open === undefined) return;
    this.openTools.delete(id);
    this.endedTools.add(id);
    const durationMs = this.clock.monotonic() - open.startedAt;
    this.onEvent({ type: 'tool-ended', tool: open.tool, isError, durationMs });
  }

  private tellText(): void {
    if (this.text.trim() === '') return;
    this.lastText = this.text.trim();
    this.text = '';
    this.onEvent({ type: 'text', text: this.lastText });
  }
}
