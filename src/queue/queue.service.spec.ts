import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';

import { InProcessEventBus, parseIssueRef } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryJobStore } from './in-memory-job-store.js';
import type { JobMoved } from './queue.events.js';
import { QueueModule } from './queue.module.js';
import type { QueueModuleOptions } from './queue.options.js';
import { QueueService } from './queue.service.js';
import type { JobDraft } from './queue.types.js';

function startQueue(options: Omit<QueueModuleOptions, 'store' | 'clock' | 'bus'> = {}) {
  const clock = new FakeClock();
  const bus = new InProcessEventBus();
  const queue = QueueService.inMemory({ ...options, clock, bus });
  const moved: string[] = [];
  bus.subscribe<JobMoved>('queue.job-moved', ({ jobId, from, to }) => {
    moved.push(`${jobId} ${from ?? 'nothing'} → ${to}`);
  });
  return { queue, clock, bus, moved };
}

function draft(ref: string, blockedBy: readonly string[] = [], change: Partial<JobDraft> = {}): JobDraft {
  const blockers = blockedBy.map((blocker) => ({ issue: parseIssueRef(blocker), isFinished: false }));
  return { issue: parseIssueRef(ref), title: ref, profile: 'sonnet', priority: 0, blockers, details: {}, ...change };
}

async function enqueueAll(queue: QueueService, ...jobs: (readonly [ref: string, ...blockers: string[]])[]) {
  for (const [ref, ...blockers] of jobs) await queue.enqueue(draft(ref, blockers), 'Assigned');
}

