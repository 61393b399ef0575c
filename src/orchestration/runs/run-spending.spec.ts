import { describe, expect, it } from '@jest/globals';

import { PROFILE } from '../../../test/support/start-orchestration.js';
import { FakeClock } from '../../testing/index.js';
import { RunSpending } from './run-spending.js';
import type { SpendGuard } from '../ports/spend-guard.port.js';

const RUN = { jobId: 'acme/tools#7', runId: 'r', issue: { owner: 'acme', repo: 'tools', number: 7 }, profile: PROFILE };
const SPEND = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

describe('RunSpending', () => {
  it('asks whether more may be spent only when all that was told is counted', async () => {
    let count: () => void = () => undefined;
    const isCounted = new Promise<void>((resolve) => (count = resolve));
    let counted = 0;
    const guard: SpendGuard = {
      spent: async (_, { inputTokens }) => {
        await isCounted;
        counted += inputTokens;
      },
      refusal: () =>
        Promise.resolve(counted === 0 ? null : { sentence: 'It is used up', needsPerson: true, retryAt: null }),
    };
    const spending = new RunSpending(guard, RUN, new FakeClock());

    spending.note(SPEND, () => undefined);
    const asked = spending.assertMaySpend();
    count();

    await expect(asked).rejects.toMatchObject({ phase: 'budget', needsPerson: true, message: 'It is used up' });
  });

  it.each([
    [5_000, 5_000],
    [-5_000, 0],
  ])('says how long it is until the budget is renewed: %i ms from now are %i', async (fromNowMs, retryAfterMs) => {
    const clock = new FakeClock();
    const refusal = { sentence: 'It is used up', needsPerson: false, retryAt: clock.now() + fromNowMs };
    const guard: SpendGuard = { spent: () => undefined, refusal: () => Promise.resolve(refusal) };

    await expect(new RunSpending(guard, RUN, clock).assertMaySpend()).rejects.toMatchObject({ retryAfterMs });
  });
});
