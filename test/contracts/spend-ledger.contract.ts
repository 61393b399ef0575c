import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SpendEntry, SpendLedger, SpendTotal } from '../../src/budgets/spend-ledger.port.js';

/** A ledger to try, empty. */
export interface SpendLedgerOnTrial {
  readonly ledger: SpendLedger;
  close(): Promise<void>;
}

const NOTHING: SpendTotal = { tokens: 0, costMicroUsd: 0, unpricedTokens: 0 };
const NOON = Date.UTC(2026, 2, 31, 12);

export function anEntry(given: Partial<SpendEntry> = {}): SpendEntry {
  return {
    at: NOON,
    runId: 'run-1',
    issueId: 'acme/web#1',
    profile: 'sonnet',
    tokens: { inputTokens: 10, outputTokens: 20, cacheReadTokens: 300, cacheWriteTokens: 4_000 },
    costMicroUsd: 70,
    ...given,
  };
}

/** Entries of few runs, issues, profiles and moments about midnight, so that many of them meet. */
export function entries(): fc.Arbitrary<readonly SpendEntry[]> {
  const count = fc.oneof(fc.nat(50), fc.nat(5_000_000_000));
  const entry = fc.record({
    at: fc.constantFrom(NOON, NOON + 43_199_999, NOON + 43_200_000),
    runId: fc.constantFrom('run-1', 'run-2'),
    issueId: fc.constantFrom('acme/web#1', 'acme/web#2'),
    profile: fc.constantFrom('sonnet', 'glm'),
    tokens: fc.record({ inputTokens: count, outputTokens: count, cacheReadTokens: count, cacheWriteTokens: count }),
    costMicroUsd: fc.oneof(fc.constant(null), fc.nat(2_000_000_000)),
  });
  return fc.array(entry, { maxLength: 25 });
}

