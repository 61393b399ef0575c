import type { AgentEvent, AgentProfile, AgentRuntime, AgentSession, TurnResult } from '../../agents/index.js';
import type { ContextMonitorService } from '../../context-monitor/index.js';
import type { Clock } from '../../kernel/index.js';
import { AgentRecovery } from './agent-recovery.js';
import { announceAgent } from './announce-agent.js';
import { diagnoseTurn, type Diagnosis } from './diagnose-turn.js';
import { RunFailedError } from '../orchestration.errors.js';
import type { OrchestrationLimits } from '../orchestration.options.js';
import { INSTRUCTIONS, afterCompactionPrompt, afterMishapPrompt, afterStopPrompt, type Prompt } from './prompts.js';
import type { RunScope } from './run-scope.js';
import type { RunSpending } from './run-spending.js';
import { SessionContext } from './session-context.js';
import { SessionHolder } from './session-holder.js';
import { WatchedCall, type WatchedOutcome } from './watched-call.js';
import type { Workspace } from '../ports/workspaces.port.js';

/** What a session needs that is not the run's own. */
export interface SeatOptions {
  readonly runtime: AgentRuntime;
  readonly profile: AgentProfile;
  readonly workspace: Workspace;
  readonly monitor: ContextMonitorService;
  readonly clock: Clock;
  readonly spending: RunSpending;
  /** Told of every sign that the model answers. */
  readonly noteAnswer: () => void;
  readonly limits: OrchestrationLimits;
  /** What a compacted session must still know. */
  readonly keep: () => string;
  /** The prompt a fresh session takes the work over with. */
  readonly handOver: (reason: string) => Promise<string>;
}

/**
 * Keeps one agent at work on one job, whatever its context window does and whatever befalls it.
 *
 * A turn that fills the window is stopped at a tool boundary, the session compacted, or replaced by a fresh one in the
 * same workspace, and the turn goes on. So does that of an agent that was silent or whose process ended. The caller
 * sees one turn.
 */
export class SessionKeeper {
  private readonly holder: SessionHolder;
  private readonly context: SessionContext;
  private readonly recovery: AgentRecovery;
  private call: WatchedCall<unknown> | null = null;
  private isCompacting = false;
  private replaceBecause: string | null = null;

  constructor(
    private readonly scope: RunScope,
    private readonly seat: SeatOptions,
  ) {
    const { runtime, profile, workspace } = seat;
    const { directory, agentHome: home, readable = [] } = workspace;
    const { issue } = scope.job;
    const specification = { issue, profile, workspace: directory, home, readable, instructions: INSTRUCTIONS };
    this.holder = new SessionHolder(runtime, specification, (event, isCurrent) => this.note(event, isCurrent));
    this.context = new SessionContext(scope, seat.monitor);
    this.recovery = new AgentRecovery(scope, seat.limits.maxRecoveries);
    scope.signal.addEventListener('abort', () => {
      this.call?.end();
      // Whoever ends the run waits for it, and hears of a failure.
      this.holder.close().catch(() => undefined);
    });
  }

  /**
   * Opens the session the job had, or a new one. Returns whether it is the one it had.
   *
   * @throws {RunFailedError} if the agent cannot be started, or nothing may be spent
   */
  async open(): Promise<boolean> {
    await this.assertMayAct();
    const known = this.scope.progress.session;
    if (known !== null && (await this.holder.resume(known))) {
      // Whoever stopped the run meanwhile has found no session to close.
      this.scope.assertMayGoOn();
      return true;
    }
    await this.openFresh();
    return false;
  }

  /**
   * Sends a prompt, and sees to window and agent until the turn is really over.
   *
   * @throws {RunFailedError} if the turn takes too long, nothing more may be spent, there were too many turns or
   *   hand-overs, or too much befell the agent
   * @throws {RunInterruptedError} if the run must stop
   */
  async turn(prompt: Prompt): Promise<TurnResult> {
    let order = prompt.text;
    let text = order;
    let isRead = false;
    for (;;) {
      await this.makeRoom();
      if (this.replaceBecause !== null) {
        order = await this.replace(this.replaceBecause, prompt);
        text = order;
        isRead = false;
      }
      const outcome = await this.promptOnce(text);
      const diagnosis = diagnoseTurn(outcome);
      if (diagnosis.kind === 'ended') {
        this.recovery.settle();
        return diagnosis.turn;
      }
      isRead ||= outcome.wasAlive;
      const next = await this.afterwards(diagnosis);
      // Whether a session that gave no sign of life has read what it was told, nobody knows.
      text = isRead ? next : `${next}\n\n${order}`;
    }
  }

  /** The prompt with which the session just opened takes over from one that is not there any more. */
  async takeOver(reason: string): Promise<string> {
    return this.seat.handOver(reason);
  }

  /** Ends the session. It can be resumed later. */
  async close(): Promise<void> {
    const { session } = this.scope.progress;
    if (session !== null) this.context.forget(session.id);
    await this.holder.close();
  }

  /** Shortens the history of a session that must be before it is prompted again. */
  private async makeRoom(): Promise<void> {
    if (this.replaceBecause !== null || this.context.wants === 'continue') return;
    this.replaceBecause = this.context.wants === 'rotate' ? this.context.reason : await this.compact();
  }

