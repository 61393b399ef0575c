import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import {
  PuppetRuntime,
  ends,
  usage,
  works,
  type PuppetStrings,
  type PuppetTurn,
} from '../../../test/support/puppet-runtime.js';
import type { Spend } from '../../agents/index.js';
import { issueKey, type DomainEvent } from '../../kernel/index.js';
import type { AgentFaltered, RunEnded, SessionCompacted, SessionReplaced, SpendGuard, SpendRefusal } from '../index.js';

const JOB = issueKey(ISSUE);
const SILENCE = 300_000;
const GRACE = 30_000;
const TOOL = { type: 'tool-started', tool: 'bash', summary: 'npm test' } as const;

/** Lets everything go on that can. */
function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Gives a sign of life, and then none until it is asked to end. */
const fallsSilent: PuppetTurn = async ({ emit, interrupted }) => {
  emit({ type: 'activity' });
  await interrupted;
  return ends('interrupted');
};

/** Gives a sign of life, and ends only with its process. */
const hangs: PuppetTurn = async ({ emit, closed }) => {
  emit({ type: 'activity' });
  await closed;
  return ends('interrupted');
};

const crashes: PuppetTurn = async ({ emit }) => {
  emit({ type: 'activity' });
  return ends('crashed', 'The agent was killed by SIGKILL');
};

async function play(strings: PuppetStrings, start: Start = {}) {
  const agent = new PuppetRuntime(strings);
  const started = await startOrchestration({ ...start, options: { registry: agent.registry, ...start.options } });
  started.tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  const reviewed = started.reaches('in_review');
  await started.start();
  const prompted = async (count: number): Promise<void> => {
    while (agent.prompts.length < count) await flush();
    await flush();
  };
  const advance = async (ms: number): Promise<void> => {
    started.clock.advance(ms);
    await flush();
    await flush();
  };
  return { ...started, agent, reviewed, prompted, advance };
}

function ofType<E>(events: readonly DomainEvent[], type: string): readonly E[] {
  return events.filter((event) => event.type === type) as unknown as readonly E[];
}

function remedies(events: readonly DomainEvent[]): readonly string[] {
  return ofType<AgentFaltered>(events, 'orchestration.agent-faltered').map(
    ({ mishap, times, remedy }) => `${mishap} ${times}: ${remedy}`,
  );
}

