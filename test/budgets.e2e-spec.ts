import { describe, expect, it } from '@jest/globals';

import type { AgentProfile, AgentScript, ScriptStep, Spend } from '../src/agents/index.js';
import {
  BudgetService,
  InMemorySpendLedger,
  resolveBudgetsOptions,
  type BudgetsModuleOptions,
  type SpendLedger,
} from '../src/budgets/index.js';
import { issueKey } from '../src/kernel/index.js';
import type { AgentActed } from '../src/orchestration/index.js';
import { SqlSpendLedger, openDatabase } from '../src/persistence/index.js';
import { FakeClock } from '../src/testing/index.js';
import { CONFIGURATION_PATH } from '../src/quality-gates/index.js';
import { ISSUE, PROFILE, aDelivery, anIssue, startOrchestration, type Start } from './support/start-orchestration.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';

const JOB = issueKey(ISSUE);
const NO_BUDGET = { tokens: null, usd: null };
const PAID: AgentProfile = { ...PROFILE, prices: { input: 3, output: 15 }, isSelfHosted: false };
const UNPRICED: AgentProfile = { ...PAID, prices: null };
/** 23:59:30 by UTC. */
const LATE = Date.UTC(2026, 2, 31, 23, 59, 30);
const DONE: ScriptStep = { do: 'stop', stop: 'end_turn' };

function spends(spend: Partial<Spend>): ScriptStep {
  return { do: 'report-usage', usedTokens: 1_000, spend };
}

function writes(path: string): ScriptStep {
  return { do: 'write', path, content: 'work' };
}

/** Resolves when something was added to a ledger. */
function whenAdded(ledger: SpendLedger): Promise<void> {
  const add = ledger.add.bind(ledger);
  return new Promise((resolve) => {
    ledger.add = async (bundle) => {
      await add(bundle);
      resolve();
    };
  });
}

interface BudgetedStart extends Start {
  readonly steps: readonly ScriptStep[];
  readonly profile?: AgentProfile;
  readonly budgets?: BudgetsModuleOptions;
  readonly ledger?: SpendLedger;
}

/** The coordinator with budgets, and one issue assigned to the bot. */
async function startWithBudgets({ steps, profile = PAID, budgets: given, ledger, ...start }: BudgetedStart) {
  const { left, clock = left?.clock ?? new FakeClock(LATE) } = start;
  const budgets = new BudgetService(
    resolveBudgetsOptions({
      perRun: NO_BUDGET,
      perIssue: NO_BUDGET,
      perDay: NO_BUDGET,
      profiles: [profile],
      ledger: ledger ?? new InMemorySpendLedger(),
      clock,
      ...given,
    }),
  );
  const script: AgentScript = { '*': { steps } };
  const options = { spendGuard: budgets, dispatchGuards: [budgets], ...start.options };
  const started = await startOrchestration({ ...start, clock, script, profiles: [profile], options });
  if (left === undefined) {
    started.tracker.put(anIssue());
    await started.deliveries.record(aDelivery(anIssue()));
  }
  return { ...started, budgets };
}

