import { afterEach, describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, startOrchestration, type Ruling } from '../../test/support/start-orchestration.js';
import { PuppetRuntime, ends, works, type PuppetTurn } from '../../test/support/puppet-runtime.js';
import { InProcessEventBus } from '../kernel/index.js';
import { InMemoryJobStore, QueueService } from '../queue/index.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryDeliveryLog } from '../webhook/index.js';
import {
  InMemoryIssueTracker,
  InMemoryRunStore,
  InMemoryWorkspaces,
  InMemoryLead,
  SignalHub,
  type OrchestrationModuleOptions,
  type RunEnded,
  type RunStarted,
  type WorkPublished,
} from './index.js';
import { resolveOrchestrationOptions } from './orchestration.options.js';

const TERM_MS = 9_000;
const LEASE_MS = 12_000;

/** What differs between coordinators. */
interface Part {
  /** Where it keeps workspaces; a place of its own when left out. */
  readonly storage?: string;
  readonly turns?: readonly PuppetTurn[];
  readonly rulings?: readonly Ruling[];
  /** Whether it claims nothing. */
  readonly isIdle?: boolean;
}

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** What coordinators share: the store, the tracker and time. */
function together() {
  const clock = new FakeClock();
  const store = new InMemoryJobStore(clock);
  const lead = new InMemoryLead(clock, TERM_MS);
  const tracker = new InMemoryIssueTracker();
  const deliveries = new InMemoryDeliveryLog();
  const runs = new InMemoryRunStore(clock, async (id, token) => {
    const job = await store.find(id);
    return job?.state === 'running' && job.fencingToken === token;
  });
  const hub = new SignalHub();

  async function coordinator(
    name: string,
    { storage = name, turns = [works], rulings = [], isIdle = false }: Part = {},
    options: Partial<OrchestrationModuleOptions> = {},
  ) {
    const bus = new InProcessEventBus();
    const queue = new QueueService({ store, bus, holder: name, leaseMs: LEASE_MS, limits: isIdle ? NOTHING : LIMITS });
    const workspaces = new InMemoryWorkspaces({}, storage);
    const agent = new PuppetRuntime({ turns });
    const { registry } = agent;
    const shared = { leadership: lead.for(name), signals: hub.signals, draftsEachRound: true, registry, ...options };
    const left = { clock, bus, queue, tracker, deliveries, workspaces, runs };
    const started = await startOrchestration({ rulings, left, options: shared });
    closing.push(started.close);
    return { ...started, agent };
  }

  return { clock, store, tracker, deliveries, runs, hub, coordinator };
}

const LIMITS = { global: 4, perRepository: 2, perProfile: {} };
const NOTHING = { global: 0, perRepository: 0, perProfile: {} };
async function assigned(world: ReturnType<typeof together>): Promise<void> {
  world.tracker.put(anIssue());
  await world.deliveries.record(aDelivery(anIssue()));
}

