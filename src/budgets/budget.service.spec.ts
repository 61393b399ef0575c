import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';

import { entries } from '../../test/contracts/spend-ledger.contract.js';
import { InProcessEventBus, parseIssueRef } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import {
  BudgetService,
  BudgetsModule,
  InMemorySpendLedger,
  resolveBudgetsOptions,
  type Budget,
  type BudgetedProfile,
  type BudgetsModuleOptions,
  type SpendingRun,
  type Spent,
  type SpentTokens,
} from './index.js';

const NO_BUDGET: Budget = { tokens: null, usd: null };
const NOTHING_SET = { perRun: NO_BUDGET, perIssue: NO_BUDGET, perDay: NO_BUDGET };
const SONNET: BudgetedProfile = { name: 'sonnet', prices: { input: 3, output: 15 } };
const OPUS: BudgetedProfile = {
  name: 'opus',
  prices: { input: 5, output: 25 },
  budget: { tokensPerDay: null, usdPerDay: 10 },
};
const GLM: BudgetedProfile = { name: 'glm', prices: { input: 0, output: 0 } };
const NEW: BudgetedProfile = { name: 'new', prices: null };
/** 23:59 by UTC. */
const LATE = Date.UTC(2026, 2, 31, 23, 59);

function startBudgets(given: BudgetsModuleOptions = {}) {
  const clock = new FakeClock(LATE);
  const bus = new InProcessEventBus();
  const events: Spent[] = [];
  bus.subscribe<Spent>('budgets.spent', (event) => events.push(event));
  const options = { ...NOTHING_SET, profiles: [SONNET, OPUS, GLM, NEW], clock, bus, ...given };
  return { budgets: new BudgetService(resolveBudgetsOptions(options)), clock, events };
}

function aRun(given: Partial<SpendingRun> = {}): SpendingRun {
  return { runId: 'run-1', issue: parseIssueRef('acme/web#1'), profile: SONNET, ...given };
}

