import type { CommandRunner, Confinement } from '../../../command-runner/index.js';
import { messageOf, type Clock } from '../../../kernel/index.js';
import { usableWindow } from '../../agent-profile.js';
import type { AgentSession, SessionSpec } from '../../agent-runtime.port.js';
import {
  NO_SPEND,
  type CompactionResult,
  type ContextUsage,
  type SessionRef,
  type TurnResult,
} from '../../agents.types.js';
import type { ConfinedFiles } from '../confined-files.js';
import { ToolRefusedError } from '../runtime.errors.js';
import { saveScript, type SavedScript } from './saved-script.js';
import type { IssueScript, ScriptStep } from './script.types.js';

const COMMAND_TIMEOUT_MS = 600_000;
const NOTHING_LEFT: ScriptStep = { do: 'stop', stop: 'end_turn' };

/** What a session works with. */
export interface ScriptedSessionParts {
  readonly id: string;
  readonly spec: SessionSpec;
  readonly script: IssueScript;
  readonly files: ConfinedFiles;
  /** The whole environment of its commands. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its commands may reach. */
  readonly confinement: Confinement;
  readonly commandRunner: CommandRunner;
  readonly clock: Clock;
}

/**
 * Plays the steps of an issue's script, whatever the prompts say. A step counts as played before it begins: one that
 * was interrupted, or killed with the process, is not played again.
 */
export class ScriptedSession implements AgentSession {
  readonly ref: SessionRef;
  readonly capabilities = { resume: true, compact: true, usage: 'live' } as const;
  private interrupting = new AbortController();
  private isClosed = false;
  private running: Promise<unknown> | null = null;
  private lastWords = '';

  constructor(
    private readonly parts: ScriptedSessionParts,
    private saved: SavedScript,
  ) {
    this.ref = { runtime: 'scripted', id: parts.id };
  }

  async prompt(_text: string): Promise<TurnResult> {
    if (this.isClosed) return this.result('interrupted');
    if (this.running !== null) return this.result('error', 'The session is busy with another call');
    this.interrupting = new AbortController();
    this.lastWords = '';
    const turn = this.play().catch((error: unknown) => this.result('error', `The script failed: ${messageOf(error)}`));
    this.running = turn;
    const result = await turn;
    this.running = null;
    return result;
  }

  interrupt(): void {
    this.interrupting.abort();
  }

  async compact(_keep: string): Promise<CompactionResult> {
    const failed = (detail: string): CompactionResult => ({ succeeded: false, usedTokensAfter: null, detail });
    if (this.isClosed) return failed('The session is closed');
    if (this.running !== null) return failed('The session is busy with another call');
    const { afterCompaction } = this.parts.script;
    if (afterCompaction === 'fails') return failed('The script says so');
    const before = this.usedTokens;
    const usual = before === null ? null : Math.round(before / 10);
    const usedTokensAfter = afterCompaction === undefined ? usual : afterCompaction;
    await this.report(usedTokensAfter);
    return { succeeded: true, usedTokensAfter, detail: null };
  }

  contextUsage(): ContextUsage {
    const { profile } = this.parts.spec;
    return { usedTokens: this.usedTokens, windowTokens: profile.windowTokens, usableTokens: usableWindow(profile) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.interrupt();
    await this.running;
  }

  private get usedTokens(): number | null {
    return this.saved.sessions[this.parts.id] ?? null;
  }

  private async play(): Promise<TurnResult> {
    for (;;) {
      if (this.interrupting.signal.aborted) return this.result('interrupted');
      const step = this.parts.script.steps[this.saved.position] ?? NOTHING_LEFT;
      await this.save({ ...this.saved, position: this.saved.position + 1 });
      if (step.do === 'stop') return this.result(step.stop, step.detail, step.retryAfterMs);
      await this.playStep(step);
    }
  }

  private async playStep(step: Exclude<ScriptStep, { do: 'stop' }>): Promise<void> {
    const { spec, files } = this.parts;
    switch (step.do) {
      case 'say':
        this.lastWords = step.text;
        return spec.onEvent({ type: 'text', text: step.text });
      case 'write':
        return this.useTool('write', step.path, () => files.write(step.path, step.content).then(() => true));
      case 'run':
        return this.useTool('bash', step.command, () => this.run(step.command));
      case 'report-usage':
        if (step.spend !== undefined) spec.onEvent({ type: 'spend', spend: { ...NO_SPEND, ...step.spend } });
        return this.report(step.usedTokens);
      case 'wait-for-interrupt':
        return aborted(this.interrupting.signal);
    }
  }

  private async useTool(tool: string, summary: string, work: () => Promise<boolean>): Promise<void> {
    const { spec, clock } = this.parts;
    const startedAt = clock.monotonic();
    spec.onEvent({ type: 'tool-started', tool, summary });
    const isDone = await work().catch((error: unknown) => {
      if (error instanceof ToolRefusedError) return false;
      throw error;
    });
    spec.onEvent({ type: 'tool-ended', tool, isError: !isDone, durationMs: clock.monotonic() - startedAt });
  }

  private async run(command: string): Promise<boolean> {
    const { spec, environment, confinement, commandRunner } = this.parts;
    const { exitCode } = await commandRunner.run({
      argv: ['bash', '-c', command],
      cwd: spec.workspace,
      env: environment,
      confinement,
      timeoutMs: COMMAND_TIMEOUT_MS,
      signal: this.interrupting.signal,
    });
    return exitCode === 0;
  }

  private async report(usedTokens: number | null): Promise<void> {
    await this.save({ ...this.saved, sessions: { ...this.saved.sessions, [this.parts.id]: usedTokens } });
    this.parts.spec.onEvent({ type: 'usage', usage: this.contextUsage() });
  }

  private async save(saved: SavedScript): Promise<void> {
    this.saved = saved;
    await saveScript(this.parts.spec.home, this.parts.spec.issue, saved);
  }

  private result(stop: TurnResult['stop'], detail?: string, retryAfterMs?: number): TurnResult {
    return { stop, text: this.lastWords, detail: detail ?? null, retryAfterMs: retryAfterMs ?? null };
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