describe('coordinators that share a store', () => {
  it('share the work: who leads makes the job, another does it, and the leader shows how it went', async () => {
    const world = together();
    const leader = await world.coordinator('leader', { isIdle: true });
    const worker = await world.coordinator('worker');
    await assigned(world);
    const made = leader.next('queue.job-moved', { to: 'available' } as object);
    await leader.start();
    await made;

    const published = worker.next<WorkPublished>('orchestration.work-published');
    const reviewed = worker.reaches('in_review');
    await worker.start();
    await published;
    await reviewed;
    await worker.loop.idle();
    await leader.stop();

    expect(worker.seen()).not.toContain('issue-parsed');
    expect(leader.seen()).not.toContain('run-started');
    expect(world.tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it('go on leading when the leader is gone, and write what it had not written', async () => {
    const world = together();
    const first = await world.coordinator('first', { isIdle: true });
    await assigned(world);
    const made = first.next('queue.job-moved', { to: 'available' } as object);
    await first.start();
    await made;
    await first.stop();
    await world.tracker.ensureComment(ISSUE, 'status', 'old');

    const second = await world.coordinator('second', { isIdle: true });
    await second.start();
    await second.loop.idle();
    await second.stop();

    expect(world.tracker.commentOf(ISSUE, 'status')).not.toBe('old');
  });

  it('show in the end what the leader was never told of', async () => {
    const world = together();
    const leader = await world.coordinator('leader', { isIdle: true });
    const deaf = { tell: () => undefined, listen: () => undefined };
    const worker = await world.coordinator('worker', {}, { signals: deaf });
    await assigned(world);
    const made = leader.next('queue.job-moved', { to: 'available' } as object);
    await leader.start();
    await made;
    const reviewed = worker.reaches('in_review');
    await worker.start();
    await reviewed;
    await leader.loop.idle();
    const before = world.tracker.commentOf(ISSUE, 'status');

    // In steps within which the lead is prolonged: the same coordinator goes on leading.
    for (let passed = 0; passed < 1_300_000; passed += TERM_MS / 3) {
      world.clock.advance(TERM_MS / 3);
      leader.loop.wake();
      await leader.loop.idle();
    }
    await leader.stop();

    expect(before).not.toContain('Ready for review');
    expect(leader.events.filter(({ type }) => type === 'orchestration.lead-changed')).toHaveLength(1);
    expect(world.tracker.commentOf(ISSUE, 'status')).toContain('Ready for review');
  });

  it('take up a job elsewhere with what was kept: a fresh session is told that there was another', async () => {
    const world = together();
    await assigned(world);
    const first = await world.coordinator('first', { turns: [works, hangs], rulings: ['change'] });
    const sentBack = first.next('orchestration.agent-sent-back');
    await first.start();
    await sentBack;
    const kept = await world.runs.progress('acme/tools#7');
    await first.stop();

    const second = await world.coordinator('second');
    const started = second.next<RunStarted>('orchestration.run-started');
    const reviewed = second.reaches('in_review');
    await second.start();
    await started;
    await reviewed;

    expect(kept).toMatchObject({ place: 'first', draft: { commit: expect.any(String) } });
    expect(await world.runs.progress('acme/tools#7')).toMatchObject({ place: 'second', rejections: 1 });
    expect(second.agent.prompts[0]).toContain('Another machine worked on it until now');
  });

  it('keep what an agent left when its run failed for a while, and when its coordinator is stopped', async () => {
    const world = together();
    await assigned(world);
    const first = await world.coordinator('first', { turns: [leavesAnd('rate_limit'), leavesAnd('hang')] });
    const ended = first.next<RunEnded>('orchestration.run-ended');
    await first.start();
    await ended;
    const afterFailure = (await world.runs.progress('acme/tools#7')).draft;

    const begun = first.next<RunStarted>('orchestration.run-started');
    const acted = first.next('orchestration.agent-acted');
    await first.reaches('retryable');
    world.clock.advance(3_600_000);
    first.loop.wake();
    await begun;
    await acted;
    await first.stop();

    expect(afterFailure).toMatchObject({ commit: expect.any(String) });
    expect((await world.runs.progress('acme/tools#7')).draft).not.toEqual(afterFailure);
  });

  it('go on in the same workspace and session where they share the storage', async () => {
    const world = together();
    await assigned(world);
    const first = await world.coordinator('first', { turns: [works, hangs], rulings: ['change'], storage: 'shared' });
    const sentBack = first.next('orchestration.agent-sent-back');
    await first.start();
    await sentBack;
    await first.stop();

    const second = await world.coordinator('second', { storage: 'shared' });
    const reviewed = second.reaches('in_review');
    await second.start();
    await reviewed;

    expect(second.agent.prompts[0]).not.toContain('Another machine');
  });

  it('stop an agent whose coordinator was paused beyond its lease, and renew the lease while it stops', async () => {
    const world = together();
    await assigned(world);
    const seen: string[] = [];
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    let work: () => void = () => undefined;
    const working = new Promise<void>((resolve) => (work = resolve));
    const slow: PuppetTurn = async ({ interrupted }) => {
      work();
      await interrupted;
      seen.push('told to stop');
      await stopped;
      return ends('interrupted');
    };
    const coordinator = await world.coordinator('paused', { turns: [slow] });
    await coordinator.start();
    await working;
    const renewed = new Promise<void>((resolve) => {
      world.store.renew = async () => {
        // What was said to the agent at the same moment reaches it first.
        await new Promise((told) => setImmediate(told));
        seen.push('renewed');
        resolve();
        return true;
      };
    });

    const ended = coordinator.next<RunEnded>('orchestration.run-ended');
    world.clock.advance(LEASE_MS);
    await renewed;
    stop();

    expect(await ended).toMatchObject({ outcome: 'interrupted', reason: 'Its lease was lost.' });
    expect(seen).toEqual(['told to stop', 'renewed']);
  });

  it.each<readonly [string, () => Promise<boolean>]>([
    ['does not answer', () => new Promise(() => undefined)],
    ['fails at once', () => Promise.reject(new Error('It is away'))],
  ])('stop an agent before its lease ends where the store %s', async (_what, renew) => {
    const world = together();
    await assigned(world);
    const coordinator = await world.coordinator('cut off', { turns: [hangs] });
    const begun = coordinator.next<RunStarted>('orchestration.run-started');
    await coordinator.start();
    await begun;
    world.store.renew = renew;
    coordinator.queue.claim = async () => undefined;
    const ended: string[] = [];
    coordinator.bus.subscribe<RunEnded>('orchestration.run-ended', ({ reason }) => ended.push(reason));

    const seen: string[][] = [];
    for (const part of [8, 1]) {
      for (let tenth = 0; tenth < part; tenth += 1) {
        world.clock.advance(LEASE_MS / 12);
        await coordinator.loop.idle();
        await new Promise((resolve) => setImmediate(resolve));
      }
      seen.push([...ended]);
    }

    expect(seen).toEqual([[], ['Its lease was lost.']]);
  });

  it('leave a job alone that was taken from a running agent, for as long as that one takes to stop', async () => {
    const world = together();
    await assigned(world);
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const slow: PuppetTurn = () => stopped.then(() => ends('interrupted'));
    const first = await world.coordinator('first', { turns: [slow] });
    const acting = first.next<RunStarted>('orchestration.run-started');
    await first.start();
    await acting;
    const second = await world.coordinator('second');
    await second.start();
    const taken = { jobId: 'acme/tools#7', from: 'running', to: 'cancelled', reason: 'Taken away.' } as const;
    await world.store.move(taken);
    await world.store.move({ ...taken, from: 'cancelled', to: 'available', reason: 'Given again.' });
    // It begins nothing more itself: who has a job back may take it again at once.
    first.queue.claim = async () => undefined;

    const claims: unknown[] = [];
    for (let passed = 0; passed < 2 * LEASE_MS; passed += LEASE_MS / 4) {
      world.clock.advance(LEASE_MS / 4);
      second.loop.wake();
      await second.loop.idle();
      claims.push((await world.store.find('acme/tools#7'))?.state);
    }
    const ended = first.next<RunEnded>('orchestration.run-ended');
    stop();
    await ended;
    const reviewed = second.reaches('in_review');
    await first.loop.idle();
    second.loop.wake();

    expect(new Set(claims)).toEqual(new Set(['available']));
    expect(await reviewed).toMatchObject({ fencingToken: 2 });
  });

  it('take up and begin work while the one that leads is in a long look at everything', async () => {
    const world = together();
    await assigned(world);
    const leader = await world.coordinator('leader');
    const { loopIntervalMs } = resolveOrchestrationOptions({}).limits;
    const assignedIssues = world.tracker.assignedIssues.bind(world.tracker);
    const claim = leader.queue.claim.bind(leader.queue);
    leader.queue.claim = async () => undefined;
    world.tracker.assignedIssues = async () => {
      world.tracker.assignedIssues = assignedIssues;
      leader.queue.claim = claim;
      // The tracker answers when a job has begun, for which time must pass.
      const begun = leader.next<RunStarted>('orchestration.run-started');
      world.clock.advance(loopIntervalMs);
      await begun;
      return assignedIssues();
    };

    const reviewed = leader.reaches('in_review');
    await leader.start();

    expect(await reviewed).toMatchObject({ state: 'in_review' });
  });

  it('name the dead, whose jobs are taken up at once', async () => {
    const world = together();
    await assigned(world);
    const dead = await world.coordinator('dead', { turns: [hangs] });
    const begun = dead.next<RunStarted>('orchestration.run-started');
    await dead.start();
    await begun;

    const leadership = { termMs: TERM_MS, hold: async () => null, release: async () => undefined };
    const replicas = { deadHolders: async () => ['dead'] };
    const other = await world.coordinator('other', {}, { replicas, leadership });
    const reviewed = other.reaches('in_review');
    await other.start();
    await reviewed;

    expect((await world.store.history('acme/tools#7')).map(({ reason }) => reason)).toContainEqual(
      expect.stringContaining('Its run was cut off'),
    );
  });
});

/** Does nothing until it is stopped. */
const hangs: PuppetTurn = async ({ interrupted }) => {
  await interrupted;
  return ends('interrupted');
};

/** Writes something new, and ends so or not by itself. */
function leavesAnd(ending: 'rate_limit' | 'hang'): PuppetTurn {
  return async ({ write, emit, interrupted }) => {
    await write('work.txt', ending);
    emit({ type: 'tool-started', tool: 'write', summary: 'work.txt' });
    if (ending === 'rate_limit') return ends('rate_limit');
    await interrupted;
    return ends('interrupted');
  };
}
