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

/** A running Claude Code with its way out. Both end together. */
export class ClaudeConnection {
  /** Told everything Claude Code says, in order. */
  onMessage: (message: ClaudeMessage) => void = () => undefined;
  /** Resolves when it says nothing more, with why, and when nothing of it runs any more. Never rejects. */
  readonly ended: Promise<string>;
  private readonly prompts = new PromptQueue();
  private readonly query: ClaudeQuery;
  private process: ClaudeProcess | null = null;
  private ending: Promise<void> | null = null;

  constructor(private readonly parts: ConnectionParts) {
    const { sdk, launcher, options, requestFor } = parts;
    this.query = sdk.query({
      prompt: this.prompts,
      options: {
        ...options,
        spawnClaudeCodeProcess: (request) => {
          this.process = new ClaudeProcess(launcher.launch(requestFor(request)));
          return this.process;
        },
      },
    });
    this.ended = this.listen();
  }

  /** Resolves when Claude Code has started; rejects with why it could not. */
  async started(): Promise<void> {
    await this.query.initializationResult();
  }

  send(text: string): void {
    this.prompts.push(text);
  }

  /** Ends what runs at once. The session stays. */
  async interrupt(): Promise<void> {
    await this.query.interrupt().catch(() => undefined);
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
    await this.process?.end();
    this.query.close();
    await this.parts.gate.close();
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
    const { process } = this;
    return process === null || (process.exitCode === null && process.signalCode === null)
      ? otherwise
      : process.howItEnded();
  }
}