describe('A job whose budget is used up', () => {
  it('is stopped at the tool boundary, keeps its work, and needs a person who is told why', async () => {
    const steps = [
      writes('before.txt'),
      spends({ inputTokens: 600_000 }),
      spends({ inputTokens: 400_000 }),
      { do: 'wait-for-interrupt' } as const,
      writes('after.txt'),
      DONE,
    ];
    const { start, reaches, judge, runs, events, tracker, workspaces, loop, close } = await startWithBudgets({
      steps,
      budgets: { perRun: { tokens: null, usd: 3 } },
    });
    const captured: boolean[] = [];
    const capture = workspaces.capture.bind(workspaces);
    workspaces.capture = async (workspace) => {
      const work = await capture(workspace);
      captured.push(work.isChanged);
      return work;
    };
    await start();

    const job = await reaches('needs_attention');

    expect(job.reason).toBe(
      'The budget of the run is used up: $3.00 of $3.00 are spent. Edit the issue, or assign it anew, for another run; ' +
        'or raise BUDGET_RUN_USD.',
    );
    expect(job.failures).toBe(0);
    const acted = events.filter((event): event is AgentActed => event.type === 'orchestration.agent-acted');
    expect(acted.map(({ summary }) => summary)).toEqual(['before.txt']);
    expect([captured, judge.subjects]).toEqual([[true], []]);
    expect(await runs.runs(JOB)).toMatchObject([{ outcome: 'needs_attention', reason: job.reason }]);
    await loop.idle();
    await close();
    expect(tracker.commentOf(ISSUE, 'status')).toContain('| Spent | 1,000,000 tokens read, 0 written: $3.00 |');
  });

  it('goes on in its session where it stopped, when a person gives the issue another run', async () => {
    const steps = [spends({ inputTokens: 1_000_000 }), writes('work.txt'), spends({ inputTokens: 999_999 }), DONE];
    const { start, reaches, tracker, deliveries, loop, budgets, close } = await startWithBudgets({
      steps,
      budgets: { perRun: { tokens: 1_000_000 } },
    });
    await start();
    await reaches('needs_attention');
    const edited = anIssue({ title: 'Make it right, at last' });
    tracker.put(edited);
    await deliveries.record(aDelivery(edited, { kind: 'issues', action: 'edited', updatedAt: '2026-01-02T00:00:00Z' }));

    loop.wake();
    await reaches('in_review');

    expect((await budgets.spentOn(ISSUE)).tokens).toBe(1_999_999);
    await close();
  });

  it('stays stopped after a fresh start, where it is the budget of the issue', async () => {
    const { start, reaches, next, tracker, deliveries, loop, close } = await startWithBudgets({
      steps: [spends({ inputTokens: 1_000 }), writes('work.txt'), DONE],
      budgets: { perIssue: { tokens: 1_000 } },
    });
    await start();
    await reaches('needs_attention');
    const edited = anIssue({ title: 'Make it right, at last' });
    tracker.put(edited);
    await deliveries.record(aDelivery(edited, { kind: 'issues', action: 'edited', updatedAt: '2026-01-02T00:00:00Z' }));
    const again = next('queue.job-moved', { from: 'running', to: 'needs_attention' } as object);

    loop.wake();
    await again;

    expect((await reaches('needs_attention')).reason).toMatch(/^The budget of the issue.*A fresh start of the issue/);
    await close();
  });

  it('is held to the smaller budget that its repository names', async () => {
    const { start, reaches, close } = await startWithBudgets({
      steps: [spends({ outputTokens: 100_000 }), { do: 'wait-for-interrupt' }, DONE],
      budgets: { perIssue: { tokens: null, usd: 20 } },
      baseFiles: { [CONFIGURATION_PATH]: 'limits:\n  usd: 1.5\n  tokens: 100001\n' },
    });
    await start();

    expect((await reaches('needs_attention')).reason).toContain(
      '$1.50 of $1.50 are spent. A fresh start of the issue does not change that: raise limits.usd in .mosaic/',
    );
    await close();
  });

  it('waits until midnight by UTC where it is the budget of the day, and counts no failure', async () => {
    const { start, reaches, clock, loop, close } = await startWithBudgets({
      steps: [spends({ inputTokens: 1_000 }), writes('work.txt'), DONE],
      budgets: { perDay: { tokens: 1_000 } },
    });
    await start();
    const waiting = await reaches('retryable');
    const midnight = Date.UTC(2026, 3, 1);

    clock.advance((waiting.notBefore ?? 0) - clock.now());
    loop.wake();
    const reviewed = await reaches('in_review');

    expect(waiting.reason).toMatch(/^The budget of the day is used up: 1,000 of 1,000 tokens are spent/);
    expect(waiting.failures).toBe(0);
    expect(waiting.notBefore).toBeGreaterThanOrEqual(midnight);
    expect(reviewed.state).toBe('in_review');
    await close();
  });
});

