import {
  UnknownSessionError,
  type AgentEvent,
  type AgentProfile,
  type AgentRuntime,
  type AgentSession,
  type SessionRef,
  type TurnResult,
} from '../agents/index.js';
import type { ContextAction, ContextMonitorService } from '../context-monitor/index.js';
import { messageOf, type Clock } from '../kernel/index.js';
import { RunFailedError } from './orchestration.errors.js';
import { INSTRUCTIONS, afterCompactionPrompt } from './prompts.js';
import type { RunScope } from './run-scope.js';
import type { RunSpending } from './run-spending.js';
import type { Workspace } from './workspaces.port.js';

/** What a session needs that is not the run's own. */
export interface SeatOptions {
  readonly runtime: AgentRuntime;
  readonly profile: AgentProfile;
  readonly workspace: Workspace;
  readonly monitor: ContextMonitorService;
  readonly clock: Clock;
  readonly spending: RunSpending;
  readonly turnTimeoutMs: number;
  readonly maxHandOvers: number;
  /** What a compacted session must still know. */
  readonly keep: () => string;
  /** The prompt a fresh session takes the work over with. */
  readonly handOver: (reason: string) => Promise<string>;
}

/**
 * Keeps one agent at work on one job, whatever its context window does.
 *
 * A turn that fills the window is stopped at a tool boundary, the session compacted, or replaced by a fresh one in the
 * same workspace, and the turn goes on. The caller sees one turn.
 */
export class SessionKeeper {
  private session: AgentSession | null = null;
  private wanted: ContextAction = 'continue';
  private replaceBecause: string | null = null;
  private sawUsage = false;

  constructor(
    private readonly scope: RunScope,
    private readonly seat: SeatOptions,
  ) {
    scope.signal.addEventListener('abort', () => void this.session?.close());
  }

  /**
   * Opens the session the job had, or a new one. Returns whether it is the one it had.
   *
   * @throws {RunFailedError} if the agent cannot be started
   */
  async open(): Promise<boolean> {
    await this.seat.spending.assertMaySpend();
    const known = this.scope.progress.session;
    if (known !== null && (await this.tryOpen(known))) return true;
    await this.openFresh();
    return false;
  }

  /**
   * Sends a prompt, and sees to the window until the turn is really over.
   *
   * @throws {RunFailedError} if the turn takes too long, or sessions are replaced too often
   * @throws {RunInterruptedError} if the run must stop
   */
  async turn(prompt: string): Promise<TurnResult> {
    let text = prompt;
    for (;;) {
      if (this.replaceBecause !== null) text = await this.replace(this.replaceBecause, text);
      const result = await this.promptOnce(text);
      if (result.stop === 'context_exhausted') {
        this.replaceBecause = 'The context window of the session was exhausted';
        continue;
      }
      const wasStoppedForContext = result.stop === 'interrupted';
      await this.seeToContext();
      if (!wasStoppedForContext) return result;
      text = afterCompactionPrompt();
    }
  }

  /** The prompt with which the session just opened takes over from one that is not there any more. */
  async takeOver(reason: string): Promise<string> {
    return this.seat.handOver(reason);
  }

  /** Ends the session. It can be resumed later. */
  async close(): Promise<void> {
    if (this.session) this.seat.monitor.forget(this.session.ref.id);
    await this.session?.close();
    this.session = null;
  }

  private async promptOnce(text: string): Promise<TurnResult> {
    await this.seat.spending.assertMaySpend();
    this.scope.assertMayGoOn();
    this.wanted = 'continue';
    this.sawUsage = false;
    const session = this.openSession();
    const turnEnded = new AbortController();
    const timeout = this.seat.clock.sleep(this.seat.turnTimeoutMs, turnEnded.signal).then(() => null);
    const result = await Promise.race([session.prompt(text), timeout]);
    turnEnded.abort();
    this.scope.assertMayGoOn();
    if (result === null) {
      await this.close();
      throw new RunFailedError('agent', false, `A turn took longer than ${this.seat.turnTimeoutMs / 60_000} minutes`);
    }
    return result;
  }

  private async seeToContext(): Promise<void> {
    const session = this.openSession();
    if (!this.sawUsage) this.wanted = this.seat.monitor.assessUnknownTurn(session.ref.id).action;
    if (this.wanted === 'compact') await this.compact(session);
    else if (this.wanted === 'rotate') this.replaceBecause = 'Its context window was full';
    this.scope.assertMayGoOn();
  }

