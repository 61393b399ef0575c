import type { Spend } from '../../agents/index.js';
import type { Clock } from '../../kernel/index.js';
import { RunFailedError } from '../orchestration.errors.js';
import type { SpendGuard, SpendingRun } from '../ports/spend-guard.port.js';

/**
 * What one run spends, told to the guard one event after the other, and whether it may spend more.
 *
 * A spend that could not be counted ends the run before its next prompt: nobody knows then what is left.
 */
export class RunSpending {
  private counting: Promise<void> = Promise.resolve();
  private fault: { readonly error: unknown } | null = null;

  constructor(
    private readonly guard: SpendGuard,
    private readonly run: SpendingRun,
    private readonly clock: Clock,
  ) {}

  /** @param stopTurn called when the run may spend no more, for the turn that is under way */
  note(spend: Spend, stopTurn: () => void): void {
    this.counting = this.counting
      .then(() => this.count(spend, stopTurn))
      .catch((error: unknown) => {
        this.fault ??= { error };
      });
  }

  /** @throws {RunFailedError} if the run may spend no more */
  async assertMaySpend(): Promise<void> {
    await this.settled();
    if (this.fault !== null) throw this.fault.error;
    const refusal = await this.guard.refusal(this.run);
    if (refusal === null) return;
    const { needsPerson, sentence, retryAt } = refusal;
    const retryAfterMs = retryAt === null ? null : Math.max(0, retryAt - this.clock.now());
    throw new RunFailedError('budget', needsPerson, sentence, retryAfterMs);
  }

  /** Resolves when everything noted so far was counted, or could not be. */
  async settled(): Promise<void> {
    await this.counting;
  }

  private async count(spend: Spend, stopTurn: () => void): Promise<void> {
    await this.guard.spent(this.run, spend);
    if ((await this.guard.refusal(this.run)) !== null) stopTurn();
  }
}
