import { describe, expect, it } from '@jest/globals';

import { InProcessEventBus } from '../kernel/index.js';
import { FakeClock } from '../testing/index.js';
import { InMemoryLead } from './doubles/in-memory-lead.js';
import { ledOptions } from './led-options.js';
import { Leading } from './leading.js';
import type { LeadChanged } from './orchestration.events.js';
import { resolveOrchestrationOptions } from './orchestration.options.js';
import { ALWAYS_LEADING, type Leadership } from './ports/leadership.port.js';

const TERM_MS = 9_000;

function coordinator(leadership: Leadership, clock = new FakeClock()) {
  const bus = new InProcessEventBus();
  const announced: boolean[] = [];
  bus.subscribe<LeadChanged>('orchestration.lead-changed', ({ leads }) => announced.push(leads));
  const options = resolveOrchestrationOptions({ leadership, clock, bus });
  return { leading: new Leading(options), options, announced };
}

/** Lets what waits for a promise go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

function two() {
  const clock = new FakeClock();
  const lead = new InMemoryLead(clock, TERM_MS);
  return { clock, one: coordinator(lead.for('one'), clock), other: coordinator(lead.for('other'), clock) };
}

describe('Leading', () => {
  it('leads for ever where no other shares the store', async () => {
    const clock = new FakeClock();
    const { leading, announced } = coordinator(ALWAYS_LEADING, clock);

    expect(leading.isLeading).toBe(false);
    await leading.look();
    clock.advance(1_000_000_000);

    expect(leading.isLeading).toBe(true);
    expect(leading.term).toBe(1);
    expect(announced).toEqual([true]);
    expect(clock.sleeping).toBe(0);
  });

  it('is one at a time, and the first', async () => {
    const { one, other } = two();

    await one.leading.look();
    await other.leading.look();
    await one.leading.look();

    expect([one.leading.isLeading, other.leading.isLeading]).toEqual([true, false]);
    expect([one.announced, other.announced]).toEqual([[true], []]);
    await one.leading.release();
  });

  it('does not take back what it gives up while it asks', async () => {
    const { clock, one, other } = two();
    await one.leading.look();

    const asking = one.leading.look();
    await one.leading.release();

    expect(await asking).toBe(false);
    expect(one.leading.isLeading).toBe(false);
    expect(clock.sleeping).toBe(0);
    expect(await other.leading.look()).toBe(true);
    await other.leading.release();
  });

  it('prolongs its lead without being asked', async () => {
    const { clock, one, other } = two();
    await one.leading.look();

    for (let third = 0; third < 9; third += 1) {
      clock.advance(TERM_MS / 3);
      await settled();
    }
    await other.leading.look();

    expect([one.leading.isLeading, other.leading.isLeading]).toEqual([true, false]);
    await one.leading.release();
    expect(clock.sleeping).toBe(0);
  });

  it('leads no longer from the moment the term may have ended, before it has asked', async () => {
    const { clock, one, other } = two();
    await one.leading.look();

    clock.advance(TERM_MS);
    expect(one.leading.isLeading).toBe(false);

    await other.leading.look();
    await one.leading.look();
    expect([one.leading.isLeading, other.leading.isLeading]).toEqual([false, true]);
    expect([one.announced, other.announced]).toEqual([[true, false], [true]]);
    expect(one.leading.term).toBeNull();
    await other.leading.release();
  });

  it('announces a new term, for another may have led in between', async () => {
    const { clock, one, other } = two();
    await one.leading.look();
    await one.leading.release();
    await other.leading.look();
    await other.leading.release();

    await one.leading.look();

    expect(one.leading.term).toBe(3);
    expect(one.announced).toEqual([true, true]);
    await one.leading.release();
    expect(clock.sleeping).toBe(0);
  });

  it('goes on leading while a store that does not answer may still hold its term', async () => {
    const clock = new FakeClock();
    let isAway = false;
    const away: Leadership = {
      termMs: TERM_MS,
      hold: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(1)),
      release: () => Promise.reject(new Error('away')),
    };
    const { leading } = coordinator(away, clock);
    await leading.look();

    isAway = true;
    clock.advance(TERM_MS / 3);
    await settled();
    expect(leading.isLeading).toBe(true);
    clock.advance(TERM_MS);
    await settled();

    expect(leading.isLeading).toBe(false);
    await leading.release();
    expect(leading.term).toBeNull();
  });

  it('gives up nothing that it does not have', async () => {
    const { one, other } = two();
    await one.leading.look();

    await other.leading.release();
    await other.leading.look();

    expect(other.leading.isLeading).toBe(false);
    await one.leading.release();
  });
});

describe('ledOptions', () => {
  it('are the same where no other shares the store', () => {
    const { options } = coordinator(ALWAYS_LEADING);

    expect(ledOptions(options)).toBe(options);
  });

  it('refuse every write of a coordinator that leads no longer, and let it read', async () => {
    const { clock, one, other } = two();
    await one.leading.look();
    const options = ledOptions(one.options);
    const issue = { owner: 'acme', repo: 'calculator', number: 7 };
    const draft = { issue, title: 'Add', profile: 'opus', priority: 0, blockers: [], details: {} };
    await options.queue.enqueue(draft, 'It is new');

    clock.advance(TERM_MS);
    await other.leading.look();

    const id = 'acme/calculator#7';
    const writes = [
      () => options.queue.enqueue(draft, 'Again'),
      () => options.queue.move({ jobId: id, from: 'available', to: 'cancelled', reason: 'Closed' }),
      () => options.queue.settleBlocker(id, true),
      () => options.deliveries.settle(['a']),
      () => options.runs.note(id, { draft: null }),
      () => options.runs.resetRounds(id),
      () => options.runs.beginReviewRound(id, { seen: [], open: [], approvedBy: [] }),
      () => options.tracker.ensureComment(issue, 'status', 'text'),
      () => options.tracker.ensureStateLabel(issue, null),
      () => options.tracker.ensureCommitStatus(issue, 'abc', {} as never),
      () => options.links.ensureLink({ blocker: issue, blocked: issue }),
      () => options.links.ensureNoLink({ blocker: issue, blocked: issue }),
      () => options.subIssues.ensureSubIssue(issue, 'part', { title: 'Part', body: '' }),
      () => options.subIssues.ensureLabel(issue, 'epic', true),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ code: 'LEAD_LOST' });
    expect((await options.queue.find(id))?.state).toBe('available');
    expect(options.queue.leaseMs).toBe(30_000);
    await other.leading.release();
    await one.leading.release();
  });
});