describe('an agent that gives no sign of life', () => {
  it('is interrupted, and prompted again in its session', async () => {
    const { agent, reviewed, events, prompted, advance, close } = await play({ turns: [fallsSilent] });
    await prompted(1);

    await advance(SILENCE - 1);
    expect(remedies(events)).toEqual([]);
    await advance(1);
    await reviewed;

    expect(remedies(events)).toEqual(['silence 1: prompt']);
    expect(agent.prompts[1]).toBe(
      'Nothing was heard of you for a long time, and your turn was ended. A command may have been cut short.\n' +
        'Look at `git status` and `git diff`, and go on with the issue from there. End your turn when it is done.',
    );
    expect(agent.opened).toEqual([{ id: 'session-1', isResumed: false }]);
    await close();
  });

  it('is told everything again where it gave no sign at all, for it may have read nothing', async () => {
    const { agent, reviewed, prompted, advance, close } = await play({
      turns: [({ interrupted }) => interrupted.then(() => ends('interrupted'))],
    });
    await prompted(1);

    await advance(SILENCE);
    await reviewed;

    expect(agent.prompts[1]).toContain(agent.prompts[0]);
    await close();
  });

  it('is not silent while one of its tools runs, nor while it waits as its model asked', async () => {
    let toolEnds: () => void = () => undefined;
    const runs = new Promise<void>((resolve) => (toolEnds = resolve));
    const { reviewed, events, prompted, advance, close } = await play({
      turns: [
        async ({ emit, interrupted }) => {
          emit(TOOL);
          emit(TOOL);
          emit({ type: 'tool-ended', tool: 'bash', isError: false, durationMs: 1 });
          await runs;
          emit({ type: 'tool-ended', tool: 'bash', isError: false, durationMs: 1 });
          emit({ type: 'model-retry', detail: '429', waitMs: 60_000 });
          await interrupted;
          return ends('interrupted');
        },
      ],
    });
    await prompted(1);

    await advance(SILENCE * 3);
    expect(remedies(events)).toEqual([]);
    toolEnds();
    await flush();
    await advance(SILENCE + 59_999);
    expect(remedies(events)).toEqual([]);
    await advance(1);
    await reviewed;

    expect(remedies(events)).toEqual(['silence 1: prompt']);
    await close();
  });

  it('is closed and resumed when it does not end its turn when it is asked to', async () => {
    const { agent, reviewed, events, prompted, advance, close } = await play({ turns: [hangs] });
    await prompted(1);
    await advance(SILENCE);

    await advance(GRACE - 1);
    expect(agent.closed).toEqual([]);
    await advance(1);
    await reviewed;

    expect(remedies(events)).toEqual(['silence 1: resume']);
    expect(agent.opened).toEqual([
      { id: 'session-1', isResumed: false },
      { id: 'session-1', isResumed: true },
    ]);
    await close();
  });

  it('is resumed at the second silence and given up at the third', async () => {
    const { agent, events, prompted, advance, reaches, close } = await play({
      turns: [fallsSilent, fallsSilent, fallsSilent],
    });
    for (let turn = 1; turn <= 3; turn += 1) {
      await prompted(turn);
      await advance(SILENCE);
    }

    const job = await reaches('retryable');

    expect(remedies(events)).toEqual(['silence 1: prompt', 'silence 2: resume', 'silence 3: give-up']);
    expect(agent.opened).toHaveLength(2);
    expect(job.reason).toBe(
      'The agent was given up: it was silent, or did not stop, 3 times in a row. The agent gave no sign of life',
    );
    await close();
  });

  it('has a clean slate after a turn that ended by itself', async () => {
    const { reviewed, events, prompted, advance, close } = await play(
      { turns: [fallsSilent, works, fallsSilent] },
      { rulings: ['change'] },
    );
    await prompted(1);
    await advance(SILENCE);
    await prompted(3);
    await advance(SILENCE);

    await reviewed;

    expect(remedies(events)).toEqual(['silence 1: prompt', 'silence 1: prompt']);
    await close();
  });

  it('is replaced by a fresh session, by hand-over, where its own is not there any more', async () => {
    const { agent, reviewed, events, prompted, advance, runs, close } = await play({
      turns: [hangs],
      isForgetful: true,
    });
    await prompted(1);
    await advance(SILENCE);
    await advance(GRACE);

    await reviewed;

    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toMatchObject([
      { reason: 'The agent did not stop when it was asked to, and its session could not be resumed' },
    ]);
    expect(agent.prompts[1]).toMatch(/^You take over issue/);
    expect((await runs.progress(JOB)).handOvers).toBe(1);
    await close();
  });
});

describe('an agent whose process ends in the middle of a turn', () => {
  it('is opened again, and told so', async () => {
    const { agent, reviewed, events, close } = await play({ turns: [crashes] });

    await reviewed;

    expect(ofType<AgentFaltered>(events, 'orchestration.agent-faltered')).toMatchObject([
      { mishap: 'crash', detail: 'The agent was killed by SIGKILL', times: 1, remedy: 'resume' },
    ]);
    expect(agent.opened).toEqual([
      { id: 'session-1', isResumed: false },
      { id: 'session-1', isResumed: true },
    ]);
    expect(agent.prompts[1]).toMatch(/^Your process ended in the middle of your turn/);
    await close();
  });

  it('is resumed three times, replaced once, and then the run fails', async () => {
    const { agent, events, reaches, runs, close } = await play({ turns: Array.from({ length: 5 }, () => crashes) });

    const job = await reaches('retryable');

    expect(remedies(events)).toEqual([
      'crash 1: resume',
      'crash 2: resume',
      'crash 3: resume',
      'crash 4: hand-over',
      'crash 5: give-up',
    ]);
    expect(agent.opened.map(({ id }) => id)).toEqual(['session-1', 'session-1', 'session-1', 'session-1', 'session-5']);
    expect(job.reason).toContain('SIGKILL');
    expect(await runs.progress(JOB)).toMatchObject({ handOvers: 1, session: { id: 'session-5' } });
    await close();
  });

  it('is handed over at once where this kind of agent cannot resume', async () => {
    const { agent, reviewed, close } = await play({
      turns: [async () => ends('crashed')],
      capabilities: { resume: false },
    });

    await reviewed;

    expect(agent.opened.map(({ id }) => id)).toEqual(['session-1', 'session-2']);
    await close();
  });

  it('keeps its rejections, and the fresh session hears what the gates said', async () => {
    const { agent, reviewed, runs, close } = await play(
      { turns: [works, async () => ends('crashed')], capabilities: { resume: false } },
      { rulings: ['change'] },
    );

    await reviewed;

    expect((await runs.progress(JOB)).rejections).toBe(1);
    expect(agent.prompts[2]).toMatch(/^You take over issue/);
    expect(agent.prompts[2]).toContain(agent.prompts[1]);
    await close();
  });
});

