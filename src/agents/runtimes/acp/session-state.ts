import type { Clock } from '../../../kernel/index.js';
import type { SessionSpec } from '../../agent-runtime.port.js';
import type { ContextUsage } from '../../agents.types.js';
import type { AcpPreset } from './acp-preset.types.js';
import type { CompactionSeen } from './compaction-result.js';
import { isFields, readUpdate, type AcpUpdate } from './read-update.js';
import { saveRecord, type SessionRecord } from './session-record.js';
import { SessionUsage, contextUsageOf, type UsageSeen } from './session-usage.js';
import { TurnListener } from './turn-listener.js';

/** What is known of a session from what its agent tells, and what of it is kept on the disk. */
export class SessionState {
  private record: SessionRecord | null = null;
  private readonly listener: TurnListener;
  private readonly seen: SessionUsage;
  private isOpen = false;
  private saving: Promise<unknown> = Promise.resolve();
  /** What is to be written once the writing before it is done. */
  private waiting: { record: SessionRecord } | null = null;
  private compaction: Pick<CompactionSeen, 'status' | 'error'> = { status: null, error: null };
  /** The commands that the agent offers. */
  commands: readonly string[] = [];

  constructor(
    private readonly spec: SessionSpec,
    private readonly preset: AcpPreset,
    clock: Pick<Clock, 'monotonic'>,
    saved: SessionRecord | null,
  ) {
    this.listener = new TurnListener(spec.onEvent, clock);
    this.seen = new SessionUsage(saved?.usage ?? { usedTokens: null, windowTokens: null, told: preset.usage });
    this.record = saved;
  }

  get usage(): UsageSeen {
    return this.seen.current;
  }

  get lastWords(): string {
    return this.listener.lastWords;
  }

  /** Resolves when what is known is on the disk. */
  async saved(): Promise<void> {
    await this.saving;
  }

  /** The agent named the session. What it tells of it counts from now on: before, it repeats an old one. */
  open(id: string): void {
    this.isOpen = true;
    this.save({ id, usage: this.seen.current, keep: this.record?.keep ?? this.firstWords() });
  }

  beginTurn(): void {
    this.listener.beginTurn();
    this.seen.beginTurn();
  }

  endTurn(): void {
    this.listener.endTurn();
    this.seen.endTurn();
    this.save({ usage: this.seen.current });
  }

  beginCompaction(): void {
    this.compaction = { status: null, error: null };
    this.seen.forget();
  }

  endCompaction(keep: string): Omit<CompactionSeen, 'turn' | 'before'> {
    if (keep !== '') this.save({ keep: `What must not be lost of what was said before:\n${keep}` });
    return { ...this.compaction, after: this.seen.current.usedTokens };
  }

  /** The prompt, after what only the coordinator remembers. */
  withWhatMustSurvive(text: string): string {
    const keep = this.record?.keep ?? null;
    if (keep === null) return text;
    this.save({ keep: null });
    return `${keep}\n\n${text}`;
  }

  contextUsage(): ContextUsage {
    return contextUsageOf(this.seen.current, this.spec.profile, this.preset);
  }

  /** Takes the parameters of a `session/update`. */
  readonly take = (params: unknown): void => {
    const isOurs = isFields(params) && (this.record === null || params['sessionId'] === this.record.id);
    const update: AcpUpdate = isOurs ? readUpdate(params['update']) : { kind: 'other' };
    if (update.kind === 'commands') this.commands = update.names;
    if (!this.isOpen) return;
    if (update.kind === 'usage') return this.takeUsage(update);
    if (update.kind === 'compaction') this.compaction = update;
    else if (update.kind === 'text' || update.kind === 'tool') this.seen.wentOn();
    this.listener.take(update);
  };

  private takeUsage({ usedTokens, windowTokens }: Extract<AcpUpdate, { kind: 'usage' }>): void {
    if (!this.seen.report(usedTokens, windowTokens)) return this.listener.take({ kind: 'other' });
    this.spec.onEvent({ type: 'usage', usage: this.contextUsage() });
    this.save({ usage: this.seen.current });
  }

  private firstWords(): string | null {
    return this.preset.instructionsBy === 'prompt' && this.spec.instructions !== '' ? this.spec.instructions : null;
  }

  /**
   * Writes one after the other, and between two only the newest: an agent may tell more than a disk takes. A disk that
   * takes nothing costs what a later process would know, not this session.
   */
  private save(changed: Partial<SessionRecord>): void {
    const record = { id: '', keep: null, usage: this.seen.current, ...this.record, ...changed };
    this.record = record;
    if (this.waiting !== null) {
      this.waiting.record = record;
      return;
    }
    const waiting = { record };
    this.waiting = waiting;
    const write = (): Promise<void> => {
      this.waiting = null;
      return saveRecord(this.spec.home, waiting.record);
    };
    this.saving = this.saving.then(write).catch(() => undefined);
  }
}
