import type { AgentSession, CompactionResult, ContextUsage } from '../../agents/index.js';
import type { ContextAction, ContextAssessment, ContextMonitorService } from '../../context-monitor/index.js';
import type { RunScope } from './run-scope.js';

/** Keeps account of how full the open session's window is, and shortens its history. */
export class SessionContext {
  private wanted: ContextAction = 'continue';
  private why = '';
  private isKnown = false;

  constructor(
    private readonly scope: RunScope,
    private readonly monitor: ContextMonitorService,
  ) {}

  /** What must happen before the session is prompted again. */
  get wants(): ContextAction {
    return this.wanted;
  }

  /** Why, in one sentence. */
  get reason(): string {
    return this.why;
  }

  beginTurn(): void {
    this.wanted = 'continue';
    this.isKnown = false;
  }

  /** Takes a reading. Returns whether the turn under way must stop for it; said once. */
  note(sessionId: string, { usedTokens, usableTokens }: ContextUsage): boolean {
    const assessment = this.monitor.assess({ sessionId, usedTokens, usableTokens });
    const isReading = usedTokens !== null && usedTokens > 0;
    if (isReading) {
      const peakTokens = Math.max(usedTokens, this.scope.progress.peakTokens ?? 0);
      this.scope.save({ usedTokens, usableTokens, peakTokens }).catch(() => undefined);
    }
    if (assessment.usage === null) return false;

    this.isKnown = true;
    this.take(assessment);
    const { action, changed, reason } = assessment;
    if (action === 'continue' || !changed) return false;
    this.scope.announce({ type: 'orchestration.context-filled', action, reason });
    return true;
  }

  /** Counts a turn that told nothing of its window. */
  endTurn(sessionId: string): void {
    if (!this.isKnown) this.take(this.monitor.assessUnknownTurn(sessionId));
  }

  /**
   * Takes what a compaction did. Returns why the session must be replaced all the same; null when it goes on.
   *
   * @param compaction null where it had to be given up
   */
  async noteCompaction(session: AgentSession, compaction: CompactionResult | null): Promise<string | null> {
    const { usedTokens: before, usableTokens } = session.contextUsage();
    const { succeeded, usedTokensAfter: usedTokens, detail } = compaction ?? GIVEN_UP;
    const assessment = this.monitor.assessCompaction(
      { sessionId: session.ref.id, usedTokens, usableTokens },
      succeeded,
    );
    this.take(assessment);
    const helped = assessment.action === 'continue';
    this.scope.announce({
      type: 'orchestration.session-compacted',
      helped,
      usedTokensBefore: this.scope.progress.usedTokens ?? before,
      usedTokensAfter: usedTokens,
    });
    await this.scope.count('compactions', { usedTokens });
    return helped ? null : (detail ?? 'Compacting did not make enough room');
  }

  /** Of a session that is over. */
  forget(sessionId: string): void {
    this.monitor.forget(sessionId);
    this.wanted = 'continue';
  }

  private take({ action, reason }: ContextAssessment): void {
    this.wanted = action;
    this.why = reason;
  }
}

const GIVEN_UP: CompactionResult = {
  succeeded: false,
  usedTokensAfter: null,
  detail: 'Compacting took too long',
};
