import type { LaunchRequest, LaunchedProcess, ProcessLauncher } from '../../../command-runner/index.js';
import type { EgressGate } from '../../../egress/index.js';
import type { Clock } from '../../../kernel/index.js';

/** A program closes its output just before it ends. */
const EXIT_MS = 1_000;

/** A running agent and its way out, which end together. */
export class AcpProcess {
  private stderr = Buffer.alloc(0);
  private ending: Promise<void> | null = null;

  private constructor(
    readonly launched: LaunchedProcess,
    private readonly gate: EgressGate,
    private readonly stderrBytes: number,
  ) {
    launched.stderr.on('data', (chunk: Buffer) => {
      this.stderr = Buffer.concat([this.stderr, chunk]).subarray(-this.stderrBytes - 1);
    });
    launched.stderr.on('error', () => undefined);
  }

  static start(launcher: ProcessLauncher, request: LaunchRequest, gate: EgressGate, stderrBytes: number): AcpProcess {
    return new AcpProcess(launcher.launch(request), gate, stderrBytes);
  }

  get isEnding(): boolean {
    return this.ending !== null;
  }

  /** The last that it wrote to its standard error, on one line and without the token of its way out. */
  get lastWords(): string {
    const text = this.stderr.subarray(-this.stderrBytes || this.stderr.length).toString('utf8');
    return text.replaceAll(this.gate.token, '[token]').replace(/\s+/g, ' ').trim().slice(-400);
  }

  /** How it ended, once it has, in a sentence. */
  async howItEnded(): Promise<string> {
    const { code, signal } = await this.launched.exited;
    const how = signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
    const words = this.lastWords;
    return `The agent's process ended with ${how}${words === '' ? '' : `; it said: ${words}`}`;
  }

  /** The same, if it ends by itself within a moment; null if it does not. */
  async howItEndedSoon(clock: Clock): Promise<string | null> {
    const waited = new AbortController();
    const late = clock.sleep(EXIT_MS, waited.signal).then(() => null);
    const how = await Promise.race([this.howItEnded(), late]);
    waited.abort();
    return how;
  }

  /** Ends its whole tree and its way out. Resolves when both are gone. May be called again. */
  end(): Promise<void> {
    this.ending ??= this.endBoth();
    return this.ending;
  }

  private async endBoth(): Promise<void> {
    await this.launched.end();
    await this.gate.close();
  }
}