describe('an agent that crashes as soon as it has taken over', () => {
  it('is told everything of the hand-over again, for it may have read nothing', async () => {
    const { agent, reviewed, close } = await play({
      turns: [
        async ({ emit }) => {
          emit({ type: 'activity' });
          return ends('context_exhausted');
        },
        async () => ends('crashed'),
      ],
    });

    await reviewed;

    expect(agent.prompts[1]).toMatch(/^You take over issue/);
    expect(agent.prompts[2]).toMatch(/^Your process ended/);
    expect(agent.prompts[2]).toContain(agent.prompts[1]);
    await close();
  });
});

describe('an agent that the gates send back twice', () => {
  it('hears what became of the failures since its last round', async () => {
    const { agent, reviewed, close } = await play({ turns: [works, works, works] }, { rulings: ['change', 'change'] });

    await reviewed;

    expect(agent.prompts[1]).not.toContain('Since the last round');
    expect(agent.prompts[2]).toContain('nothing that failed was mended.');
    await close();
  });
});

describe('a job whose run failed after the gates had sent the agent back', () => {
  async function failAndRetry(strings: Omit<PuppetStrings, 'turns'>) {
    const turns: readonly PuppetTurn[] = [works, async () => ends('error', 'The network is away')];
    const started = await play({ turns, ...strings }, { rulings: ['change'] });
    await started.reaches('retryable');
    started.clock.advance(60_000);
    started.loop.wake();
    await started.reviewed;
    return started;
  }

  it('goes on in its session, and hears again what the gates said', async () => {
    const { agent, close } = await failAndRetry({});

    expect(agent.opened.map(({ isResumed }) => isResumed)).toEqual([false, true]);
    expect(agent.prompts[2]).toMatch(/^Your work was cut off: the coordinator was restarted/);
    expect(agent.prompts[2]).toContain('not ok 1');
    await close();
  });

  it('goes on in a fresh session where its own is gone, with the facts and what the gates said', async () => {
    const { agent, close } = await failAndRetry({ isForgetful: true });

    expect(agent.opened.map(({ id }) => id)).toEqual(['session-1', 'session-2']);
    expect(agent.prompts[2]).toMatch(/^You take over issue/);
    expect(agent.prompts[2]).toContain('not ok 1');
    await close();
  });
});

describe('an agent that cannot be opened', () => {
  it('fails the run that wanted to resume its session', async () => {
    const { agent, reaches, reviewed, clock, loop, events, close } = await play({
      turns: [async () => ends('error', 'It broke')],
    });
    await reaches('retryable');
    const open = agent.open.bind(agent);
    agent.open = () => {
      agent.open = open;
      return Promise.reject(new Error('No such program'));
    };
    clock.advance(60_000);
    loop.wake();
    while (ofType<RunEnded>(events, 'orchestration.run-ended').length < 2) await flush();
    clock.advance(60_000);
    loop.wake();
    await reviewed;

    expect(ofType<RunEnded>(events, 'orchestration.run-ended')[1]).toMatchObject({
      phase: 'spawn',
      reason: 'The agent did not start: No such program',
    });
    expect(agent.opened.map(({ id }) => id)).toEqual(['session-1', 'session-1']);
    await close();
  });
});

