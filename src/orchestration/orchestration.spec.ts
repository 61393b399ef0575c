import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration, type Start } from '../../test/support/start-orchestration.js';
import { CodedError, issueKey } from '../kernel/index.js';
import { InMemoryWorkspaces, type RunEnded } from './index.js';

const JOB = issueKey(ISSUE);

/** Starts, with one issue assigned to the bot. */
async function startWithIssue(start: Start = {}, issue = anIssue()) {
  const started = await startOrchestration(start);
  started.tracker.put(issue);
  await started.deliveries.record(aDelivery(issue));
  const reviewed = started.reaches('in_review');
  await started.start();
  return { ...started, reviewed };
}

describe('OrchestrationModule', () => {
  it('takes an assigned issue to a pull request whose gates passed', async () => {
    const { reviewed, runs, tracker, judge, workspaces, loop, close } = await startWithIssue();

    const job = await reviewed;

    const progress = await runs.progress(JOB);
    expect(job.reason).toBe('The gates passed. Pull request #1001 waits for review.');
    expect(progress).toMatchObject({ rejections: 0, pullRequest: { number: 1001 }, verdict: { passed: true } });
    expect(workspaces.published.get('acme/tools#7 coordinator/7-work')).toBe(judge.subjects[0]?.commit);
    expect(tracker.statusOf(judge.subjects[0]?.commit ?? '', 'mosaic/test')).toMatchObject({ state: 'success' });
    await loop.idle();
    await close();
    expect(tracker.labelOf(ISSUE)).toBe('mosaic/in-review');
    expect(tracker.commentOf(ISSUE, 'status')).toContain('**Ready for review.**');
  });

  it('sends a rejected agent back in the same session, and counts it', async () => {
    const { reviewed, runs, events, close } = await startWithIssue({ rulings: ['change', 'change'] });

    await reviewed;

    expect((await runs.progress(JOB)).rejections).toBe(2);
    expect(events.filter(({ type }) => type === 'orchestration.agent-sent-back')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'orchestration.run-started')).toHaveLength(1);
    await close();
  });

  it('hands a job to a person when the gates have rejected it too often', async () => {
    const { reaches, close } = await startWithIssue({
      rulings: ['change', 'change', 'change'],
      options: { limits: { maxRejections: 2 } },
    });

    const job = await reaches('needs_attention');

    expect(job.reason).toBe('The work was rejected 2 times, which is the limit. The last time: 1 of 3 tests failed');
    await close();
  });

  it('takes the smaller limit of rejections from the repository, and shows it', async () => {
    const { reaches, judge, tracker, close } = await startWithIssue({
      rulings: ['change', 'change'],
      baseFiles: { '.mosaic/coordinator.yml': 'limits: { rejections: 1 }' },
    });

    await reaches('needs_attention');
    await close();

    expect(judge.subjects).toHaveLength(1);
    expect(tracker.commentOf(ISSUE, 'status')).toContain('1 rejected, of at most 1');
  });

  it('hands a job to a person at once when the rules of its repository are wrong', async () => {
    const { reaches, judge, close } = await startWithIssue({ baseFiles: { '.mosaic/coordinator.yml': 'gate: x' } });

    const job = await reaches('needs_attention');

    expect(job.reason).toContain('.mosaic/coordinator.yml');
    expect(judge.subjects).toEqual([]);
    await close();
  });

  it('rejects a turn that changed nothing without running the gates', async () => {
    const { reviewed, runs, judge, close } = await startWithIssue({
      script: {
        '*': {
          steps: [
            { do: 'stop', stop: 'end_turn' },
            { do: 'write', path: 'a', content: 'b' },
            { do: 'stop', stop: 'end_turn' },
          ],
        },
      },
    });

    await reviewed;

    expect((await runs.progress(JOB)).rejections).toBe(1);
    expect(judge.subjects).toHaveLength(1);
    await close();
  });

  it('sends an agent back with the reason when no commit can be made of its tree', async () => {
    const refusal = new (class extends CodedError {
      override readonly code = 'WORKSPACES_TREE_REFUSED';
    })('There is another repository in vendor/');
    const workspaces = new InMemoryWorkspaces();
    const capture = workspaces.capture.bind(workspaces);
    workspaces.capture = () => {
      workspaces.capture = capture;
      return Promise.reject(refusal);
    };
    const { reviewed, runs, close } = await startWithIssue({ options: { workspaces } });

    await reviewed;

    expect((await runs.progress(JOB)).rejections).toBe(1);
    await close();
    await workspaces.dispose();
  });

  it.each([
    ['WORKSPACES_BRANCH_MOVED', 'needs_attention'],
    ['WORKSPACES_FORGE_UNREACHABLE', 'retryable'],
  ])('after a publication that ends with %s the job is %s', async (code, state) => {
    const refusal = new (class extends CodedError {
      override readonly code = code;
    })('It is refused');
    const workspaces = new InMemoryWorkspaces();
    workspaces.publish = () => Promise.reject(refusal);
    const { reaches, close } = await startWithIssue({ options: { workspaces } });

    expect((await reaches(state)).reason).toBe('It is refused');
    await close();
    await workspaces.dispose();
  });

  it('deletes the workspace when the issue is closed after review', async () => {
    const { reviewed, tracker, deliveries, workspaces, loop, reaches, close } = await startWithIssue();
    await reviewed;
    const { directory } = await workspaces.prepare({ issue: ISSUE, title: '', baseBranch: null, baseCommit: null });
    const remove = workspaces.remove.bind(workspaces);
    const removed = new Promise<void>((resolve) => {
      workspaces.remove = (issue) => remove(issue).then(resolve);
    });
    const closed = anIssue({ state: 'closed' });
    tracker.put(closed);
    await deliveries.record(aDelivery(closed));

    loop.wake();
    await reaches('completed');
    await removed;
    await close();

    expect(existsSync(directory)).toBe(false);
  });

  it('publishes what passed at the next try, without asking the agent or the gates again', async () => {
    const workspaces = new InMemoryWorkspaces();
    const publish = workspaces.publish.bind(workspaces);
    workspaces.publish = async (...given) => {
      workspaces.publish = publish;
      await publish(...given);
      throw new Error('the answer was lost');
    };
    const { reaches, clock, loop, judge, reviewed, runs, events, close } = await startWithIssue({
      options: { workspaces },
    });
    const failed = await reaches('retryable');

    clock.advance(60_000);
    loop.wake();
    await reviewed;

    expect(failed.reason).toBe('the answer was lost');
    expect(judge.subjects).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'orchestration.agent-acted')).toHaveLength(1);
    expect((await runs.progress(JOB)).publishedCommit).toBe(judge.subjects[0]?.commit);
    await close();
    await workspaces.dispose();
  });

  it('asks the agent again when the tree is no longer the one that passed', async () => {
    const workspaces = new InMemoryWorkspaces();
    const publish = workspaces.publish.bind(workspaces);
    workspaces.publish = async ({ directory }) => {
      workspaces.publish = publish;
      await writeFile(join(directory, 'later.txt'), 'x');
      throw new Error('away');
    };
    const { reaches, clock, loop, judge, reviewed, close } = await startWithIssue({ options: { workspaces } });
    await reaches('retryable');

    clock.advance(60_000);
    loop.wake();
    await reviewed;

    expect(judge.subjects).toHaveLength(2);
    await close();
    await workspaces.dispose();
  });

  it('leaves no workspace on a base whose rules are wrong', async () => {
    const workspaces = new InMemoryWorkspaces({ '.mosaic/coordinator.yml': 'gates: 7' });
    const prepare = workspaces.prepare.bind(workspaces);
    const directories: string[] = [];
    workspaces.prepare = async (request) => {
      const workspace = await prepare(request);
      directories.push(workspace.directory);
      return workspace;
    };
    const { reaches, close } = await startWithIssue({ options: { workspaces } });

    await reaches('needs_attention');

    expect(directories.map((directory) => existsSync(directory))).toEqual([false]);
    await close();
    await workspaces.dispose();
  });

  it('begins anew on the newest base when a person has mended what defines the gates', async () => {
    const workspaces = new InMemoryWorkspaces();
    const { reaches, tracker, deliveries, loop, reviewed, close } = await startWithIssue({
      rulings: ['definition'],
      options: { workspaces },
    });
    await reaches('needs_attention');
    await loop.idle();
    const { directory } = await workspaces.prepare({ issue: ISSUE, title: '', baseBranch: null, baseCommit: null });
    const edited = anIssue({ title: 'Make it right, please' });
    tracker.put(edited);
    await deliveries.record(aDelivery(edited, { id: 'edited' }));

    loop.wake();
    await reviewed;

    expect(existsSync(directory)).toBe(false);
    await close();
    await workspaces.dispose();
  });

  it('goes on in its workspace when the gates rejected the work itself', async () => {
    const workspaces = new InMemoryWorkspaces();
    const { reaches, tracker, deliveries, loop, reviewed, close } = await startWithIssue({
      rulings: ['change'],
      options: { workspaces, limits: { maxRejections: 1 } },
    });
    await reaches('needs_attention');
    await loop.idle();
    const { directory } = await workspaces.prepare({ issue: ISSUE, title: '', baseBranch: null, baseCommit: null });
    const edited = anIssue({ title: 'Make it right, please' });
    tracker.put(edited);
    await deliveries.record(aDelivery(edited, { id: 'edited' }));

    loop.wake();
    await reviewed;

    expect(existsSync(directory)).toBe(true);
    await close();
    await workspaces.dispose();
  });

  it('completes a job that is merged before its run is over', async () => {
    const { tracker, deliveries, loop, next, reaches, start, close } = await startOrchestration();
    tracker.put(anIssue());
    await deliveries.record(aDelivery(anIssue()));
    const ended = next<RunEnded>('orchestration.run-ended');
    tracker.ensureCommitStatus = async () => {
      tracker.put(anIssue({ state: 'closed' }));
      await deliveries.record(aDelivery(anIssue({ state: 'closed' }), { id: 'merged' }));
      loop.wake();
      await loop.idle();
    };
    const completed = reaches('completed');
    await start();

    expect((await completed).reason).toBe('Its issue was closed.');
    await ended;
    await close();
  });

  it('counts a turn of too many steps as a rejection and lets the agent go on', async () => {
    const { reviewed, runs, close } = await startWithIssue({
      script: {
        '*': {
          steps: [
            { do: 'write', path: 'a', content: 'b' },
            { do: 'stop', stop: 'max_turns' },
            { do: 'stop', stop: 'end_turn' },
          ],
        },
      },
    });

    await reviewed;

    expect((await runs.progress(JOB)).rejections).toBe(1);
    await close();
  });

  it.each([
    ['refusal', 'needs_attention', /declined/],
    ['auth', 'retryable', /refused the key/],
    ['spend_limit', 'retryable', /may spend no more/],
    ['rate_limit', 'retryable', /overloaded/],
    ['error', 'retryable', /turn failed: it broke/],
  ] as const)('after a turn that ends with %s the job is %s', async (stop, state, reason) => {
    const { reaches, close } = await startWithIssue({
      script: { '*': { steps: [{ do: 'stop', stop, detail: 'it broke' }] } },
    });

    expect((await reaches(state)).reason).toMatch(reason);
    await close();
  });

  it('waits at least as long as an overloaded model asks, and then goes on in the same session', async () => {
    const { reaches, reviewed, loop, clock, runs, close } = await startWithIssue({
      script: {
        '*': {
          steps: [
            { do: 'stop', stop: 'rate_limit', retryAfterMs: 3_600_000 },
            { do: 'write', path: 'a', content: 'b' },
            { do: 'stop', stop: 'end_turn' },
          ],
        },
      },
    });
    const waiting = await reaches('retryable');
    const { session } = await runs.progress(JOB);

    clock.advance(3_600_000);
    expect(waiting.notBefore).toBe(clock.now());
    // Others at the same address are let try a little later, and not all at once.
    clock.advance(360_000);
    loop.wake();
    await reviewed;

    expect((await runs.progress(JOB)).session).toEqual(session);
    await close();
  });

  it('waits no longer than a day, whatever the model asks', async () => {
    const { reaches, clock, close } = await startWithIssue({
      script: { '*': { steps: [{ do: 'stop', stop: 'rate_limit', retryAfterMs: 30 * 365 * 86_400_000 }] } },
    });

    expect((await reaches('retryable')).notBefore).toBe(clock.now() + 86_400_000);
    await close();
  });

  it.each([[true], [false]])('says with each run, and on the issue, whether it is confined: %s', async (isConfined) => {
    const { reviewed, events, tracker, loop, close } = await startWithIssue({ options: { isConfined } });

    await reviewed;
    await loop.idle();
    await close();

    expect(events).toContainEqual(expect.objectContaining({ type: 'orchestration.run-started', isConfined }));
    expect(tracker.commentOf(ISSUE, 'status')?.includes('none: see the operator')).toBe(!isConfined);
  });

  it('claims no confinement that nobody told it of', async () => {
    const { reviewed, events, close } = await startWithIssue();

    await reviewed;
    await close();

    expect(events).toContainEqual(expect.objectContaining({ type: 'orchestration.run-started', isConfined: false }));
  });

  it('hands a job to a person when it has failed too often in a row', async () => {
    const { reaches, loop, clock, close } = await startWithIssue({
      script: { '*': { steps: Array.from({ length: 5 }, () => ({ do: 'stop', stop: 'error', detail: 'it broke' })) } },
      options: { limits: { maxFailures: 2 } },
    });
    await reaches('retryable');

    clock.advance(60_000);
    loop.wake();

    expect((await reaches('needs_attention')).reason).toBe(
      "It failed 2 times. The last time: The agent's turn failed: it broke",
    );
    await close();
  });

  it.each([
    { name: 'for the definition', ruling: 'definition', state: 'needs_attention' },
    { name: 'for the coordinator', ruling: 'coordinator', state: 'retryable' },
    { name: 'at all', ruling: new Error('no'), state: 'retryable' },
  ] as const)('takes gates that do not work $name for no fault of the agent', async ({ ruling, state }) => {
    const { reaches, next, runs, close } = await startWithIssue({ rulings: [ruling] });
    const ended = next<RunEnded>('orchestration.run-ended');

    await reaches(state);

    expect((await ended).phase).toBe('gates');
    expect((await runs.progress(JOB)).rejections).toBe(0);
    await close();
  });

  it('says that the agent did not start when it cannot', async () => {
    const { next, close } = await startWithIssue({ script: { 'other/repo#1': { steps: [] } } });

    const ended = await next<RunEnded>('orchestration.run-ended');

    expect(ended).toMatchObject({ outcome: 'retryable', phase: 'spawn' });
    await close();
  });
});
