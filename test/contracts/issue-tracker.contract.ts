import { afterEach, describe, expect, it } from '@jest/globals';
import type { IssueRef } from '../../src/kernel/index.js';
import type { IssueTracker } from '../../src/orchestration/ports/issue-tracker.port.js';
import type { Soon } from './soon.js';

/** A tracker, and what people do and see on the other side of it. */
export interface TrackerWorld {
  readonly tracker: IssueTracker;
  /** The bot's login. */
  readonly bot: string;
  /** Another account, which may write. @default 'ann' */
  readonly person?: string;
  /** One that may only read. @default 'eve' */
  readonly stranger?: string;
  /** Two branches of the repository; the second is the default one. */
  readonly headBranch: string;
  readonly baseBranch: string;
  /** A commit of the repository. */
  readonly commit: string;
  openIssue(title: string, body?: string): Soon<IssueRef>;
  assign(ref: IssueRef, logins: readonly string[]): Soon<void>;
  close(ref: IssueRef): Soon<void>;
  remove(ref: IssueRef): Soon<void>;
  addLabel(ref: IssueRef, label: string): Soon<void>;
  /** The second blocks the first. */
  block(ref: IssueRef, blocker: IssueRef): Soon<void>;
  /** By the person, unless by somebody else: the bot, or the stranger. */
  comment(ref: IssueRef, body: string, by?: string): Soon<void>;
  /** What stands on the issue, oldest first. */
  comments(ref: IssueRef): Soon<readonly string[]>;
  labels(ref: IssueRef): Soon<readonly string[]>;
  openPullRequests(): Soon<readonly { readonly number: number; readonly title: string; readonly body: string }[]>;
  closePullRequest(number: number): Soon<void>;
  /** Every status ever set on the commit, oldest first. */
  statuses(): Soon<
    readonly {
      readonly context: string;
      readonly state: string;
      readonly description: string;
      readonly targetUrl: string | null;
    }[]
  >;
  end(): Promise<void>;
}

