import { afterEach, describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Remains,
} from '../../../test/support/start-orchestration.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { TrackedIssue } from '../index.js';
import { NO_ISSUE_LINKS } from '../ports/issue-links.port.js';
import { readDetails } from '../job-details.js';

const BLOCKER: IssueRef = { ...ISSUE, number: 3 };
const OTHER: IssueRef = { ...ISSUE, number: 4 };
const FAR: IssueRef = { owner: 'acme', repo: 'toys', number: 5 };

function text(...lines: readonly string[]): string {
  return `${anIssue().body}\n${lines.join('\n')}\n`;
}

describe('LinkKeeper', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  async function start(given: Parameters<typeof startOrchestration>[0] = {}) {
    const started = await startOrchestration({ profiles: [PROFILE], isLinking: true, ...given });
    closings.push(() => started.close());
    const { queue, tracker, deliveries, loop } = started;
    queue.claim = () => Promise.resolve(undefined);
    for (const ref of [BLOCKER, OTHER, FAR]) tracker.put(anIssue({ ref, assignees: [] }));
    await started.start();
    await loop.idle();
    const read = async (ref: IssueRef): Promise<TrackedIssue> => {
      const reading = await tracker.readIssue(ref);
      return reading.kind === 'found' ? reading.issue : anIssue();
    };
    return {
      ...started,
      /** Somebody gives the issue this text. */
      write: async (body: string, ref = ISSUE) => {
        const { body: _, ...rest } = await read(ref).then((issue) => ({ ...anIssue({ ref }), ...issue }));
        tracker.put({ ...rest, ref, body });
        await deliveries.record(aDelivery(anIssue({ ref, body })));
        loop.wake();
        await loop.idle();
      },
      look: async () => {
        await deliveries.record(aDelivery(await read(ISSUE)));
        loop.wake();
        await loop.idle();
      },
      blockersOf: async (ref: IssueRef) => (await read(ref)).blockedBy.map(({ issue }) => issue),
      own: async () => readDetails((await queue.require(ISSUE)).details).links,
    };
  }

  it('writes what a text names as links, both ways, and remembers that they are its own', async () => {
    const { write, blockersOf, own, events } = await start();

    await write(text('Blocked by: #3', 'Blocks: #4'));

    expect(await blockersOf(ISSUE)).toEqual([BLOCKER]);
    expect(await blockersOf(OTHER)).toEqual([ISSUE]);
    expect(await own()).toEqual([
      { blocker: BLOCKER, blocked: ISSUE, isWritten: true },
      { blocker: ISSUE, blocked: OTHER, isWritten: true },
    ]);
    expect(events.filter(({ type }) => type === 'orchestration.link-changed')).toHaveLength(2);
  });

  it('takes away what the text no longer names, and does not wait for it any more', async () => {
    const { write, blockersOf, own, queue } = await start();
    await write(text('Blocked by: #3'));
    const before = await queue.require(ISSUE);

    await write(text());

    expect(before.state).toBe('pending');
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'available', blockers: [] });
    expect(await blockersOf(ISSUE)).toEqual([]);
    expect(await own()).toEqual([]);
  });

  it('never takes away a link that a person made, though the text named it too', async () => {
    const { write, blockersOf, queue, links } = await start();
    await links?.ensureLink({ blocker: BLOCKER, blocked: ISSUE });
    await write(text());
    await links?.ensureLink({ blocker: BLOCKER, blocked: ISSUE });

    await write(text('Blocked by: #3'));
    await write(text());

    expect(await blockersOf(ISSUE)).toEqual([BLOCKER]);
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'pending' });
  });

  it('does not write again what a person took away, and waits for it by the text', async () => {
    const { write, look, blockersOf, links, queue } = await start();
    await write(text('Blocked by: #3'));

    await links?.ensureNoLink({ blocker: BLOCKER, blocked: ISSUE });
    await look();

    expect(await blockersOf(ISSUE)).toEqual([]);
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'pending' });
  });

  it('goes on after a crash between remembering and writing', async () => {
    const crashed = await start();
    const { tracker, queue, clock, bus, deliveries, workspaces, runs } = crashed;
    const ensureLink = crashed.links?.ensureLink.bind(crashed.links);
    if (crashed.links) crashed.links.ensureLink = () => Promise.reject(new Error('away'));
    await crashed.write(text('Blocked by: #3'));
    const planned = await crashed.own();
    await crashed.close();
    if (crashed.links && ensureLink) crashed.links.ensureLink = ensureLink;

    const left: Remains = { tracker, queue, clock, bus, deliveries, workspaces, runs };
    const restarted = await start({ left });
    await restarted.write(text('Blocked by: #3'));

    expect(planned).toEqual([{ blocker: BLOCKER, blocked: ISSUE, isWritten: false }]);
    expect(await restarted.blockersOf(ISSUE)).toEqual([BLOCKER]);
    expect(await restarted.own()).toEqual([{ blocker: BLOCKER, blocked: ISSUE, isWritten: true }]);
  });

  it('holds nothing up when the tracker fails, and says so', async () => {
    const { write, links, queue, events } = await start();
    if (links) links.ensureLink = () => Promise.reject(new Error('Gitea is away'));

    await write(text('Blocked by: #3'));

    expect(await queue.require(ISSUE)).toMatchObject({ state: 'pending' });
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orchestration.write-back-failed', reason: 'Gitea is away' }),
    );
  });

  it("does not ask again soon for what was refused, and takes it for a person's when it is there later", async () => {
    const { write, look, links, clock, own } = await start();
    const asked: unknown[] = [];
    const ensureLink = links?.ensureLink.bind(links);
    if (links) {
      links.ensureLink = (link) => {
        asked.push(link);
        return Promise.resolve({ kind: 'refused', why: 'Dependencies are switched off.' });
      };
    }
    await write(text('Blocked by: #3'));
    await look();
    const early = asked.length;
    clock.advance(3_600_000);
    await look();

    expect([early, asked.length]).toEqual([1, 2]);
    await ensureLink?.({ blocker: BLOCKER, blocked: ISSUE });
    await look();
    expect(await own()).toEqual([]);
  });

  it("leaves alone what Gitea will not let go, and counts it as somebody's", async () => {
    const { write, look, links, own, queue } = await start();
    await write(text('Blocked by: #3'));
    if (links) links.ensureNoLink = () => Promise.resolve({ kind: 'refused', why: 'It is archived.' });

    await write(text());
    await look();

    expect(await own()).toEqual([]);
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'pending' });
  });

  it.each([
    [false, []],
    [true, [FAR]],
  ])('writes links between repositories only where that is allowed: %p', async (linksOtherRepositories, expected) => {
    const { write, blockersOf, queue } = await start({ options: { linksOtherRepositories } });

    await write(text('Blocked by: acme/toys#5'));

    expect(await blockersOf(ISSUE)).toEqual(expected);
    expect(await queue.require(ISSUE)).toMatchObject({ blockers: [{ issue: FAR, isFinished: false }] });
  });

  it('writes nothing without a tracker to write to', async () => {
    const { write, queue, own } = await start({ options: { links: NO_ISSUE_LINKS } });

    await write(text('Blocked by: #3'));

    expect(await queue.find(issueKey(ISSUE))).toMatchObject({ state: 'pending' });
    expect(await own()).toEqual([]);
  });
});