describe('a turn', () => {
  it('that is interrupted by nobody here is gone on with three times, and then fails the run', async () => {
    const interrupted: PuppetTurn = async () => ends('interrupted');
    const { events, reaches, agent, close } = await play({ turns: Array.from({ length: 4 }, () => interrupted) });

    const job = await reaches('retryable');

    expect(remedies(events).at(-1)).toBe('interruption 4: give-up');
    expect(agent.prompts).toHaveLength(4);
    expect(job.reason).toContain('interrupted, and not by the coordinator');
    await close();
  });

  it('that takes too long is interrupted before the run fails', async () => {
    const ended: string[] = [];
    const { prompted, advance, reaches, close } = await play({
      turns: [
        async ({ emit, interrupted }) => {
          emit(TOOL);
          await interrupted;
          ended.push('interrupted');
          return ends('interrupted');
        },
      ],
    });
    await prompted(1);

    await advance(3_600_000);

    expect((await reaches('retryable')).reason).toBe('A turn took longer than 60 minutes (TURN_TIMEOUT_MINUTES)');
    expect(ended).toEqual(['interrupted']);
    await close();
  });

  it('that ends by itself just then has ended', async () => {
    const { reviewed, prompted, advance, close } = await play({
      turns: [async (stage) => stage.interrupted.then(() => works(stage))],
    });
    await prompted(1);

    await advance(SILENCE);

    expect((await reviewed).state).toBe('in_review');
    await close();
  });

  it('is one of a limited number in a run', async () => {
    const { reaches, agent, close } = await play(
      { turns: [] },
      { rulings: ['change', 'change', 'change'], options: { limits: { maxTurns: 2 } } },
    );

    expect((await reaches('needs_attention')).reason).toBe(
      'The job took 2 turns of its agent, which is the limit (MAX_TURNS)',
    );
    expect(agent.prompts).toHaveLength(2);
    await close();
  });
});

