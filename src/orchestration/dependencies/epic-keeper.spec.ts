import { afterEach, describe, expect, it } from '@jest/globals';

import { aDelivery, anIssue, ISSUE, PROFILE, startOrchestration } from '../../../test/support/start-orchestration.js';
import { issueKey, type IssueRef } from '../../kernel/index.js';
import type { IssueText, ProposedPart, SplitBounds } from '../../parser/index.js';
import { InMemoryIssueLinks, InMemoryIssueTracker, InMemorySubIssues, type TrackedIssue } from '../index.js';
import { readDetails } from '../job-details.js';
import { NO_SUB_ISSUES } from '../ports/sub-issues.port.js';

const PARTS: readonly ProposedPart[] = [1, 2].map((number) => ({
  title: `Do part ${number}`,
  objective: `All of part ${number}.`,
  estimatedTokens: 40_000,
  difficulty: 'easy',
  acceptanceCriteria: ['it is done'],
  after: number === 2 ? [0] : [],
}));
const DECOMPOSE = 'decompose: true\n';
const LABEL = 'mosaic-size/too-large';

function sized(tokens: number): string {
  return (anIssue().body ?? '').replace('20,000', tokens.toLocaleString('en-US'));
}

describe('EpicKeeper', () => {
  const closings: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const close of closings.splice(0)) await close();
  });

  /** With one profile whose usable window holds issues of up to 50,000 tokens. */
  async function start(
    file: string | null,
    proposals: readonly (readonly ProposedPart[] | null)[] = [PARTS],
    canSplit = true,
  ) {
    const tracker = new InMemoryIssueTracker();
    const subIssues = new InMemorySubIssues(tracker);
    const asked: SplitBounds[] = [];
    const askedOf: number[] = [];
    const splitter = {
      canSplit,
      split: async ({ ref }: IssueText, bounds: SplitBounds) => {
        asked.push(bounds);
        askedOf.push(ref.number);
        return proposals[asked.length - 1] ?? null;
      },
    };
    const links = new InMemoryIssueLinks(tracker);
    const files = { text: file };
    const started = await startOrchestration({
      profiles: [PROFILE],
      options: { tracker, subIssues, splitter, links, files: { fileText: async () => files.text } },
    });
    closings.push(() => started.close());
    const { queue, deliveries, loop, clock } = started;
    queue.claim = () => Promise.resolve(undefined);
    await started.start();
    await loop.idle();
    const read = async (ref: IssueRef): Promise<TrackedIssue> => {
      const reading = await tracker.readIssue(ref);
      return reading.kind === 'found' ? reading.issue : anIssue();
    };
    return {
      ...started,
      tracker,
      subIssues,
      asked,
      askedOf,
      files,
      read,
      see: async (issue: TrackedIssue) => {
        tracker.put(issue);
        await deliveries.record(aDelivery(issue));
        loop.wake();
        await loop.idle();
      },
      sweep: async () => {
        clock.advance(3_600_000);
        loop.wake();
        await loop.idle();
      },
      split: async () => readDetails((await queue.require(ISSUE)).details).split,
    };
  }

  it('labels an issue that is too large, posts but the numbers where no model can be asked, and takes the label away once it fits', async () => {
    const { see, read, tracker, subIssues, asked } = await start(DECOMPOSE, [PARTS], false);

    await see(anIssue({ body: sized(90_000) }));
    const tooLarge = await read(ISSUE);
    const comment = tracker.commentOf(ISSUE, 'no-agent');
    await see({ ...tooLarge, body: sized(20_000) });

    expect(tooLarge.labels).toContain(LABEL);
    expect(comment).toContain('2 issues of at most 45,000 tokens each');
    expect(comment).not.toContain('proposes');
    expect((await read(ISSUE)).labels).not.toContain(LABEL);
    expect([asked, subIssues.all]).toEqual([[], []]);
  });

  it('lists the parts that a model proposes, and opens none where nobody asked for that', async () => {
    const { see, sweep, tracker, subIssues, asked, split } = await start(null);

    await see(anIssue({ body: sized(90_000) }));
    const comment = tracker.commentOf(ISSUE, 'no-agent');
    await sweep();

    expect(comment).toContain('2 issues of at most 45,000 tokens each');
    expect(comment).toContain('1. **Do part 1**: All of part 1. (40,000 tokens, easy, 1 criterion)');
    expect(comment).toContain('2. **Do part 2**: All of part 2. (40,000 tokens, easy, 1 criterion, after 1)');
    expect(await split()).toMatchObject({ asked: 1, isPosted: true, isBegun: false, isDone: false });
    expect([asked.length, subIssues.all, tracker.commentOf(ISSUE, 'parts')]).toEqual([1, [], undefined]);
  });

  it('asks once for a text, whatever begins it again, and anew for another', async () => {
    const { see, tracker, asked } = await start(null, [PARTS, [...PARTS, ...PARTS]]);
    const large = anIssue({ body: sized(90_000) });
    await see(large);
    const comment = tracker.commentOf(ISSUE, 'no-agent');

    await see({ ...large, assignees: [] });
    await see(large);
    const again = [tracker.commentOf(ISSUE, 'no-agent'), asked.length];
    await see(anIssue({ body: sized(95_000) }));

    expect(again).toEqual([comment, 1]);
    expect(tracker.commentOf(ISSUE, 'no-agent')).toContain('A model proposes these 4:');
    expect(asked).toHaveLength(2);
  });

  it('opens the parts that it listed where the repository asks for that later', async () => {
    const { see, sweep, files, subIssues, asked } = await start(null);
    await see(anIssue({ body: sized(90_000) }));

    files.text = DECOMPOSE;
    await sweep();

    expect([asked.length, subIssues.all.length]).toEqual([1, 2]);
  });

  it('asks three times at most about a text for which nothing is proposed, and about another again', async () => {
    const { see, sweep, tracker, asked } = await start(null, []);
    await see(anIssue({ body: sized(90_000) }));
    for (let more = 0; more < 4; more += 1) await sweep();
    const inVain = asked.length;

    await see(anIssue({ body: sized(95_000) }));

    expect([inVain, asked.length]).toEqual([3, 4]);
    expect(tracker.commentOf(ISSUE, 'no-agent')).not.toContain('proposes');
  });

  it('asks about no other issue in a sweep after it asked in vain', async () => {
    const { see, sweep, askedOf } = await start(null, []);
    await see(anIssue({ body: sized(90_000) }));
    await see(anIssue({ ref: { ...ISSUE, number: 8 }, body: sized(90_000) }));
    askedOf.length = 0;

    await sweep();

    expect(askedOf).toHaveLength(1);
  });

  it('lists the parts later where the comment could not be written, and asks nobody again', async () => {
    const { see, sweep, tracker, asked, events } = await start(null);
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body, only) =>
      body.includes('proposes') ? Promise.reject(new Error('away')) : ensureComment(ref, marker, body, only);
    await see(anIssue({ body: sized(90_000) }));

    tracker.ensureComment = ensureComment;
    await sweep();

    expect(events).toContainEqual(expect.objectContaining({ type: 'orchestration.write-back-failed', reason: 'away' }));
    expect(tracker.commentOf(ISSUE, 'no-agent')).toContain('A model proposes these 2:');
    expect(asked).toHaveLength(1);
  });

  it('opens the parts with estimates and links, names them, and assigns nobody', async () => {
    const { see, read, tracker, subIssues, asked, events, queue } = await start(DECOMPOSE);

    await see(anIssue({ body: sized(90_000) }));

    const [first, second] = subIssues.all as [IssueRef, IssueRef];
    expect(subIssues.all).toHaveLength(2);
    expect(asked).toEqual([{ parts: 2, tokensPerPart: 45_000, difficultyUpTo: 'easy', most: 8 }]);
    expect(await read(second)).toMatchObject({
      title: 'Do part 2',
      assignees: [],
      blockedBy: [{ issue: first }],
      blocks: [ISSUE],
    });
    expect((await read(first)).body).toContain('- Total estimated: 40,000 tokens');
    expect((await read(ISSUE)).labels).toEqual(expect.arrayContaining([LABEL, 'epic']));
    expect((await read(ISSUE)).blockedBy.map(({ issue }) => issue)).toEqual([first, second]);
    expect(tracker.commentOf(ISSUE, 'parts')).toContain('acme/tools#501: Do part 1 (40,000 tokens, easy)');
    expect(events.map(({ type }) => type)).toContain('orchestration.issue-split');
    expect(await queue.require(ISSUE)).toMatchObject({ state: 'needs_attention' });
  });

  it('splits once, whatever becomes of the text', async () => {
    const { see, read, sweep, subIssues, asked } = await start(DECOMPOSE, [PARTS, PARTS]);
    await see(anIssue({ body: sized(90_000) }));

    await see({ ...(await read(ISSUE)), body: sized(95_000) });
    await sweep();

    expect([asked.length, subIssues.all.length]).toEqual([1, 2]);
  });

  it('goes on with the same parts where it was cut off', async () => {
    const { see, sweep, subIssues, split, asked, events } = await start(DECOMPOSE);
    const ensure = subIssues.ensureSubIssue.bind(subIssues);
    subIssues.ensureSubIssue = (parent, marker, draft) =>
      marker.endsWith(':2') ? Promise.reject(new Error('Gitea is away')) : ensure(parent, marker, draft);
    await see(anIssue({ body: sized(90_000) }));
    const cutOff = await split();

    subIssues.ensureSubIssue = ensure;
    await sweep();

    expect(cutOff).toMatchObject({ parts: PARTS, isDone: false });
    expect(await split()).toMatchObject({ isDone: true });
    expect([asked.length, subIssues.all.length]).toEqual([1, 2]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'orchestration.write-back-failed', reason: 'Gitea is away' }),
    );
  });

  it('asks the model again with the next sweep when it proposes nothing', async () => {
    const { see, sweep, subIssues, asked } = await start(DECOMPOSE, [null, PARTS]);
    await see(anIssue({ body: sized(90_000) }));
    const early = subIssues.all.length;

    await sweep();

    expect([early, asked.length, subIssues.all.length]).toEqual([0, 2, 2]);
  });

  it.each([
    ['a part', `${sized(90_000)}\n\n<!-- mosaic:part:3:1 -->`],
    ['what would need more than eight parts', sized(900_000)],
  ])('never splits %s', async (_, body) => {
    const { see, read, asked } = await start(DECOMPOSE);

    await see(anIssue({ body }));

    expect((await read(ISSUE)).labels).toContain(LABEL);
    expect(asked).toEqual([]);
  });

  it('marks nothing that is only too hard, and holds nothing up when Gitea fails', async () => {
    const { see, read, subIssues, queue } = await start(DECOMPOSE);
    await see(anIssue());
    const plain = (await read(ISSUE)).labels;
    subIssues.ensureLabel = () => Promise.reject(new Error('away'));

    await see(anIssue({ body: sized(90_000) }));

    expect(plain).not.toContain(LABEL);
    expect(await queue.find(issueKey(ISSUE))).toMatchObject({ state: 'needs_attention' });
  });

  it('does nothing without a tracker to write to', async () => {
    expect(NO_SUB_ISSUES.canOpen).toBe(false);
    expect(await NO_SUB_ISSUES.ensureSubIssue(ISSUE, 'part:7:1', { title: '', body: '' })).toEqual(ISSUE);
    await expect(NO_SUB_ISSUES.ensureLabel(ISSUE, 'epic', true)).resolves.toBeUndefined();
  });

  it('says why on the issue, though the comment could not be written at first', async () => {
    const { see, tracker, sweep } = await start(DECOMPOSE);
    const ensureComment = tracker.ensureComment.bind(tracker);
    tracker.ensureComment = (ref, marker, body) =>
      marker === 'no-agent' ? Promise.reject(new Error('away')) : ensureComment(ref, marker, body);
    await see(anIssue({ body: sized(90_000) }));
    tracker.ensureComment = ensureComment;

    await sweep();

    expect(tracker.commentOf(ISSUE, 'no-agent')).toBeDefined();
  });

  it('opens no parts of an issue that fits by now', async () => {
    const { see, sweep, subIssues, queue } = await start(DECOMPOSE, [null, PARTS]);
    await see(anIssue({ body: sized(90_000) }));
    await see(anIssue({ body: sized(20_000) }));
    const job = await queue.require(ISSUE);
    await queue.move({ jobId: job.id, from: job.state, to: 'needs_attention', reason: 'The gates rejected it.' });

    await sweep();

    expect(subIssues.all).toEqual([]);
  });

  it('never splits a part that somebody wrote below', async () => {
    const { see, asked } = await start(DECOMPOSE);

    await see(anIssue({ body: `${sized(90_000)}\n\n<!-- mosaic:part:3:1 -->\n\nPlease mind the docs too.` }));

    expect(asked).toEqual([]);
  });
});