/** So much input, which costs Sonnet three microdollars each. */
function input(inputTokens: number): SpentTokens {
  return { inputTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
}

/** Cannot be written while it is away. */
class FailingLedger extends InMemorySpendLedger {
  isAway = true;

  override add(entry: Parameters<InMemorySpendLedger['add']>[0]): Promise<void> {
    return this.isAway ? Promise.reject(new Error('the ledger is away')) : super.add(entry);
  }
}

describe('BudgetService, asked whether a run may spend', () => {
  it('has nothing against it without budgets', async () => {
    const { budgets } = startBudgets();
    await budgets.spent(aRun(), input(1_000_000_000));

    expect(await budgets.refusal(aRun())).toBeNull();
  });

  it.each<[keyof typeof NOTHING_SET, string, boolean]>([
    [
      'perRun',
      'The budget of the run is used up: 1,000 of 1,000 tokens are spent. Edit the issue, or assign it anew, for ' +
        'another run; or raise BUDGET_RUN_TOKENS.',
      true,
    ],
    [
      'perIssue',
      'The budget of the issue, all its runs together, is used up: 1,000 of 1,000 tokens are spent. A fresh start of ' +
        'the issue does not change that: raise BUDGET_ISSUE_TOKENS, or write an issue for what is left of it.',
      true,
    ],
    [
      'perDay',
      'The budget of the day is used up: 1,000 of 1,000 tokens are spent. It goes on after midnight UTC, or once ' +
        'BUDGET_DAY_TOKENS is raised.',
      false,
    ],
  ])('refuses where the tokens of %s are used up to the last', async (scope, sentence, needsPerson) => {
    const { budgets } = startBudgets({ [scope]: { tokens: 1_000, usd: null } });
    await budgets.spent(aRun(), { inputTokens: 100, outputTokens: 200, cacheReadTokens: 300, cacheWriteTokens: 399 });
    const before = await budgets.refusal(aRun());

    await budgets.spent(aRun(), input(1));

    expect(before).toBeNull();
    const retryAt = needsPerson ? null : Date.UTC(2026, 3, 1);
    expect(await budgets.refusal(aRun())).toEqual({ sentence, needsPerson, retryAt });
  });

  it.each<[keyof typeof NOTHING_SET, string]>([
    ['perRun', 'BUDGET_RUN_USD'],
    ['perIssue', 'BUDGET_ISSUE_USD'],
    ['perDay', 'BUDGET_DAY_USD'],
  ])('refuses where the money of %s is used up to the last microdollar', async (scope, variable) => {
    const { budgets } = startBudgets({ [scope]: { tokens: null, usd: 0.3 } });
    await budgets.spent(aRun(), input(99_999));
    const before = await budgets.refusal(aRun());

    await budgets.spent(aRun(), input(1));

    expect(before).toBeNull();
    const refusal = await budgets.refusal(aRun());
    expect(refusal?.sentence).toContain('$0.30 of $0.30 are spent');
    expect(refusal?.sentence).toContain(variable);
  });

  it('counts each run by itself, and all runs of an issue for the issue, whatever the case of its name', async () => {
    const { budgets } = startBudgets({ perRun: { tokens: 1_000 }, perIssue: { tokens: 1_500 } });
    await budgets.spent(aRun(), input(1_000));
    const next = aRun({ runId: 'run-2', issue: parseIssueRef('Acme/Web#1') });
    const atFirst = await budgets.refusal(next);

    await budgets.spent(next, input(500));

    expect(atFirst).toBeNull();
    expect((await budgets.refusal(next))?.sentence).toMatch(/^The budget of the issue/);
    expect(await budgets.refusal(aRun({ runId: 'run-3', issue: parseIssueRef('acme/web#2') }))).toBeNull();
  });

  it('asks for a person first where the budgets of run and day are both used up', async () => {
    const { budgets } = startBudgets({ perRun: { tokens: 1 }, perDay: { tokens: 1 } });
    await budgets.spent(aRun(), input(1));

    expect(await budgets.refusal(aRun())).toMatchObject({ needsPerson: true, retryAt: null });
  });

  it("holds a profile to its own budget of the day, and nobody else's", async () => {
    const { budgets } = startBudgets();
    await budgets.spent(aRun({ profile: OPUS }), input(2_000_000));

    expect(await budgets.refusal(aRun({ profile: OPUS }))).toEqual({
      sentence:
        'The budget of profile opus for the day is used up: $10.00 of $10.00 are spent. It goes on after midnight UTC, ' +
        'or once usdPerDay of the profile is raised.',
      needsPerson: false,
      retryAt: Date.UTC(2026, 3, 1),
    });
    expect(await budgets.refusal(aRun())).toBeNull();
  });

  it('begins the day anew at midnight by UTC, and nothing else', async () => {
    const { budgets, clock } = startBudgets({ perDay: { tokens: 1_000 }, perRun: { tokens: 1_500 } });
    await budgets.spent(aRun(), input(1_000));
    const refusal = await budgets.refusal(aRun());
    clock.advance(59_999);
    const justBefore = await budgets.refusal(aRun());

    clock.advance(1);

    expect(clock.now()).toBe(refusal?.retryAt);
    expect(justBefore).toEqual(refusal);
    expect(await budgets.refusal(aRun())).toBeNull();
    await budgets.spent(aRun(), input(500));
    expect((await budgets.refusal(aRun()))?.sentence).toMatch(/^The budget of the run/);
  });

  it('holds back nothing that is free for money, and everything for tokens', async () => {
    const { budgets } = startBudgets({ perIssue: { usd: 1 }, perDay: { usd: 1 }, perRun: { tokens: 2_000_000 } });
    await budgets.spent(aRun(), input(1_000_000));
    const free = aRun({ profile: GLM });
    const atFirst = await budgets.refusal(free);

    await budgets.spent(free, input(1_000_000));

    expect(atFirst).toBeNull();
    expect((await budgets.refusal(free))?.sentence).toContain('2,000,000 of 2,000,000 tokens');
  });

  it('refuses an unknown price while there is no budget in tokens', async () => {
    const { budgets } = startBudgets({ perIssue: { usd: 20 } });

    expect(await budgets.refusal(aRun({ profile: NEW }))).toEqual({
      sentence: expect.stringMatching(/^The price of profile new is unknown and there is no budget in tokens/),
      needsPerson: true,
      retryAt: null,
    });
  });

  it.each<[string, BudgetsModuleOptions, Partial<BudgetedProfile>]>([
    ['run', { perRun: { tokens: 1_000 } }, {}],
    ['issue', { perIssue: { tokens: 1_000 } }, {}],
    ['day', { perDay: { tokens: 1_000 } }, {}],
    ['profile', {}, { budget: { tokensPerDay: 1_000, usdPerDay: null } }],
  ])('lets an unknown price spend the tokens of its %s, and no more', async (_scope, options, own) => {
    const { budgets } = startBudgets(options);
    const run = aRun({ profile: { ...NEW, ...own } });
    await budgets.spent(run, input(999));
    const before = await budgets.refusal(run);

    await budgets.spent(run, input(1));

    expect(before).toBeNull();
    expect((await budgets.refusal(run))?.sentence).toContain('1,000 of 1,000 tokens');
  });

  it('lets a repository lower the budget of its issue, never raise it', async () => {
    const { budgets } = startBudgets({ perIssue: { tokens: null, usd: 3 } });
    await budgets.spent(aRun(), input(500_000));

    const refusal = async (repositoryBudget: Budget | null) =>
      (await budgets.refusal(aRun({ repositoryBudget })))?.sentence ?? null;

    expect(await refusal({ tokens: null, usd: 1.5 })).toContain(
      '$1.50 of $1.50 are spent. A fresh start of the issue does not change that: raise limits.usd in .mosaic/',
    );
    expect(await refusal({ tokens: 500_000, usd: null })).toContain('raise limits.tokens in .mosaic/coordinator.yml');
    expect(await refusal({ tokens: null, usd: 1.6 })).toBeNull();
    expect(await refusal(null)).toBeNull();
    await budgets.spent(aRun(), input(500_000));
    expect(await refusal({ tokens: null, usd: 900 })).toContain('raise BUDGET_ISSUE_USD');
  });

  it('does not take what a repository says for a bound of an unknown price', async () => {
    const { budgets } = startBudgets();
    const run = aRun({ profile: NEW, repositoryBudget: { tokens: 1_000, usd: null } });

    expect((await budgets.refusal(run))?.sentence).toMatch(/^The price of profile new is unknown/);
  });

  it('knows what an earlier process and another one spent: the ledger is asked each time', async () => {
    const ledger = new InMemorySpendLedger();
    const options = { ledger, perIssue: { tokens: 1_000 } };
    const one = startBudgets(options);
    const other = startBudgets(options);
    const before = await other.budgets.refusal(aRun());

    await one.budgets.spent(aRun(), input(1_000));

    expect(before).toBeNull();
    expect(await other.budgets.refusal(aRun({ runId: 'run-2' }))).not.toBeNull();
  });

  it('never allows what has reached a budget, and allows what has not, whatever was spent by whom', async () => {
    const money = fc.option(fc.nat(5_000));
    const tokens = fc.option(fc.nat(20_000_000_000));
    const budget = fc.record({ tokens, usd: money });
    const profiles = [SONNET, GLM];

    const decided: boolean[] = [];
    await fc.assert(
      fc.asyncProperty(entries(), budget, budget, budget, async (all, perRun, perIssue, perDay) => {
        const ledger = new InMemorySpendLedger();
        await ledger.add(all);
        const { budgets, clock } = startBudgets({ ledger, perRun, perIssue, perDay });
        for (const profile of profiles) {
          const refusal = await budgets.refusal(aRun({ profile }));
          const sums = [
            [perRun, all.filter(({ runId }) => runId === 'run-1')],
            [perIssue, all.filter(({ issueId }) => issueId === 'acme/web#1')],
            [perDay, all.filter(({ at }) => at < Date.UTC(2026, 3, 1) && clock.now() === LATE)],
          ] as const;
          const isReached = sums.some(([limit, some]) => {
            const spentTokens = some.flatMap((entry) => Object.values(entry.tokens)).reduce((a, b) => a + b, 0);
            const spentUsd = some.reduce((sum, { costMicroUsd }) => sum + (costMicroUsd ?? 0), 0) / 1e6;
            const isOutOfMoney = profile !== GLM && spentUsd >= (limit.usd ?? Infinity);
            return spentTokens >= (limit.tokens ?? Infinity) || isOutOfMoney;
          });
          decided.push(isReached);

          expect(refusal !== null).toBe(isReached);
        }
      }),
      { numRuns: 300 },
    );
    expect(new Set(decided)).toEqual(new Set([true, false]));
  });
});

describe('BudgetService, told what was spent', () => {
  it('tells others, once it is in the ledger', async () => {
    const { budgets, events } = startBudgets();

    await budgets.spent(aRun(), input(1_000));
    await budgets.spent(aRun({ profile: NEW }), input(5));

    const { issue } = aRun();
    expect(events).toEqual([
      { type: 'budgets.spent', issue, runId: 'run-1', profile: 'sonnet', tokens: 1_000, costMicroUsd: 3_000 },
      { type: 'budgets.spent', issue, runId: 'run-1', profile: 'new', tokens: 5, costMicroUsd: null },
    ]);
  });

  it('makes nothing of nothing', async () => {
    const { budgets, events } = startBudgets({ ledger: new FailingLedger() });

    await budgets.spent(aRun(), input(0));

    expect(events).toEqual([]);
  });

  it('refuses what cannot be', async () => {
    const { budgets, events } = startBudgets();

    await expect(budgets.spent(aRun(), input(-1))).rejects.toMatchObject({ code: 'BUDGETS_SPEND_INVALID' });
    expect(events).toEqual([]);
  });

  it('keeps what the ledger did not take, answers nothing meanwhile, and writes it once', async () => {
    const ledger = new FailingLedger();
    const { budgets, events } = startBudgets({ ledger, perRun: { tokens: 1_000 } });
    const first = budgets.spent(aRun(), input(400));
    await expect(first).rejects.toThrow('the ledger is away');
    await expect(budgets.refusal(aRun())).rejects.toThrow('the ledger is away');
    await expect(budgets.closedProfiles()).rejects.toThrow('the ledger is away');
    await expect(budgets.standing()).rejects.toThrow('the ledger is away');

    ledger.isAway = false;
    await budgets.spent(aRun(), input(600));

    expect((await ledger.ofRun('run-1')).tokens).toBe(1_000);
    expect(events.map(({ tokens }) => tokens)).toEqual([400, 600]);
    expect(await budgets.refusal(aRun())).not.toBeNull();
  });

  it('forgets nothing of what comes while the ledger writes', async () => {
    const ledger = new InMemorySpendLedger();
    const add = ledger.add.bind(ledger);
    let release: () => void = () => undefined;
    const isFree = new Promise<void>((resolve) => (release = resolve));
    let began: () => void = () => undefined;
    const isBusy = new Promise<void>((resolve) => (began = resolve));
    ledger.add = async (bundle) => {
      began();
      await isFree;
      return add(bundle);
    };
    const { budgets } = startBudgets({ ledger });

    const first = budgets.spent(aRun(), input(10));
    await isBusy;
    const second = budgets.spent(aRun(), input(7));
    release();
    await Promise.all([first, second]);

    expect((await ledger.ofRun('run-1')).tokens).toBe(17);
  });

  it('bundles what comes while the ledger is busy', async () => {
    const sizes: number[] = [];
    const ledger = new InMemorySpendLedger();
    const add = ledger.add.bind(ledger);
    ledger.add = (bundle) => {
      sizes.push(bundle.length);
      return add(bundle);
    };
    const { budgets } = startBudgets({ ledger });

    await Promise.all(Array.from({ length: 50 }, () => budgets.spent(aRun(), input(1))));

    expect((await ledger.ofRun('run-1')).tokens).toBe(50);
    expect(sizes.length).toBeLessThan(5);
  });
});

describe('BudgetService, asked with what nothing may be begun', () => {
  it('names none at first but those of unknown price', async () => {
    const { budgets } = startBudgets({ perDay: { usd: 100 } });

    expect([...(await budgets.closedProfiles())]).toEqual([
      ['new', expect.stringContaining('The price of profile new is unknown')],
    ]);
  });

  it('names all that cost something when the money of the day is used up, until midnight', async () => {
    const { budgets, clock } = startBudgets({ perDay: { usd: 3 }, perRun: { tokens: 5_000_000 } });
    await budgets.spent(aRun(), input(1_000_000));
    const today = await budgets.closedProfiles();

    clock.advance(60_000);

    expect([...today.keys()]).toEqual(['sonnet', 'opus', 'new']);
    expect(today.get('opus')).toMatch(/^The budget of the day is used up: \$3\.00 of \$3\.00 are spent/);
    expect(await budgets.closedProfiles()).toEqual(new Map());
  });

  it('names all when the tokens of the day are used up', async () => {
    const { budgets } = startBudgets({ perDay: { tokens: 10 } });
    await budgets.spent(aRun(), input(10));

    expect([...(await budgets.closedProfiles()).keys()]).toEqual(['sonnet', 'opus', 'glm', 'new']);
  });

  it('names a profile whose own budget is used up', async () => {
    const { budgets } = startBudgets({ profiles: [SONNET, OPUS] });
    await budgets.spent(aRun({ profile: OPUS }), input(2_000_000));

    expect([...(await budgets.closedProfiles()).keys()]).toEqual(['opus']);
  });
});

describe('BudgetService, asked where the budgets stand', () => {
  it('shows what was spent today, by whom, and what is left', async () => {
    const { budgets } = startBudgets({ perDay: { tokens: null, usd: 100 }, perIssue: { tokens: null, usd: 20 } });
    await budgets.spent(aRun(), input(1_000_000));
    await budgets.spent(aRun({ profile: OPUS }), input(2_400_000));
    await budgets.spent(aRun({ profile: GLM }), input(7));

    const none = { tokens: 0, usd: 0, usdAtLeast: 0 };
    const noBudget = { budget: NO_BUDGET, remaining: NO_BUDGET };
    expect(await budgets.standing()).toEqual({
      day: '2026-03-31',
      nextDayAt: '2026-04-01T00:00:00.000Z',
      today: {
        budget: { tokens: null, usd: 100 },
        spent: { tokens: 3_400_007, usd: 15, usdAtLeast: 15 },
        remaining: { tokens: null, usd: 85 },
      },
      profiles: [
        {
          name: 'sonnet',
          price: 'known',
          closedBecause: null,
          spent: { tokens: 1_000_000, usd: 3, usdAtLeast: 3 },
          ...noBudget,
        },
        {
          name: 'opus',
          price: 'known',
          closedBecause: expect.stringContaining('The budget of profile opus for the day is used up'),
          budget: { tokens: null, usd: 10 },
          spent: { tokens: 2_400_000, usd: 12, usdAtLeast: 12 },
          remaining: { tokens: null, usd: 0 },
        },
        { name: 'glm', price: 'free', closedBecause: null, spent: { ...none, tokens: 7 }, ...noBudget },
        {
          name: 'new',
          price: 'unknown',
          closedBecause: expect.stringContaining('unknown'),
          spent: none,
          ...noBudget,
        },
      ],
      perRun: NO_BUDGET,
      perIssue: { tokens: null, usd: 20 },
    });
  });

  it('shows an unknown cost as unknown, and a profile that is none any more', async () => {
    const { budgets } = startBudgets({ perDay: { tokens: 1_000 }, profiles: [SONNET] });
    await budgets.spent(aRun(), input(100));
    await budgets.spent(aRun({ profile: NEW }), input(50));

    const { today, profiles } = await budgets.standing();

    expect(today).toMatchObject({
      spent: { tokens: 150, usd: null, usdAtLeast: 0.0003 },
      remaining: { tokens: 850, usd: 99.9997 },
    });
    expect(profiles.map(({ name, price, spent }) => [name, price, spent.usd])).toEqual([
      ['sonnet', 'known', 0.0003],
      ['new', 'unlisted', null],
    ]);
  });

  it('shows nothing left of what was overshot, rather than less', async () => {
    const { budgets } = startBudgets({ perDay: { tokens: 90, usd: 0.0002 } });
    await budgets.spent(aRun(), input(100));

    expect((await budgets.standing()).today.remaining).toEqual({ tokens: 0, usd: 0 });
  });

  it('shows what an issue cost', async () => {
    const { budgets } = startBudgets();
    await budgets.spent(aRun(), input(100));
    await budgets.spent(aRun({ profile: NEW, runId: 'run-2' }), input(50));

    expect(await budgets.spentOn(parseIssueRef('acme/WEB#1'))).toEqual({ tokens: 150, usd: null, usdAtLeast: 0.0003 });
    expect(await budgets.spentOn(parseIssueRef('acme/web#2'))).toEqual({ tokens: 0, usd: 0, usdAtLeast: 0 });
  });
});

describe('BudgetsModule', () => {
  it('gives one service to every module, that works with nothing set', async () => {
    const app = await Test.createTestingModule({ imports: [BudgetsModule.forRoot({})] }).compile();
    const budgets = app.get(BudgetService);
    await budgets.spent(aRun(), input(6_666_666));
    const before = await budgets.refusal(aRun());

    await budgets.spent(aRun(), input(1));

    expect(before).toBeNull();
    expect((await budgets.refusal(aRun()))?.sentence).toContain('$20.01 of $20.00 are spent');
    await app.close();
  });

  it('does not start with budgets that are none', async () => {
    const starting = Test.createTestingModule({ imports: [BudgetsModule.forRoot({ perDay: { usd: -1 } })] }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'BUDGETS_OPTIONS_INVALID' });
  });
});