describe('A job that nothing may be spent on', () => {
  it('is not begun before midnight by UTC, and says why', async () => {
    const ledger = new InMemorySpendLedger();
    const tokens = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const other = { at: LATE, runId: 'other', issueId: 'acme/web#9', profile: 'opus' };
    await ledger.add([{ ...other, tokens, costMicroUsd: 100_000_000 }]);
    const { start, next, queue, reaches, clock, runs, loop, close } = await startWithBudgets({
      steps: [writes('work.txt'), DONE],
      budgets: { perDay: { tokens: null, usd: 100 } },
      ledger,
    });
    const ticked = next('orchestration.loop-ticked');
    await start();
    await ticked;
    const why = await queue.explain(JOB);
    const begun = await runs.runs(JOB);

    clock.advance(30_000);
    loop.wake();
    await reaches('in_review');

    expect(why).toContain('The budget of the day is used up: $100.00 of $100.00 are spent');
    expect(begun).toEqual([]);
    await close();
  });

  it('is not begun with a profile of unknown price, unless a budget in tokens bounds it', async () => {
    const steps = [writes('work.txt'), spends({ outputTokens: 70 }), DONE];
    const unbounded = await startWithBudgets({ steps, profile: UNPRICED, budgets: { perIssue: { usd: 20 } } });
    const ticked = unbounded.next('orchestration.loop-ticked');
    await unbounded.start();
    await ticked;
    const why = await unbounded.queue.explain(JOB);
    await unbounded.close();

    const bounded = await startWithBudgets({ steps, profile: UNPRICED, budgets: { perIssue: { tokens: 100 } } });
    await bounded.start();
    await bounded.reaches('in_review');
    await bounded.loop.idle();
    await bounded.close();

    expect(why).toContain('The price of profile scripted is unknown');
    expect(bounded.tracker.commentOf(ISSUE, 'status')).toContain(
      '| Spent | 0 tokens read, 70 written: unknown price |',
    );
  });
});

describe('What was spent', () => {
  it('counts after a restart, for run, issue and day', async () => {
    const folder = makeTemporaryFolder();
    const clock = new FakeClock(LATE);
    const begin = spends({ inputTokens: 600 });
    // Whether the agent began to wait before it was stopped, the script does not say.
    const goOn = [begin, writes('work.txt'), spends({ inputTokens: 400 }), DONE];
    const budgets = { perIssue: { tokens: 1_000 } };
    const before = await openDatabase({ dataFolder: folder.path, clock });
    const ledger = new SqlSpendLedger(before);
    const first = await startWithBudgets({ steps: [begin, { do: 'wait-for-interrupt' }], budgets, clock, ledger });
    const added = whenAdded(ledger);
    await first.start();
    await added;
    await first.stop();
    await before.close();

    const after = await openDatabase({ dataFolder: folder.path, clock });
    const second = await startWithBudgets({ steps: goOn, budgets, left: first, ledger: new SqlSpendLedger(after) });
    const standing = await second.budgets.standing();
    await second.start();
    const job = await second.reaches('needs_attention');
    await second.close();
    await after.close();
    folder.remove();

    expect(standing.today.spent.tokens).toBe(600);
    expect(job.reason).toMatch(/^The budget of the issue.*1,000 of 1,000 tokens are spent/);
  });
});

describe('A run that takes longer than its repository allows', () => {
  it('is stopped, and tried again', async () => {
    const { start, next, reaches, clock, close } = await startWithBudgets({
      steps: [spends({ inputTokens: 1 }), { do: 'wait-for-interrupt' }, writes('work.txt'), DONE],
      baseFiles: { [CONFIGURATION_PATH]: 'limits: { minutes: 2 }' },
    });
    const started = next('orchestration.run-started');
    await start();
    await started;
    const retried = reaches('retryable');
    clock.advance(119_999);
    const state = (await reaches('running')).state;

    clock.advance(1);

    expect(state).toBe('running');
    expect((await retried).reason).toContain('longer than the 2 minutes that the repository allows');
    await close();
  });
});
