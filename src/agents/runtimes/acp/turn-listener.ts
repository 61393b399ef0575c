import type { Clock } from '../../../kernel/index.js';
import type { AgentEvent } from '../../agents.types.js';
import type { AcpUpdate } from './read-update.js';

/** How much of one text is kept, from its end. */
const TEXT_CHARACTERS = 65_536;
/** More calls at once than any agent makes; beyond it they are not followed. */
const MOST_OPEN_TOOLS = 1_000;

interface OpenTool {
  readonly tool: string;
  readonly summary: string;
  /** Null while its beginning is not yet told: some agents name a tool first, and what it is used on later. */
  readonly startedAt: number | null;
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

  private takeTool(update: Extract<AcpUpdate, { kind: 'tool' }>): void {
    const { id, name, title, subject, status } = update;
    const known = this.openTools.get(id);
    const isNew = known === undefined && !this.endedTools.has(id);
    if (known === undefined && (!isNew || this.openTools.size + this.endedTools.size >= MOST_OPEN_TOOLS)) {
      this.onEvent({ type: 'activity' });
      return;
    }
    const tool = name ?? known?.tool ?? title ?? 'tool';
    const open = { tool, summary: subject ?? title ?? known?.summary ?? tool, startedAt: known?.startedAt ?? null };
    this.openTools.set(id, open);
    const isEnd = status === 'completed' || status === 'failed';
    // One word is the name of a tool, and nothing of what it does.
    const says = subject !== null || open.summary.includes(' ') || /[./]/.test(open.summary);
    if (open.startedAt === null && (says || status === 'in_progress' || isEnd)) this.startTool(id, open);
    else if (!isEnd) this.onEvent({ type: 'activity' });
    if (isEnd) this.endTool(id, status === 'failed');
  }

  private startTool(id: string, open: OpenTool): void {
    this.openTools.set(id, { ...open, startedAt: this.clock.monotonic() });
    this.onEvent({ type: 'tool-started', tool: open.tool, summary: open.summary });
  }

  private endTool(id: string, isError: boolean): void {
    const open = this.openTools.get(id);
    this.openTools.delete(id);
    this.endedTools.add(id);
    if (open === undefined || open.startedAt === null) return;
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