describe('a session whose window fills', () => {
  const fills =
    (usedTokens: number): PuppetTurn =>
    async ({ emit, interrupted }) => {
      emit(usage(usedTokens));
      await interrupted;
      // Some agents report nothing used after a call that was cut off.
      emit(usage(0));
      return ends('interrupted');
    };
  const compactsTo = (usedTokensAfter: number | null) => async () => ({
    succeeded: true,
    usedTokensAfter,
    detail: null,
  });

  it('is replaced, not compacted again, when a compaction helped a little', async () => {
    const { agent, reviewed, events, runs, close } = await play({
      turns: [fills(82_000), fills(81_000)],
      compactions: [compactsTo(75_000)],
    });

    await reviewed;

    expect(ofType<SessionCompacted>(events, 'orchestration.session-compacted')).toMatchObject([
      { helped: true, usedTokensBefore: 82_000, usedTokensAfter: 75_000 },
    ]);
    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toMatchObject([
      { reason: expect.stringMatching(/^81.0 % .* after a compaction that freed little$/) },
    ]);
    expect(agent.kept[0]).toContain('it is right');
    expect(await runs.progress(JOB)).toMatchObject({ compactions: 1, handOvers: 1, peakTokens: 82_000 });
    await close();
  });

  it('is compacted before the next prompt only when there is one', async () => {
    const { agent, reviewed, close } = await play({
      turns: [
        async (stage) => {
          stage.emit(usage(85_000));
          return works(stage);
        },
      ],
    });

    await reviewed;

    expect(agent.kept).toEqual([]);
    await close();
  });

  it('is compacted with the failed gates when they sent the agent back', async () => {
    const { agent, reviewed, close } = await play(
      {
        turns: [
          async (stage) => {
            stage.emit(usage(85_000));
            return works(stage);
          },
        ],
      },
      { rulings: ['change'] },
    );

    await reviewed;

    expect(agent.kept).toEqual([expect.stringContaining('- test: 1 of 3 tests failed')]);
    await close();
  });

  it('is replaced when a compaction gives no sign of life', async () => {
    const { agent, reviewed, events, prompted, advance, close } = await play({
      turns: [fills(82_000)],
      compactions: [() => new Promise(() => undefined)],
    });
    await prompted(1);
    await advance(SILENCE);

    await advance(GRACE);
    await reviewed;

    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toMatchObject([
      { reason: 'Compacting took too long' },
    ]);
    expect(agent.opened).toHaveLength(2);
    await close();
  });

  it('is replaced where this kind of agent cannot compact', async () => {
    const { agent, reviewed, events, close } = await play({
      turns: [fills(82_000)],
      capabilities: { compact: false },
    });

    await reviewed;

    expect(agent.kept).toEqual([]);
    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toMatchObject([
      { reason: '82.0 % of the usable window is in use, and this kind of agent cannot compact' },
    ]);
    await close();
  });

  it.each([
    ['tells nothing', null, 100_000],
    ['tells zero', 0, 100_000],
    ['tells no window', 50_000, null],
  ])('is bounded by turns where its agent %s', async (_, used, usable) => {
    const tells: PuppetTurn = async (stage) => {
      stage.emit(usage(used, usable));
      return works(stage);
    };
    const { agent, reviewed, events, runs, close } = await play(
      { turns: Array.from({ length: 12 }, () => tells), capabilities: { usage: 'never' } },
      {
        rulings: Array.from({ length: 11 }, () => 'change' as const),
        options: { limits: { maxRejections: 20, maxRoundsWithoutProgress: 20 } },
      },
    );

    await reviewed;

    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toMatchObject([
      { reason: 'Its occupancy has been unknown for 11 turns' },
    ]);
    expect(agent.opened).toHaveLength(2);
    expect((await runs.progress(JOB)).usedTokens).toBe(used === 0 ? null : used);
    await close();
  });

  it('is not told by the events of the session it has replaced', async () => {
    let late: () => void = () => undefined;
    const { agent, reviewed, events, runs, close } = await play(
      {
        turns: [
          async ({ emit }) => {
            late = () => emit(usage(99_000));
            return ends('context_exhausted');
          },
          async (stage) => {
            late();
            return works(stage);
          },
        ],
      },
      {},
    );

    await reviewed;

    expect(agent.opened).toHaveLength(2);
    expect(ofType(events, 'orchestration.context-filled')).toEqual([]);
    expect((await runs.progress(JOB)).peakTokens).toBeNull();
    await close();
  });
});

