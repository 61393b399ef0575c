import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { EntitlementService, InMemoryPermissions } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import { InMemoryWorkspaces, type AgentSentBack, type DraftKept, type DraftNotKept } from '../index.js';
import { StatusWriter } from '../status/status-writer.js';

const JOB = issueKey(ISSUE);
const DRAFT = 'acme/tools#7 coordinator/wip/7-work';
const WRITE = { do: 'write' as const, path: 'work.txt', content: 'the same' };
const DONE = { do: 'stop' as const, stop: 'end_turn' as const };
const STUBBORN: Start = {
  script: { '*': { steps: Array.from({ length: 20 }, () => [WRITE, DONE]).flat() } },
  rulings: Array.from({ length: 20 }, () => 'change' as const),
};

async function startWithIssue(start: Start = STUBBORN) {
  const started = await startOrchestration(start);
  started.tracker.put(anIssue());
  await started.deliveries.record(aDelivery(anIssue()));
  const stopped = started.reaches('needs_attention');
  await started.start();
  return { ...started, stopped };
}

/** Brings a job to its stop, and lets people see it. */
async function stop(start?: Start) {
  const started = await startWithIssue(start);
  await started.stopped;
  const told = (): Promise<void> => started.moduleRef.get(StatusWriter).idle(1_000);
  await told();
  const look = async (): Promise<void> => {
    await started.deliveries.record(aDelivery(anIssue(), { kind: 'issue_comment', action: 'created' }));
    // The tick under way may have taken its deliveries already.
    await started.look();
  };
  return { ...started, look, told };
}