describe('QueueService', () => {
  it('tells of a job that is new, and of one whose blockers changed its state', async () => {
    const { queue, bus, moved } = startQueue();
    const events: JobMoved[] = [];
    bus.subscribe<JobMoved>('queue.job-moved', (event) => void events.push(event));

    const change = await queue.enqueue(draft('Acme/Web#1'), 'Assigned');
    await queue.enqueue(draft('Acme/Web#1', ['acme/web#2']), 'Blocked');
    await queue.enqueue(draft('Acme/Web#1', ['acme/web#2']), 'Nothing new');

    expect(change).toMatchObject({ from: null, job: { state: 'available' } });
    expect(moved).toEqual(['acme/web#1 nothing → available', 'acme/web#1 available → pending']);
    expect(events[1]).toEqual({
      type: 'queue.job-moved',
      jobId: 'acme/web#1',
      issue: { owner: 'Acme', repo: 'Web', number: 1 },
      from: 'available',
      to: 'pending',
      reason: 'Blocked',
      profile: 'sonnet',
    });
  });

  it('claims as its holder, for the length of its lease, under its limits', async () => {
    const { queue, clock, moved } = startQueue({ holder: 'host-1', leaseMs: 5_000, limits: { perRepository: 1 } });
    await enqueueAll(queue, ['a/a#1'], ['a/a#2'], ['b/b#3']);

    const claimed = [await queue.claim(), await queue.claim(), await queue.claim()];

    expect(claimed.map((job) => job?.id)).toEqual(['a/a#1', 'b/b#3', undefined]);
    expect(claimed[0]?.lease).toEqual({ holder: 'host-1', endsAt: clock.now() + 5_000 });
    expect(moved.slice(3)).toEqual(['a/a#1 available → running', 'b/b#3 available → running']);
    expect([queue.holder, queue.leaseMs]).toEqual(['host-1', 5_000]);
  });

  it('goes through more jobs than it reads at once, each of them once', async () => {
    const { queue } = startQueue();
    const refs = Array.from({ length: 450 }, (_, at) => `a/a#${at + 1}`);
    for (const ref of refs) await queue.enqueue(draft(ref), 'Assigned');
    await queue.move({ jobId: 'a/a#7', from: 'available', to: 'cancelled', reason: 'Taken away' });

    const seen: string[] = [];
    for await (const { id } of queue.unsettled()) seen.push(id);

    expect(seen.toSorted()).toEqual(refs.filter((ref) => ref !== 'a/a#7').toSorted());
  });

  it('claims nothing before it is settled which profile does it', async () => {
    const { queue } = startQueue();
    await queue.enqueue(draft('a/a#1', [], { profile: '' }), 'Assigned');

    const early = await queue.claim();
    const why = await queue.explain('a/a#1');
    await queue.enqueue(draft('a/a#1'), 'Assigned');

    expect(early).toBeUndefined();
    expect(why).toBe('Waits until it is settled which profile does it.');
    expect(await queue.claim()).toMatchObject({ id: 'a/a#1', profile: 'sonnet' });
  });

  it('is who changed what nobody else is named for', async () => {
    const { queue, clock } = startQueue({ holder: 'host-1', leaseMs: 5_000 });
    const self = { kind: 'coordinator', holder: 'host-1' };
    const ann = { kind: 'person', login: 'ann' } as const;
    await queue.enqueue(draft('a/a#1'), 'Assigned', ann);
    await queue.settleBlocker('a/a#2', false);
    await queue.enqueue(draft('a/a#1', ['a/a#2']), 'Blocked');
    await queue.settleBlocker('a/a#2', true);
    await queue.claim();
    await queue.move({ jobId: 'a/a#1', from: 'running', to: 'retryable', reason: 'Failed' });
    await queue.promoteDue();
    await queue.claim();
    clock.advance(5_000);
    await queue.reopenAbandoned([], 'Cut off');
    await queue.move({ jobId: 'a/a#1', from: 'available', to: 'cancelled', reason: 'Ordered', by: ann });

    const rows = await queue.history('a/a#1');

    expect(rows.map(({ by }) => by)).toEqual([ann, self, self, self, self, self, self, self, ann]);
  });

  it('renews for the length of its lease', async () => {
    const { queue, clock } = startQueue({ leaseMs: 5_000 });
    await enqueueAll(queue, ['a/a#1']);
    await queue.claim();
    clock.advance(4_000);

    expect(await queue.renew('a/a#1', 1)).toBe(true);
    expect((await queue.find('a/a#1'))?.lease?.endsAt).toBe(clock.now() + 5_000);
    expect(await queue.renew('a/a#1', 2)).toBe(false);
  });

  it('tells of a move and of the jobs it frees or blocks, the cause first', async () => {
    const { queue, moved } = startQueue();
    await enqueueAll(queue, ['a/a#1'], ['a/a#2', 'a/a#1']);
    moved.length = 0;

    await queue.move({ jobId: 'a/a#1', from: 'available', to: 'completed', reason: 'Merged' });
    await queue.move({ jobId: 'a/a#1', from: 'completed', to: 'available', reason: 'Reopened' });

    expect(moved).toEqual([
      'a/a#1 available → completed',
      'a/a#2 pending → available',
      'a/a#1 completed → available',
      'a/a#2 available → pending',
    ]);
  });

  it('tells nothing of a move that is refused, or that changes nothing', async () => {
    const { queue, moved } = startQueue();
    await enqueueAll(queue, ['a/a#1', 'a/a#2']);
    moved.length = 0;

    await queue.move({ jobId: 'a/a#1', from: 'pending', to: 'available', reason: 'In vain' });
    const refused = queue.move({ jobId: 'a/a#1', from: 'running', to: 'available', reason: 'No' });

    await expect(refused).rejects.toMatchObject({ code: 'QUEUE_JOB_CHANGED' });
    expect(moved).toEqual([]);
  });

  it('tells of jobs that a blocker elsewhere, time or a dead holder moves', async () => {
    const { queue, clock, moved } = startQueue({ leaseMs: 1_000 });
    await enqueueAll(queue, ['a/a#1', 'b/b#9'], ['a/a#2'], ['a/a#3']);
    await queue.claim();
    await queue.claim();
    const retry = { jobId: 'a/a#3', from: 'running', to: 'retryable', reason: 'Overloaded' } as const;
    await queue.move({ ...retry, waitMs: 10 });
    clock.advance(10);
    moved.length = 0;

    await queue.settleBlocker('b/b#9', true);
    await queue.promoteDue();
    await queue.reopenAbandoned([queue.holder], 'Restarted');

    expect(moved).toEqual(['a/a#1 pending → available', 'a/a#3 retryable → available', 'a/a#2 running → available']);
  });

  it('finds, lists, counts and remembers', async () => {
    const { queue } = startQueue();
    await enqueueAll(queue, ['a/a#1', 'B/b#9'], ['A/a#2']);

    expect((await queue.require(parseIssueRef('A/A#2'))).id).toBe('a/a#2');
    expect(await queue.find('a/a#404')).toBeUndefined();
    expect((await queue.list()).map(({ id }) => id)).toEqual(['a/a#1', 'a/a#2']);
    expect((await queue.list({ states: ['pending'] })).map(({ id }) => id)).toEqual(['a/a#1']);
    expect(await queue.countByState()).toMatchObject({ pending: 1, available: 1, running: 0 });
    expect((await queue.history('a/a#1')).map(({ to }) => to)).toEqual(['pending']);
    expect(await queue.unfinishedBlockers()).toEqual([{ owner: 'B', repo: 'b', number: 9 }]);
  });

  it('refuses to require or explain a job that does not exist', async () => {
    const { queue } = startQueue();

    await expect(queue.require(parseIssueRef('a/a#404'))).rejects.toMatchObject({ code: 'QUEUE_JOB_UNKNOWN' });
    await expect(queue.explain('a/a#404')).rejects.toMatchObject({ code: 'QUEUE_JOB_UNKNOWN' });
  });

  it('names cycles among the jobs that have not started', async () => {
    const { queue } = startQueue();
    await enqueueAll(queue, ['a/a#1', 'a/a#2'], ['a/a#2', 'a/a#1'], ['a/a#3', 'a/a#1'], ['a/a#4', 'a/a#5'], ['a/a#5']);
    await queue.claim();
    await enqueueAll(queue, ['a/a#5', 'a/a#4']);
    await queue.move({ jobId: 'a/a#2', from: 'pending', to: 'needs_attention', reason: 'In a circle' });

    expect(await queue.cycles()).toEqual([{ members: ['a/a#1', 'a/a#2'], path: ['a/a#1', 'a/a#2'] }]);
  });
});

