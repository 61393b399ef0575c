import { messageOf, type Clock } from '../../../kernel/index.js';
import type { AgentCapabilities, AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import type { CompactionResult, ContextUsage, SessionRef, TurnResult } from '../../agents.types.js';
import { AcpRequestError, type AcpConnection } from './acp-connection.js';
import type { AcpPreset } from './acp-preset.types.js';
import type { AcpProcess } from './acp-process.js';
import type { AcpRuntimeOptions } from './acp.options.js';
import { compactionResultOf } from './compaction-result.js';
import type { ModelWatch } from './model-watch.js';
import { readStopReason } from './read-answers.js';
import type { SessionState } from './session-state.js';
import { result, turnResultOf, type PromptOutcome } from './turn-result.js';

/** What a session works with. */
export interface AcpSessionParts {
  readonly id: string;
  readonly spec: SessionSpec;
  readonly preset: AcpPreset;
  readonly options: AcpRuntimeOptions;
  readonly process: AcpProcess;
  readonly connection: AcpConnection;
  readonly state: SessionState;
  readonly model: ModelWatch;
  readonly clock: Clock;
  readonly canResume: boolean;
}

const BUSY = 'The session is busy with another call';
/** From this share of the usable window on, an answer that was cut off means that the window is full. */
const NEARLY_FULL = 0.9;

/** One conversation with an agent that speaks the Agent Client Protocol, in a process of its own. */
export class AcpSession implements AgentSession {
  readonly ref: SessionRef;
  private isClosing = false;
  private running: Promise<unknown> | null = null;
  private isInterrupted = false;
  private turnOver = new AbortController();
  /** Why the agent's processes were ended in the middle of a turn; null unless they were. */
  private endedBecause: string | null = null;

  constructor(private readonly parts: AcpSessionParts) {
    this.ref = { runtime: 'acp', id: parts.id };
  }

  get capabilities(): AgentCapabilities {
    const { canResume, state } = this.parts;
    return { resume: canResume, compact: this.compactCommand !== null, usage: state.usage.told };
  }

  async prompt(text: string): Promise<TurnResult> {
    if (this.isClosing) return result('interrupted', '', null);
    if (this.running !== null) return result('error', '', BUSY);
    return this.alone(() => this.turn(this.parts.state.withWhatMustSurvive(text)));
  }

  interrupt(): void {
    if (this.running === null || this.isInterrupted) return;
    this.isInterrupted = true;
    const { connection, id, options } = this.parts;
    void connection.notify('session/cancel', { sessionId: id });
    void this.endIfItGoesOn(options.interruptGraceMs, 'The agent did not end its turn when it was asked to');
  }

  async compact(keep: string): Promise<CompactionResult> {
    const command = this.compactCommand;
    if (this.isClosing) return notCompacted('The session is closed');
    if (this.running !== null) return notCompacted(BUSY);
    if (command === null) return notCompacted('The agent has no command that shortens its history');
    return this.alone(() => this.shorten(command, keep));
  }

  contextUsage(): ContextUsage {
    return this.parts.state.contextUsage();
  }

  async close(): Promise<void> {
    const isIdle = this.running === null && !this.isClosing;
    this.isClosing = true;
    const { process, preset, clock, connection, state } = this.parts;
    if (isIdle && preset.closeGraceMs > 0 && !process.isEnding) {
      const exited = new AbortController();
      process.launched.stdin.end();
      void process.launched.exited.then(() => exited.abort());
      await clock.sleep(preset.closeGraceMs, exited.signal);
    }
    await process.end();
    connection.close('The session was closed');
    await this.running;
    await state.saved();
  }

  private get compactCommand(): string | null {
    const { preset, state } = this.parts;
    return preset.compactCommand ?? state.commands.find((name) => name === 'compact' || name === 'compress') ?? null;
  }

  /** Runs the one call there may be at a time. What interrupted the last one is over. */
  private async alone<T>(work: () => Promise<T>): Promise<T> {
    this.isInterrupted = false;
    this.turnOver = new AbortController();
    const run = work();
    this.running = run;
    try {
      return await run;
    } finally {
      this.turnOver.abort();
      this.running = null;
    }
  }

  private async turn(text: string): Promise<TurnResult> {
    const { state, model } = this.parts;
    state.beginTurn();
    model.beginTurn();
    const outcome = await this.ask(text);
    state.endTurn();
    await state.saved();
    if (this.isClosing) return result('interrupted', state.lastWords, null);
    const { usedTokens, usableTokens } = state.contextUsage();
    return turnResultOf({
      outcome,
      text: state.lastWords,
      isInterrupted: this.isInterrupted,
      refusal: model.refusal,
      hasAnswered: model.hasAnswered,
      isNearlyFull: usedTokens !== null && usableTokens !== null && usedTokens >= usableTokens * NEARLY_FULL,
    });
  }

  private async ask(text: string): Promise<PromptOutcome> {
    const { connection, id, process } = this.parts;
    try {
      const answer = await connection.request('session/prompt', {
        sessionId: id,
        prompt: [{ type: 'text', text }],
      });
      return { kind: 'answered', stopReason: readStopReason(answer) };
    } catch (error) {
      if (error instanceof AcpRequestError) return { kind: 'refused', message: error.message };
      const how = connection.hasOutputEnded ? await process.howItEndedSoon(this.parts.clock) : null;
      // Nothing can be said to it any more, so it may not go on alone.
      await process.end();
      return { kind: 'gone', why: this.endedBecause ?? how ?? messageOf(error) };
    }
  }

  private async shorten(command: string, keep: string): Promise<CompactionResult> {
    const { preset, state, options } = this.parts;
    void this.endIfItGoesOn(options.compactTimeoutMs, 'The agent did not come to an end of shortening its history');
    const before = state.usage.usedTokens;
    state.beginCompaction();
    const turn = await this.turn(preset.compactTakesWords && keep !== '' ? `/${command} ${keep}` : `/${command}`);
    const after = state.endCompaction(keep);
    await state.saved();
    return compactionResultOf({ turn, before, ...after });
  }

  /** Ends the agent's processes if the call that runs now is not over after so long. */
  private async endIfItGoesOn(ms: number, why: string): Promise<void> {
    const { clock, process, connection } = this.parts;
    const over = this.turnOver.signal;
    await clock.sleep(ms, over);
    if (over.aborted) return;
    this.endedBecause = `${why}, and its processes were ended`;
    await process.end();
    connection.close(this.endedBecause);
  }
}

function notCompacted(detail: string): CompactionResult {
  return { succeeded: false, usedTokensAfter: null, detail };
}