describe('a job that stands still', () => {
  it('is stopped with its rounds, counters and draft', async () => {
    const { stopped, runs, workspaces, judge, close } = await startWithIssue();

    const { reason } = await stopped;

    expect(reason).toBe(
      '3 rounds in a row left the same work with the same failures. The last time: 1 of 3 tests failed',
    );
    const commit = judge.subjects[0]?.commit ?? '';
    expect(await runs.progress(JOB)).toMatchObject({
      rejections: 3,
      turns: 3,
      rounds: [1, 2, 3].map(() => ({ commit, failed: ['test'], why: '1 of 3 tests failed' })),
      draft: { branch: 'coordinator/wip/7-work', commit },
    });
    expect(workspaces.published.get(DRAFT)).toBe(commit);
    await close();
  });

  it('is stopped after the second claim with nothing changed, and shows what the agent said', async () => {
    const { stopped, judge, workspaces, close } = await startWithIssue({
      script: { '*': { steps: [DONE, DONE, DONE] } },
    });

    const { reason } = await stopped;

    expect(reason).toMatch(
      /^The agent said twice that it is done, and had changed nothing. The last time: nothing was/,
    );
    expect(judge.subjects).toEqual([]);
    expect(workspaces.published.size).toBe(0);
    await close();
  });

  it('tells its story once for each stop, and goes on with what a person says', async () => {
    const { tracker, reaches, look, runs, queue, told, close } = await stop();
    tracker.say(ISSUE, 'Look at @the other file');

    await look();
    const { reason } = await reaches('needs_attention');
    const history = await queue.history(JOB);
    await told();

    expect(reason).toContain('3 rounds in a row');
    expect(history).toContainEqual(
      expect.objectContaining({ reason: 'ada commented.', by: { kind: 'person', login: 'ada' } }),
    );
    expect((await queue.require(ISSUE)).details['remarks']).toEqual([
      { author: 'ada', text: 'Look at @the other file' },
    ]);
    expect((await runs.progress(JOB)).rounds).toHaveLength(6);
    const stories = tracker
      .comments(ISSUE)
      .filter((text) => text.startsWith('**The work on this issue was stopped.**'));
    expect(stories).toHaveLength(2);
    expect(stories[1]).toContain('| 6 |');
    await close();
  });

  it('goes on when its label is taken away', async () => {
    const { tracker, look, queue, close } = await stop();
    await tracker.ensureStateLabel(ISSUE, null);

    await look();

    expect((await queue.history(JOB)).map((event) => event.reason)).toContain('The label was taken away.');
    await close();
  });

  it('does not get its label back from whoever else writes on its issue, before anybody saw that it is gone', async () => {
    const { tracker, bus, told, close } = await stop();
    await tracker.ensureStateLabel(ISSUE, null);

    bus.publish({ type: 'orchestration.draft-kept', issue: ISSUE, branch: 'b', commit: 'c' } satisfies DraftKept);
    await told();

    expect(tracker.labelOf(ISSUE)).toBeUndefined();
    await close();
  });

  it('stays where it is while nobody answers, though its own comments are told', async () => {
    const permissions = new InMemoryPermissions();
    permissions.grant(ISSUE, { id: 1, login: 'ada' }, 'write');
    const options = { entitlement: EntitlementService.alone({ permissions }) };
    const { tracker, look, queue, close } = await stop({ ...STUBBORN, options });
    tracker.say(ISSUE, 'Spend more', 'eve');

    await look();

    expect((await queue.require(ISSUE)).state).toBe('needs_attention');
    await close();
  });

  it('ends as it ends when its work cannot be kept', async () => {
    const workspaces = new InMemoryWorkspaces();
    workspaces.publishDraft = () => Promise.reject(new Error('the forge is away'));
    const { stopped, events, runs, close } = await startWithIssue({ ...STUBBORN, options: { workspaces } });

    await stopped;

    expect(events.filter(({ type }) => type === 'orchestration.draft-not-kept')).toMatchObject([
      { reason: 'the forge is away' } satisfies Partial<DraftNotKept>,
    ]);
    expect((await runs.progress(JOB)).draft).toBeNull();
    await close();
    await workspaces.dispose();
  });

  it('keeps the workspace of wrong gates whose work could not be kept', async () => {
    const workspaces = new InMemoryWorkspaces();
    workspaces.publishDraft = () => Promise.reject(new Error('the forge is away'));
    const removed: string[] = [];
    workspaces.remove = async (issue) => void removed.push(issueKey(issue));
    const { look, tracker, reaches, close } = await stop({ rulings: ['definition'], options: { workspaces } });
    const reviewed = reaches('in_review');
    tracker.say(ISSUE, 'Mended');

    await look();
    await reviewed;

    expect(removed).toEqual([]);
    await close();
    await workspaces.dispose();
  });

  it('counts on in the process that goes on with it', async () => {
    const limits = { maxTurns: 4, maxRejections: 9, maxRoundsWithoutProgress: 9 };
    const first = await startWithIssue({ ...STUBBORN, options: { limits } });
    await first.next<AgentSentBack>('orchestration.agent-sent-back', { rejections: 2 });
    await first.stop();
    const { turns, rejections, workedMs } = await first.runs.progress(JOB);
    const { tracker, deliveries, queue, clock, bus, workspaces, runs } = first;
    const left = { tracker, deliveries, queue, clock, bus, workspaces, runs };

    const second = await startOrchestration({ ...STUBBORN, left, options: { limits } });
    const stopped = second.reaches('needs_attention');
    await second.start();
    const { reason } = await stopped;

    expect(reason).toContain('The job took 4 turns of its agent');
    const after = await runs.progress(JOB);
    expect(after.turns).toBe(4);
    expect(after.rejections).toBeGreaterThanOrEqual(rejections);
    expect(after.workedMs).toBeGreaterThanOrEqual(workedMs);
    expect(after.rounds).toHaveLength(after.rejections);
    expect(turns).toBeGreaterThanOrEqual(2);
    await second.close();
  });

  it('is stopped when all its runs together took as long as a job may', async () => {
    const started = await startOrchestration({ ...STUBBORN, options: { limits: { jobTimeoutMs: 60_000 } } });
    const { runs, reaches, start, tracker, deliveries, judge, close } = started;
    const progress = runs.progress.bind(runs);
    runs.progress = async (jobId) => ({ ...(await progress(jobId)), workedMs: 60_000 });
    tracker.put(anIssue());
    await deliveries.record(aDelivery(anIssue()));
    const stopped = reaches('needs_attention');

    await start();

    expect((await stopped).reason).toBe(
      'Its runs took 1 minutes together, which is the limit of a job (JOB_TIMEOUT_MINUTES)',
    );
    expect(judge.subjects).toEqual([]);
    await close();
  });
});