  private async compact(): Promise<string | null> {
    await this.assertMayAct();
    const session = this.holder.current;
    if (!session.capabilities.compact) return `${this.context.reason}, and this kind of agent cannot compact`;
    this.isCompacting = true;
    const { answer } = await this.watch(session, (open) => open.compact(this.seat.keep()));
    this.isCompacting = false;
    this.scope.assertMayGoOn();
    return this.context.noteCompaction(session, answer);
  }

  private async promptOnce(text: string): Promise<WatchedOutcome<TurnResult>> {
    await this.assertMayAct();
    await this.countTurn();
    const session = this.holder.current;
    this.context.beginTurn();
    const outcome = await this.watch(session, (open) => open.prompt(text));
    this.scope.assertMayGoOn();
    this.context.endTurn(session.ref.id);
    return outcome;
  }

  private async watch<T>(
    session: AgentSession,
    call: (session: AgentSession) => Promise<T>,
  ): Promise<WatchedOutcome<T>> {
    const watched = new WatchedCall(session, call, this.seat.clock, this.seat.limits);
    this.call = watched;
    return watched.outcome().finally(() => (this.call = null));
  }

  /** Sees to a turn that did not end by itself. Answers what its session is told next, unless it is replaced. */
  private async afterwards(diagnosis: Exclude<Diagnosis, { readonly kind: 'ended' }>): Promise<string> {
    switch (diagnosis.kind) {
      case 'too-long': {
        const minutes = this.seat.limits.turnTimeoutMs / 60_000;
        throw new RunFailedError('agent', false, `A turn took longer than ${minutes} minutes (TURN_TIMEOUT_MINUTES)`);
      }
      case 'exhausted':
        this.replaceBecause = 'The context window of the session was exhausted';
        return '';
      case 'stopped':
        return this.context.wants === 'continue' ? afterStopPrompt() : afterCompactionPrompt();
      case 'mishap':
        await this.assertMayAct();
        await this.recover(diagnosis);
        return afterMishapPrompt(diagnosis.mishap);
    }
  }

  private async recover(diagnosis: Extract<Diagnosis, { readonly kind: 'mishap' }>): Promise<void> {
    switch (this.recovery.after(diagnosis)) {
      case 'prompt':
        return;
      case 'resume': {
        const { ref, capabilities } = this.holder.current;
        if (capabilities.resume && (await this.holder.resume(ref))) return;
        this.replaceBecause = `${diagnosis.detail}, and its session could not be resumed`;
        return;
      }
      case 'hand-over':
        this.replaceBecause = diagnosis.detail;
    }
  }

  private async replace(reason: string, prompt: Prompt): Promise<string> {
    const { maxHandOvers } = this.seat.limits;
    if (this.scope.progress.handOvers >= maxHandOvers) {
      const sentence = `Its session was replaced ${maxHandOvers} times. The last reason: ${reason}`;
      throw new RunFailedError('context', true, sentence);
    }
    await this.assertMayAct();
    await this.close();
    await this.openFresh({ isHandOver: true });
    this.replaceBecause = null;
    this.scope.announce({ type: 'orchestration.session-replaced', reason });
    const handOver = await this.seat.handOver(reason);
    return prompt.inHandOver === null ? handOver : `${handOver}\n\n${prompt.inHandOver}`;
  }

  private async openFresh({ isHandOver } = { isHandOver: false }): Promise<void> {
    this.scope.assertMayGoOn();
    const { ref } = await this.holder.openFresh();
    // Whoever stopped the run meanwhile has found no session to close.
    this.scope.assertMayGoOn();
    const opened = { session: ref, usedTokens: null };
    await (isHandOver ? this.scope.count('handOvers', opened) : this.scope.save(opened));
  }

  private async assertMayAct(): Promise<void> {
    this.scope.assertMayGoOn();
    await this.seat.spending.assertMaySpend();
    this.scope.assertMayGoOn();
  }

  /** Before the turn, so that no crash gives one away. */
  private async countTurn(): Promise<void> {
    const { maxTurns } = this.seat.limits;
    if (this.scope.progress.turns >= maxTurns) {
      const sentence = `The job took ${maxTurns} turns of its agent, which is the limit (MAX_TURNS)`;
      throw new RunFailedError('agent', true, sentence);
    }
    await this.scope.count('turns');
    this.scope.assertMayGoOn();
  }

  private note(event: AgentEvent, isCurrent: boolean): void {
    announceAgent(this.scope, event);
    if (isAnswer(event)) this.seat.noteAnswer();
    if (event.type === 'spend') {
      // Of whatever session: it was spent.
      this.scope.spend(event.spend);
      this.seat.spending.note(event.spend, () => this.call?.end());
    }
    if (!isCurrent) return;
    this.call?.note(event);
    if (event.type !== 'usage' || this.isCompacting) return;
    const { id } = this.holder.current.ref;
    if (this.context.note(id, event.usage)) this.call?.stop();
  }
}

/** Whether only an answer of the model can have led to it. Text is none: some agents tell failures in that way. */
function isAnswer(event: AgentEvent): boolean {
  return (
    event.type === 'tool-started' || (event.type === 'spend' && Object.values(event.spend).some((tokens) => tokens > 0))
  );
}