  private async compact(session: AgentSession): Promise<void> {
    const before = session.contextUsage().usedTokens;
    const compaction = session.capabilities.compact
      ? await session.compact(this.seat.keep())
      : { succeeded: false, usedTokensAfter: null, detail: 'This kind of agent cannot compact' };
    const { action } = this.seat.monitor.assessCompaction(
      {
        sessionId: session.ref.id,
        usedTokens: compaction.usedTokensAfter,
        usableTokens: session.contextUsage().usableTokens,
      },
      compaction.succeeded,
    );
    const helped = action === 'continue';
    this.scope.announce({
      type: 'orchestration.session-compacted',
      helped,
      usedTokensBefore: before,
      usedTokensAfter: compaction.usedTokensAfter,
    });
    if (!helped) this.replaceBecause = compaction.detail ?? 'Compacting did not make enough room';
    await this.scope.save({
      compactions: this.scope.progress.compactions + 1,
      usedTokens: compaction.usedTokensAfter,
    });
  }

  private async replace(reason: string, prompt: string): Promise<string> {
    if (this.scope.progress.handOvers >= this.seat.maxHandOvers) {
      const sentence = `Its session was replaced ${this.seat.maxHandOvers} times. The last reason: ${reason}`;
      throw new RunFailedError('context', true, sentence);
    }
    await this.close();
    await this.openFresh();
    await this.scope.save({ handOvers: this.scope.progress.handOvers + 1 });
    this.replaceBecause = null;
    this.scope.announce({ type: 'orchestration.session-replaced', reason });

    const handOver = await this.seat.handOver(reason);
    return prompt === afterCompactionPrompt() ? handOver : `${handOver}\n\n${prompt}`;
  }

  private async tryOpen(resume: SessionRef): Promise<boolean> {
    try {
      this.session = await this.seat.runtime.open({ ...this.specification(), resume });
      return true;
    } catch (error) {
      if (error instanceof UnknownSessionError) return false;
      throw spawnFailure(error);
    }
  }

  private async openFresh(): Promise<void> {
    this.scope.assertMayGoOn();
    try {
      this.session = await this.seat.runtime.open(this.specification());
    } catch (error) {
      throw spawnFailure(error);
    }
    await this.scope.save({ session: this.session.ref, usedTokens: null });
  }

  private specification() {
    const { profile, workspace } = this.seat;
    return {
      issue: this.scope.job.issue,
      profile,
      workspace: workspace.directory,
      home: workspace.agentHome,
      instructions: INSTRUCTIONS,
      onEvent: (event: AgentEvent) => this.note(event),
    };
  }

  private note(event: AgentEvent): void {
    switch (event.type) {
      case 'usage':
        return this.noteUsage(event.usage.usedTokens, event.usage.usableTokens);
      case 'spend':
        this.scope.spend(event.spend);
        return this.seat.spending.note(event.spend, () => this.session?.interrupt());
      case 'tool-started':
        return this.scope.announce({
          type: 'orchestration.agent-acted',
          tool: event.tool,
          summary: event.summary,
        });
      case 'model-retry':
        return this.scope.announce({
          type: 'orchestration.agent-waited',
          detail: event.detail,
          waitMs: event.waitMs,
        });
      case 'activity':
      case 'text':
      case 'tool-ended':
        return;
    }
  }

  private noteUsage(usedTokens: number | null, usableTokens: number | null): void {
    const session = this.session;
    if (session === null || usedTokens === null) return;
    this.sawUsage = true;
    const peakTokens = Math.max(usedTokens, this.scope.progress.peakTokens ?? 0);
    this.scope.save({ usedTokens, usableTokens, peakTokens }).catch(() => undefined);

    const assessment = this.seat.monitor.assess({ sessionId: session.ref.id, usedTokens, usableTokens });
    this.wanted = assessment.action;
    if (assessment.action === 'continue' || !assessment.changed) return;
    this.scope.announce({
      type: 'orchestration.context-filled',
      action: assessment.action,
      reason: assessment.reason,
    });
    session.interrupt();
  }

  private openSession(): AgentSession {
    if (this.session === null) throw new RunFailedError('agent', false, 'The session is closed');
    return this.session;
  }
}

function spawnFailure(error: unknown): RunFailedError {
  return new RunFailedError('spawn', false, `The agent did not start: ${messageOf(error)}`, null, { cause: error });
}
