import { describe, expect, it } from '@jest/globals';

import type { ScriptStep } from '../../agents/index.js';
import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { CodedError, issueKey } from '../../kernel/index.js';
import {
  InMemoryWorkspaces,
  type ContextFilled,
  type RunEnded,
  type SessionCompacted,
  type SessionReplaced,
} from '../index.js';

const JOB = issueKey(ISSUE);
const WRITE: ScriptStep = { do: 'write', path: 'work.txt', content: 'done' };
const DONE: ScriptStep = { do: 'stop', stop: 'end_turn' };

/** The usable window of the profile is 100,000 tokens. */
function used(usedTokens: number | null): ScriptStep {
  return { do: 'report-usage', usedTokens, spend: { inputTokens: 1_000, outputTokens: 10 } };
}

async function play(steps: readonly ScriptStep[], afterCompaction?: number | null | 'fails', start: Start = {}) {
  const script = { '*': { steps, ...(afterCompaction !== undefined && { afterCompaction }) } };
  const started = await startOrchestration({ script, ...start });
  started.tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  const reviewed = started.reaches('in_review');
  await started.start();
  return { ...started, reviewed };
}

function ofType<E>(events: readonly { readonly type: string }[], type: string): readonly E[] {
  return events.filter((event) => event.type === type) as unknown as readonly E[];
}

describe('the context window of a job', () => {
  it('is compacted at 80 % of what is usable, and the turn goes on', async () => {
    const { reviewed, runs, events, close } = await play([used(50_000), used(80_000), WRITE, DONE], 20_000);

    await reviewed;

    expect(ofType<ContextFilled>(events, 'orchestration.context-filled')).toEqual([
      expect.objectContaining({ action: 'compact', reason: '80.0 % of the usable window is in use' }),
    ]);
    expect(ofType<SessionCompacted>(events, 'orchestration.session-compacted')).toEqual([
      expect.objectContaining({ helped: true, usedTokensBefore: 80_000, usedTokensAfter: 20_000 }),
    ]);
    expect(await runs.progress(JOB)).toMatchObject({ compactions: 1, handOvers: 0, peakTokens: 80_000, rejections: 0 });
    await close();
  });

  it('is told as spend apart from occupancy, over all model calls', async () => {
    const { reviewed, runs, close } = await play([used(50_000), used(60_000), WRITE, DONE]);

    await reviewed;

    const { spend, usedTokens } = await runs.progress(JOB);
    expect([spend.inputTokens, spend.outputTokens, usedTokens]).toEqual([2_000, 20, 60_000]);
    await close();
  });

  it.each([
    { name: 'fails', after: 'fails' as const, sentence: /.+/ },
    { name: 'does not bring it below the threshold', after: 85_000, sentence: /Compacting did not make enough room/ },
  ])('is handed to a fresh session when compacting $name', async ({ after, sentence }) => {
    const { reviewed, runs, events, close } = await play([used(85_000), WRITE, DONE], after);
    await reviewed;

    const [replaced] = ofType<SessionReplaced>(events, 'orchestration.session-replaced');

    expect(replaced?.reason).toMatch(sentence);
    expect(await runs.progress(JOB)).toMatchObject({ handOvers: 1, compactions: 1 });
    await close();
  });

  it('is handed to a fresh session at 95 %, without trying to compact', async () => {
    const { reviewed, runs, seen, close } = await play([used(95_000), WRITE, DONE]);

    await reviewed;

    expect(seen()).not.toContain('session-compacted');
    expect(seen()).toContain('session-replaced');
    expect((await runs.progress(JOB)).handOvers).toBe(1);
    await close();
  });

  it('is handed to a fresh session when the runtime says that it is exhausted', async () => {
    const { reviewed, events, close } = await play([{ do: 'stop', stop: 'context_exhausted' }, WRITE, DONE]);

    await reviewed;

    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')[0]?.reason).toContain('exhausted');
    await close();
  });

  it('keeps the count of rejections over a fresh session', async () => {
    const { reviewed, runs, close } = await play([WRITE, DONE, used(96_000), WRITE, DONE], undefined, {
      rulings: ['change'],
    });

    await reviewed;

    expect(await runs.progress(JOB)).toMatchObject({ rejections: 1, handOvers: 1 });
    await close();
  });

  it('is bounded by turns while its occupancy is unknown', async () => {
    const rounds = Array.from({ length: 12 }, () => [used(null), WRITE, DONE]).flat();
    const { reviewed, events, close } = await play(rounds, undefined, {
      rulings: Array.from({ length: 11 }, () => 'change' as const),
      options: { limits: { maxRejections: 20, maxRoundsWithoutProgress: 20 } },
    });

    await reviewed;

    expect(ofType<SessionReplaced>(events, 'orchestration.session-replaced')).toHaveLength(1);
    await close();
  });

  it('is handed over though no commit can be made of the tree', async () => {
    const refusal = new (class extends CodedError {
      override readonly code = 'WORKSPACES_TREE_REFUSED';
    })('There is another repository in vendor/');
    const workspaces = new InMemoryWorkspaces();
    const capture = workspaces.capture.bind(workspaces);
    workspaces.capture = () => {
      workspaces.capture = capture;
      return Promise.reject(refusal);
    };
    const { reviewed, events, close } = await play([WRITE, used(96_000), DONE, DONE], undefined, {
      options: { workspaces },
    });

    await reviewed;

    expect(ofType<RunEnded>(events, 'orchestration.run-ended')).toEqual([
      expect.objectContaining({ outcome: 'in_review' }),
    ]);
    await close();
    await workspaces.dispose();
  });

  it('is a matter for a person when sessions are replaced without end', async () => {
    const exhausted = Array.from({ length: 5 }, (): ScriptStep => ({ do: 'stop', stop: 'context_exhausted' }));
    const { reaches, close } = await play(exhausted, undefined, { options: { limits: { maxHandOvers: 2 } } });

    expect((await reaches('needs_attention')).reason).toMatch(/replaced 2 times/);
    await close();
  });

  it('is not asked of a session whose turn takes too long: that one is closed and tried again', async () => {
    const { reaches, next, clock, close } = await play([WRITE, { do: 'wait-for-interrupt' }]);
    await next('orchestration.agent-acted');

    clock.advance(3_600_000);

    expect((await reaches('retryable')).reason).toBe('A turn took longer than 60 minutes (TURN_TIMEOUT_MINUTES)');
    await close();
  });
});