/** What every SpendLedger must do. Call it once for each implementation. */
export function describeSpendLedger(name: string, make: () => Promise<SpendLedgerOnTrial>): void {
  describe(`${name}, as a SpendLedger`, () => {
    let trial: SpendLedgerOnTrial;
    let ledger: SpendLedger;

    beforeEach(async () => {
      trial = await make();
      ({ ledger } = trial);
    });

    afterEach(() => trial.close());

    it('knows of nothing at first', async () => {
      expect(await ledger.ofRun('run-1')).toEqual(NOTHING);
      expect(await ledger.ofIssue('acme/web#1')).toEqual(NOTHING);
      expect(await ledger.ofDay('2026-03-31')).toEqual(new Map());
    });

    it('adds up what a run spent, over days and profiles', async () => {
      await ledger.add([anEntry(), anEntry({ at: NOON + 86_400_000 }), anEntry({ profile: 'glm', costMicroUsd: 0 })]);
      await ledger.add([anEntry({ runId: 'run-2' })]);

      expect(await ledger.ofRun('run-1')).toEqual({ tokens: 12_990, costMicroUsd: 140, unpricedTokens: 0 });
    });

    it('adds up what an issue spent, over its runs', async () => {
      await ledger.add([anEntry(), anEntry({ runId: 'run-2' }), anEntry({ runId: 'run-3', issueId: 'acme/web#2' })]);

      expect(await ledger.ofIssue('acme/web#1')).toEqual({ tokens: 8_660, costMicroUsd: 140, unpricedTokens: 0 });
    });

    it('parts days at midnight by UTC, and profiles', async () => {
      await ledger.add([
        anEntry({ at: Date.UTC(2026, 2, 31, 23, 59, 59, 999) }),
        anEntry({ at: Date.UTC(2026, 2, 31), profile: 'glm', costMicroUsd: 0 }),
        anEntry({ at: Date.UTC(2026, 3, 1), runId: 'run-2', costMicroUsd: 5 }),
      ]);

      expect(await ledger.ofDay('2026-03-31')).toEqual(
        new Map([
          ['sonnet', { tokens: 4_330, costMicroUsd: 70, unpricedTokens: 0 }],
          ['glm', { tokens: 4_330, costMicroUsd: 0, unpricedTokens: 0 }],
        ]),
      );
      expect(await ledger.ofDay('2026-04-01')).toEqual(
        new Map([['sonnet', { tokens: 4_330, costMicroUsd: 5, unpricedTokens: 0 }]]),
      );
    });

    it('keeps tokens of an unknown price apart, and counts them as tokens too', async () => {
      await ledger.add([anEntry({ costMicroUsd: null }), anEntry()]);

      const sum = { tokens: 8_660, costMicroUsd: 70, unpricedTokens: 4_330 };
      expect(await ledger.ofRun('run-1')).toEqual(sum);
      expect((await ledger.ofDay('2026-03-31')).get('sonnet')).toEqual(sum);
    });

    it('takes no entries', async () => {
      await ledger.add([]);

      expect(await ledger.ofRun('run-1')).toEqual(NOTHING);
    });

    it('loses nothing of what is added at once', async () => {
      await Promise.all(Array.from({ length: 40 }, () => ledger.add([anEntry(), anEntry({ runId: 'run-2' })])));

      expect(await ledger.ofRun('run-1')).toEqual({ tokens: 173_200, costMicroUsd: 2_800, unpricedTokens: 0 });
      expect((await ledger.ofIssue('acme/web#1')).tokens).toBe(346_400);
    });

    it('adds a wrong entry’s companions no more than the entry itself', async () => {
      const wrong = anEntry({ tokens: { inputTokens: -1, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 } });

      await expect(ledger.add([anEntry(), wrong])).rejects.toMatchObject({ code: 'BUDGETS_SPEND_INVALID' });

      expect(await ledger.ofRun('run-1')).toEqual(NOTHING);
    });

    it('gives answers that do not change with it', async () => {
      await ledger.add([anEntry()]);
      const before = await ledger.ofDay('2026-03-31');

      await ledger.add([anEntry(), anEntry({ profile: 'opus' })]);

      expect([...before]).toEqual([['sonnet', { tokens: 4_330, costMicroUsd: 70, unpricedTokens: 0 }]]);
    });

    it('adds exactly, however the entries are ordered and bundled', async () => {
      const seen: boolean[] = [];
      await fc.assert(
        fc.asyncProperty(entries(), fc.nat(24), async (all, cut) => {
          const own = await make();
          await own.ledger.add(all.slice(0, cut).reverse());
          await own.ledger.add(all.slice(cut));
          const days = [...(await own.ledger.ofDay('2026-03-31')), ...(await own.ledger.ofDay('2026-04-01'))];
          const run = await own.ledger.ofRun('run-1');
          const issue = await own.ledger.ofIssue('acme/web#2');
          await own.close();
          seen.push(true);

          expect(run).toEqual(summed(all.filter(({ runId }) => runId === 'run-1')));
          expect(issue).toEqual(summed(all.filter(({ issueId }) => issueId === 'acme/web#2')));
          expect(days.reduce((sum, [, total]) => plus(sum, total), NOTHING)).toEqual(summed(all));
        }),
        { numRuns: 30 },
      );
      expect(seen.length).toBeGreaterThan(20);
    });
  });
}

/** Reckons otherwise than the ledgers do: with whole numbers of any size. */
function summed(all: readonly SpendEntry[]): SpendTotal {
  const sum = (numbers: readonly number[]): number => Number(numbers.reduce((total, one) => total + BigInt(one), 0n));
  const tokensOf = (some: readonly SpendEntry[]): number => sum(some.flatMap(({ tokens }) => Object.values(tokens)));
  return {
    tokens: tokensOf(all),
    costMicroUsd: sum(all.map(({ costMicroUsd }) => costMicroUsd ?? 0)),
    unpricedTokens: tokensOf(all.filter(({ costMicroUsd }) => costMicroUsd === null)),
  };
}

function plus(a: SpendTotal, b: SpendTotal): SpendTotal {
  return {
    tokens: a.tokens + b.tokens,
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    unpricedTokens: a.unpricedTokens + b.unpricedTokens,
  };
}