describe('what a run may spend', () => {
  const SPEND: Spend = { inputTokens: 100, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const REFUSAL: SpendRefusal = { sentence: 'The budget of the day is spent', needsPerson: false, retryAt: null };

  /** Refuses once so many tokens were read. */
  class Purse implements SpendGuard {
    readonly counted: number[] = [];

    constructor(
      private readonly tokens: number,
      private readonly refusalThen: SpendRefusal = REFUSAL,
    ) {}

    async spent(_: unknown, { inputTokens }: Spend): Promise<void> {
      await flush();
      this.counted.push(inputTokens);
    }

    async refusal(): Promise<SpendRefusal | null> {
      const sum = this.counted.reduce((total, tokens) => total + tokens, 0);
      return sum >= this.tokens ? this.refusalThen : null;
    }
  }

  const spendsOn: PuppetTurn = async ({ emit, interrupted }) => {
    emit({ type: 'spend', spend: SPEND });
    await interrupted;
    return ends('interrupted');
  };

  it('is asked before an agent is started', async () => {
    const spendGuard = new Purse(0, { ...REFUSAL, needsPerson: true });
    const { agent, reaches, close } = await play({ turns: [] }, { options: { spendGuard } });

    expect((await reaches('needs_attention')).reason).toBe(REFUSAL.sentence);
    expect(agent.opened).toEqual([]);
    await close();
  });

  it('stops a turn when it is used up, and the job waits without having failed', async () => {
    const spendGuard = new Purse(100, { ...REFUSAL, retryAt: 1_700_000_600_000 });
    const { agent, reaches, runs, events, close } = await play({ turns: [spendsOn] }, { options: { spendGuard } });

    const job = await reaches('retryable');

    expect(job).toMatchObject({ reason: REFUSAL.sentence, failures: 0, notBefore: 1_700_000_600_000 });
    expect(ofType<RunEnded>(events, 'orchestration.run-ended')).toMatchObject([{ phase: 'budget' }]);
    expect(agent.prompts).toHaveLength(1);
    expect((await runs.progress(JOB)).spend).toEqual(SPEND);
    await close();
  });

  it('lets the job be looked at again long before midnight, as the budget may be raised', async () => {
    const spendGuard = new Purse(0, { ...REFUSAL, retryAt: 1_700_000_000_000 + 20 * 3_600_000 });
    const { reaches, clock, close } = await play({ turns: [] }, { options: { spendGuard } });

    expect((await reaches('retryable')).notBefore).toBe(clock.now() + 600_000);
    await close();
  });

  it('closes an agent that does not stop when it is used up', async () => {
    const { agent, prompted, advance, reaches, events, close } = await play(
      {
        turns: [
          async ({ emit, closed }) => {
            emit({ type: 'spend', spend: SPEND });
            await closed;
            return ends('interrupted');
          },
        ],
      },
      { options: { spendGuard: new Purse(100) } },
    );
    await prompted(1);
    await advance(GRACE);

    await reaches('retryable');

    expect(agent.opened).toHaveLength(1);
    expect(remedies(events)).toEqual([]);
    await close();
  });

  it('closes an agent that goes on spending, no later than one that does not', async () => {
    let spendMore: () => void = () => undefined;
    const { agent, prompted, advance, reaches, close } = await play(
      {
        turns: [
          async ({ emit, closed }) => {
            spendMore = () => emit({ type: 'spend', spend: SPEND });
            spendMore();
            await closed;
            return ends('interrupted');
          },
        ],
      },
      { options: { spendGuard: new Purse(100) } },
    );
    await prompted(1);
    await advance(GRACE - 1);
    spendMore();
    await flush();
    await flush();
    expect(agent.closed).toEqual([]);
    await advance(1);

    expect((await reaches('retryable')).reason).toBe(REFUSAL.sentence);
    await close();
  });

  it('lets work be judged that was finished when it was used up', async () => {
    const { reviewed, close } = await play(
      {
        turns: [
          async (stage) => {
            stage.emit({ type: 'spend', spend: SPEND });
            return works(stage);
          },
        ],
      },
      { options: { spendGuard: new Purse(100) } },
    );

    expect((await reviewed).state).toBe('in_review');
    await close();
  });

  it('counts what a cancelled turn spent, though the job is not its run’s any more', async () => {
    const spendGuard = new Purse(1_000);
    const { tracker, deliveries, loop, next, prompted, runs, close } = await play(
      {
        turns: [
          async ({ emit, interrupted }) => {
            await interrupted;
            emit({ type: 'spend', spend: SPEND });
            return ends('interrupted');
          },
        ],
      },
      { options: { spendGuard } },
    );
    await prompted(1);
    const ended = next<RunEnded>('orchestration.run-ended');
    const unassigned = anIssue({ assignees: [] });
    tracker.put(unassigned);
    await deliveries.record(aDelivery(unassigned));
    loop.wake();

    expect((await ended).outcome).toBe('cancelled');
    expect(spendGuard.counted).toEqual([100]);
    expect((await runs.progress(JOB)).spend).toEqual(SPEND);
    await close();
  });

  it('is no more where it cannot be counted', async () => {
    const spendGuard: SpendGuard = {
      spent: () => Promise.reject(new Error('The disk is full')),
      refusal: () => Promise.resolve(null),
    };
    const { agent, reaches, close } = await play(
      {
        turns: [
          async (stage) => {
            stage.emit({ type: 'spend', spend: SPEND });
            return works(stage);
          },
        ],
      },
      { rulings: ['change'], options: { spendGuard } },
    );

    expect((await reaches('retryable')).reason).toBe('The disk is full');
    expect(agent.prompts).toHaveLength(1);
    await close();
  });
});