/** What every IssueTracker must do. Call it once for each implementation. */
export function describeIssueTracker(name: string, make: () => Promise<TrackerWorld>): void {
  describe(`${name}, as an IssueTracker`, () => {
    const worlds: TrackerWorld[] = [];

    async function start(): Promise<TrackerWorld> {
      const world = await make();
      worlds.push(world);
      return world;
    }

    afterEach(async () => {
      for (const world of worlds.splice(0)) await world.end();
    });

    it('reads an issue with its texts, people, labels and default branch', async () => {
      const world = await start();
      const ref = await world.openIssue('A title', 'A body');
      const { person = 'ann' } = world;
      await world.assign(ref, [person, world.bot]);
      await world.addLabel(ref, 'priority/high');

      expect(await world.tracker.readIssue(ref)).toMatchObject({
        kind: 'found',
        issue: {
          ref,
          title: 'A title',
          body: 'A body',
          state: 'open',
          assignees: [person, world.bot],
          labels: ['priority/high'],
          blockedBy: [],
          blocks: [],
          defaultBranch: world.baseBranch,
        },
      });
    });

    it('says whether anybody has commented', async () => {
      const world = await start();
      const ref = await world.openIssue('1');
      const before = await world.tracker.readIssue(ref);
      await world.tracker.ensureComment(ref, 'status', 'Queued.');

      const after = await world.tracker.readIssue(ref);

      expect([before, after]).toMatchObject([{ hasComments: false }, { hasComments: true }]);
    });

    it('says which blockers are finished, and what an issue blocks', async () => {
      const world = await start();
      const [first, second, third] = [
        await world.openIssue('1'),
        await world.openIssue('2'),
        await world.openIssue('3'),
      ];
      await world.block(third, first);
      await world.block(third, second);
      await world.close(first);

      const reading = await world.tracker.readIssue(third);
      const blockedBy = reading.kind === 'found' ? reading.issue.blockedBy : [];
      // The order is the tracker's own.
      expect(blockedBy.toSorted((a, b) => a.issue.number - b.issue.number)).toMatchObject([
        { issue: first, isFinished: true },
        { issue: second, isFinished: false },
      ]);
      expect(await world.tracker.readIssue(second)).toMatchObject({ issue: { blockedBy: [], blocks: [third] } });
    });

    it('reads a closed issue as closed', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      await world.close(ref);

      expect(await world.tracker.readIssue(ref)).toMatchObject({ kind: 'found', issue: { state: 'closed' } });
    });

    it('calls gone what was deleted and what never was', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      await world.remove(ref);

      expect(await world.tracker.readIssue(ref)).toEqual({ kind: 'gone' });
      expect(await world.tracker.readIssue({ ...ref, number: 4711 })).toEqual({ kind: 'gone' });
    });

    it('lists every open issue assigned to the bot and no other', async () => {
      const world = await start();
      const [mine, hers, closed] = [await world.openIssue('1'), await world.openIssue('2'), await world.openIssue('3')];
      const many: IssueRef[] = [];
      for (let at = 0; at < 7; at += 1) many.push(await world.openIssue(`more ${at}`));
      for (const ref of [mine, closed, ...many]) await world.assign(ref, [world.bot]);
      await world.assign(hers, [world.person ?? 'ann']);
      await world.close(closed);

      const assigned = (await world.tracker.assignedIssues()) ?? [];

      // A tracker that is shared has others of the bot's.
      const here = assigned.filter(({ owner, repo }) => owner === mine.owner && repo === mine.repo);
      const numbers = here.map(({ number }) => number).toSorted((a, b) => a - b);
      expect(numbers).toEqual([mine, ...many].map(({ number }) => number));
    });

    it('keeps one comment for a marker, edits it in place and leaves others alone', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      await world.comment(ref, 'A person speaks');

      await world.tracker.ensureComment(ref, 'status', 'It waits.');
      await world.tracker.ensureComment(ref, 'status', 'It waits.');
      await world.tracker.ensureComment(ref, 'question', 'What is meant?');
      await world.tracker.ensureComment(ref, 'status', 'It runs.');

      expect(await world.comments(ref)).toEqual([
        'A person speaks',
        expect.stringContaining('It runs.'),
        expect.stringContaining('What is meant?'),
      ]);
    });

    it('makes a comment and edits none, or edits one and makes none, where that is wanted', async () => {
      const world = await start();
      const ref = await world.openIssue('A');

      const none = await world.tracker.ensureComment(ref, 'questions', 'It is settled.', 'standing');
      const made = await world.tracker.ensureComment(ref, 'command-3', 'It waits.', 'new');
      const left = await world.tracker.ensureComment(ref, 'command-3', 'It runs.', 'new');
      await world.tracker.ensureComment(ref, 'questions', 'What is meant?');
      await world.tracker.ensureComment(ref, 'questions', 'It is settled.', 'standing');

      expect([none, left]).toEqual([null, made]);
      expect(await world.comments(ref)).toEqual([
        expect.stringContaining('It waits.'),
        expect.stringContaining('It is settled.'),
      ]);
    });

    it('says where people read a comment, the same each time', async () => {
      const world = await start();
      const ref = await world.openIssue('A');

      const first = await world.tracker.ensureComment(ref, 'status', 'It waits.');
      const again = await world.tracker.ensureComment(ref, 'status', 'It runs.');
      const other = await world.tracker.ensureComment(ref, 'question', 'What is meant?');

      expect(first).toMatch(new RegExp(`^https?://.*/issues/${ref.number}#issuecomment-\\d+$`));
      expect(again).toBe(first);
      expect(other).not.toBe(first);
    });

    it('tells what people wrote after a comment, oldest first, and nothing of its own', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      await world.comment(ref, 'Early');
      const first = await world.tracker.remarksAfter(ref, { id: 0, at: null });
      const early = first?.remarks[0];
      await world.tracker.ensureComment(ref, 'status', 'It needs a person.');
      await world.comment(ref, 'I am the bot', world.bot);
      await world.comment(ref, 'Anybody may say this', world.stranger ?? 'eve');
      await world.comment(ref, 'Try the other way');
      await world.comment(ref, 'And hurry');

      const second = await world.tracker.remarksAfter(ref, first?.readTo ?? { id: 0, at: null });
      const later = second?.remarks ?? [];

      expect(early).toMatchObject({ author: world.person ?? 'ann', text: 'Early' });
      expect(later.map(({ text }) => text)).toEqual(['Anybody may say this', 'Try the other way', 'And hurry']);
      const mark = { id: later.at(-1)?.id ?? 0, at: later.at(-1)?.at ?? null };
      expect(second?.readTo).toEqual(mark);
      expect(await world.tracker.remarksAfter(ref, mark)).toEqual({ remarks: [], readTo: mark });
    });

    it('makes one comment of calls that come at once', async () => {
      const world = await start();
      const ref = await world.openIssue('A');

      await Promise.all([1, 2, 3, 4].map(() => world.tracker.ensureComment(ref, 'status', 'It waits.')));

      expect(await world.comments(ref)).toHaveLength(1);
    });

    it('sets exactly one label of its scope and takes it away again', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      await world.addLabel(ref, 'bug');

      await world.tracker.ensureStateLabel(ref, 'mosaic/available');
      await world.tracker.ensureStateLabel(ref, 'mosaic/running');
      await world.tracker.ensureStateLabel(ref, 'mosaic/running');
      const during = await world.labels(ref);
      await world.tracker.ensureStateLabel(ref, null);

      expect(during.toSorted()).toEqual(['bug', 'mosaic/running']);
      expect(await world.labels(ref)).toEqual(['bug']);
    });

    it('opens one pull request between two branches and says where it is', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      const draft = { headBranch: world.headBranch, baseBranch: world.baseBranch, title: 'Do A', body: 'Closes #1' };

      const link = await world.tracker.ensurePullRequest(ref, draft);
      const again = await world.tracker.ensurePullRequest(ref, { ...draft, body: 'Closes #1, with more' });

      expect(again).toEqual(link);
      expect(await world.openPullRequests()).toEqual([
        { number: link.number, title: 'Do A', body: 'Closes #1, with more' },
      ]);
      expect(link.url).toMatch(new RegExp(`^https?://.*/${link.number}$`));
    });

    it('calls the number of a pull request gone, for it is no issue', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      const draft = { headBranch: world.headBranch, baseBranch: world.baseBranch, title: 'Do A', body: '' };

      const { number } = await world.tracker.ensurePullRequest(ref, draft);

      expect(await world.tracker.readIssue({ ...ref, number })).toEqual({ kind: 'gone' });
    });

    it('opens another pull request after the first was closed', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      const draft = { headBranch: world.headBranch, baseBranch: world.baseBranch, title: 'Do A', body: '' };
      const first = await world.tracker.ensurePullRequest(ref, draft);
      await world.closePullRequest(first.number);

      const second = await world.tracker.ensurePullRequest(ref, draft);

      expect(second.number).not.toBe(first.number);
      expect(await world.openPullRequests()).toHaveLength(1);
    });

    it('sets a status when the newest of its context says something else', async () => {
      const world = await start();
      const ref = await world.openIssue('A');
      const test = { context: 'mosaic/test', description: '12 passed', targetUrl: 'https://gitea.example.org/1#2' };
      const steps = [
        { ...test, state: 'pending' as const },
        { ...test, state: 'pending' as const },
        { context: 'mosaic/build', state: 'warning' as const, description: '', targetUrl: null },
        { ...test, state: 'success' as const },
        { ...test, state: 'success' as const },
        { ...test, state: 'pending' as const },
        { ...test, state: 'pending' as const, targetUrl: 'https://gitea.example.org/1#3' },
      ];

      for (const status of steps) await world.tracker.ensureCommitStatus(ref, world.commit, status);

      expect(await world.statuses()).toEqual([steps[0], steps[2], steps[3], steps[5], steps[6]]);
    });
  });
}