describe('QueueService.explain', () => {
  it('names what a pending job waits for', async () => {
    const { queue } = startQueue();
    await enqueueAll(queue, ['a/a#1', 'a/a#2', 'b/b#9'], ['a/a#2']);
    await queue.claim();

    expect(await queue.explain('a/a#1')).toBe('Waits for a/a#2 (is worked on) and b/b#9 (is not with the bot).');
  });

  it('names the circle for its members from their own point of view, and for those behind it', async () => {
    const { queue } = startQueue();
    await enqueueAll(
      queue,
      ['a/a#1', 'a/a#2'],
      ['a/a#2', 'a/a#3'],
      ['a/a#3', 'a/a#1'],
      ['a/a#4', 'a/a#5'],
      ['a/a#5', 'a/a#3'],
    );

    expect(await queue.explain('a/a#2')).toContain('a/a#2 → a/a#3 → a/a#1 → a/a#2');
    expect(await queue.explain('a/a#4')).toBe(
      'Waits for a/a#5 (waits itself), behind the circle a/a#1 → a/a#2 → a/a#3 → a/a#1.',
    );
  });

  it('sees no circle where one of its jobs has started', async () => {
    const { queue } = startQueue();
    await enqueueAll(queue, ['a/a#1'], ['a/a#2', 'a/a#1']);
    await queue.claim();
    await enqueueAll(queue, ['a/a#1', 'a/a#2']);

    expect(await queue.explain('a/a#2')).toBe('Waits for a/a#1 (is worked on).');
  });

  it('follows only so many jobs from blocker to blocker', async () => {
    const { queue } = startQueue();
    const last = 1_500;
    const chain = Array.from({ length: last }, (_, at) => [`a/a#${at + 1}`, `a/a#${at + 2}`] as const);
    await enqueueAll(queue, ...chain, [`a/a#${last + 1}`, `a/a#${last}`]);

    expect(await queue.explain('a/a#1')).toBe('Waits for a/a#2 (waits itself).');
    expect(await queue.explain(`a/a#${last - 900}`)).toContain('behind the circle');
  });

  it('says which limit holds an available job back, and which profile is not used', async () => {
    const { queue } = startQueue({ limits: { perProfile: { opus: 0 } } });
    await queue.enqueue(draft('a/a#1', [], { profile: 'opus' }), 'Assigned');
    await queue.enqueue(draft('b/b#2', [], { profile: 'glm' }), 'Assigned');

    expect(await queue.claim(['glm'])).toBeUndefined();
    expect(await queue.explain('a/a#1')).toContain('profile opus: 0 of 0 jobs run');
    expect(await queue.explain('b/b#2')).toBe('Waits for profile glm, which is not used at present.');

    expect(await queue.claim(new Map([['glm', 'Its key was refused.']]))).toBeUndefined();
    expect(await queue.explain('b/b#2')).toBe('Waits for profile glm. Its key was refused.');

    await queue.claim();
    expect(await queue.explain('b/b#2')).toBe('Runs, and waits for nothing.');
  });

  it('counts the running jobs against the limits', async () => {
    const { queue } = startQueue({ limits: { perRepository: 1 } });
    await enqueueAll(queue, ['a/a#1'], ['a/a#2']);
    await queue.claim();

    expect(await queue.explain('a/a#2')).toBe('Waits for a free place in a/a: 1 of 1 jobs run there.');
  });

  it('says how many jobs are ahead, up to a hundred', async () => {
    const { queue } = startQueue();
    await enqueueAll(queue, ...Array.from({ length: 102 }, (_, at) => [`a/a#${at + 1}`] as const));

    expect(await queue.explain('a/a#1')).toBe('Waits for its turn: it is the next.');
    expect(await queue.explain('a/a#101')).toBe('Waits for its turn: 100 jobs are ahead.');
    expect(await queue.explain('a/a#102')).toBe('Waits for its turn: at least 100 jobs are ahead.');
  });
});

describe('QueueModule', () => {
  it('works in an app that gives it nothing', async () => {
    const app = await Test.createTestingModule({ imports: [QueueModule.forRoot({})] }).compile();
    const queue = app.get(QueueService);

    await queue.enqueue(draft('a/a#1'), 'Assigned');

    expect(await queue.claim()).toMatchObject({ id: 'a/a#1', lease: { holder: queue.holder } });
    await app.close();
  });

  it('takes its store, clock and bus from the app', async () => {
    const store = new InMemoryJobStore(new FakeClock(7));
    const app = await Test.createTestingModule({
      imports: [QueueModule.forRootAsync({ useFactory: () => ({ store, holder: 'host-1' }) })],
    }).compile();

    await app.get(QueueService).enqueue(draft('a/a#1'), 'Assigned');

    expect(await store.find('a/a#1')).toMatchObject({ createdAt: 7 });
    await app.close();
  });

  it('does not start with options that are out of range', async () => {
    const starting = Test.createTestingModule({ imports: [QueueModule.forRoot({ leaseMs: 1 })] }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'QUEUE_OPTIONS_INVALID' });
  });
});
