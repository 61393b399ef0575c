import type { LaunchRequest, ProcessLauncher } from '../../../command-runner/index.js';
import type { EgressGate } from '../../../egress/index.js';
import { messageOf } from '../../../kernel/index.js';
import { readClaudeMessage, readContextReport, type ClaudeMessage } from './claude-message.js';
import { ClaudeProcess } from './claude-process.js';
import type { ClaudeQuery, ClaudeQueryOptions, ClaudeSdk, ClaudeSpawnRequest } from './claude-sdk.types.js';
import { PromptQueue } from './prompt-queue.js';

/** What a connection is made of. */
export interface ConnectionParts {
  readonly sdk: ClaudeSdk;
  readonly launcher: ProcessLauncher;
  readonly gate: EgressGate;
  readonly options: Omit<ClaudeQueryOptions, 'spawnClaudeCodeProcess'>;
  /** What is launched where the SDK wants to have a program started. */
  readonly requestFor: (request: ClaudeSpawnRequest) => LaunchRequest;
}

/** What was launched for it; null where nothing was, yet. */
interface Started {
  process: ClaudeProcess | null;
}

/** A running Claude Code with its way out. Both end together. */
export class ClaudeConnection {
  /** Told everything Claude Code says, in order. */
  onMessage: (message: ClaudeMessage) => void = () => undefined;
  /** Resolves when it says nothing more, with why, and when nothing of it runs any more. Never rejects. */
  readonly ended: Promise<string>;
  private ending: Promise<void> | null = null;

  private constructor(
    private readonly query: ClaudeQuery,
    private readonly prompts: PromptQueue,
    private readonly gate: EgressGate,
    private readonly started: Started,
  ) {
    this.ended = this.listen();
  }

  /** Begins to start Claude Code. Rejects where there is nothing to start, and leaves nothing then. */
  static async begin({ sdk, launcher, gate, options, requestFor }: ConnectionParts): Promise<ClaudeConnection> {
    const prompts = new PromptQueue();
    const started: Started = { process: null };
    try {
      const query = sdk.query({
        prompt: prompts,
        options: {
          ...options,
          spawnClaudeCodeProcess: (request) => {
            started.process = new ClaudeProcess(launcher.launch(requestFor(request)));
            return started.process;
          },
        },
      });
      return new ClaudeConnection(query, prompts, gate, started);
    } catch (error) {
      await started.process?.end();
      await gate.close();
      throw error;
    }
  }

  /** Resolves when Claude Code answers; rejects with why it could not be started. */
  async answers(): Promise<void> {
    await this.query.initializationResult();
  }

  send(text: string): void {
    this.prompts.push(text);
  }

  /** Ends what runs at once. The session stays. Resolves when Claude Code has taken note of it, or is gone. */
  async interrupt(): Promise<void> {
    await Promise.race([this.query.interrupt().catch(() => undefined), this.ended]);
  }

  /** What Claude Code says of its window, without asking the model; nulls where it does not answer. */
  async contextReport(): Promise<{ readonly usedTokens: number | null; readonly windowTokens: number | null }> {
    return readContextReport(await this.query.getContextUsage({ detail: 'summary' }).catch(() => null));
  }

  /** Ends its whole tree and its way out. Resolves when both are gone. May be called again. */
  end(): Promise<void> {
    this.ending ??= this.endAll();
    return this.ending;
  }

  private async endAll(): Promise<void> {
    this.prompts.end();
    await this.started.process?.end();
    this.query.close();
    await this.gate.close();
  }

  private async listen(): Promise<string> {
    const why = await this.hear();
    // Whatever its commands left behind must not work on.
    await this.end();
    return why;
  }

  private async hear(): Promise<string> {
    try {
      for await (const message of this.query) this.onMessage(readClaudeMessage(message));
    } catch (error) {
      return this.whyEnded(messageOf(error));
    }
    return this.whyEnded('Claude Code has ended');
  }

  private whyEnded(otherwise: string): string {
    const { process } = this.started;
    return process === null || (process.exitCode === null && process.signalCode === null)
      ? otherwise
      : process.howItEnded();
  }
}
