import { afterEach, describe, expect, it } from '@jest/globals';
import type { IssueRef } from '../../src/kernel/index.js';
import type { PullRequests, PullRequestReview } from '../../src/orchestration/ports/pull-requests.port.js';

/** Pull requests, and what people do to them on the other side. */
export interface PullRequestWorld {
  readonly pullRequests: PullRequests;
  /** An open pull request. People are `ann` and `bob`; `ann` may merge. */
  readonly pull: IssueRef;
  readonly bot: string;
  /** Submits a review and returns its id. */
  review(
    verdict: PullRequestReview['verdict'],
    by: string,
    given?: { readonly text?: string; readonly remarks?: readonly { path: string; line: number; text: string }[] },
  ): number;
  /** Answers in the conversation of a review and returns the answer's id. */
  answer(reviewId: number, by: string, text: string): number;
  dismiss(reviewId: number): void;
  resolve(remarkId: number): void;
  /** Somebody pushes to the branch. */
  push(): Promise<void>;
  merge(by: string): Promise<void>;
  close(): void;
  reopen(): void;
  end(): Promise<void>;
}

/** What every PullRequests must do. Call it once for each implementation. */
export function describePullRequests(name: string, make: () => Promise<PullRequestWorld>): void {
  describe(`${name}, as PullRequests`, () => {
    const worlds: PullRequestWorld[] = [];

    async function start(): Promise<PullRequestWorld> {
      const world = await make();
      worlds.push(world);
      return world;
    }

    afterEach(async () => {
      for (const world of worlds.splice(0)) await world.end();
    });

    it('tells open from closed, and closed from merged', async () => {
      const world = await start();
      const read = async () => {
        const reading = await world.pullRequests.readPullRequest(world.pull);
        if (reading.kind !== 'found') return reading.kind;
        const { state, mergedBy } = reading.pullRequest;
        return { state, mergedBy };
      };

      const seen = [await read()];
      world.close();
      seen.push(await read());
      world.reopen();
      seen.push(await read());
      await world.merge('ann');
      seen.push(await read());

      expect(seen).toEqual([
        { state: 'open', mergedBy: null },
        { state: 'closed', mergedBy: null },
        { state: 'open', mergedBy: null },
        { state: 'merged', mergedBy: 'ann' },
      ]);
    });

    it('tells the reviews of people, oldest first, and what they say', async () => {
      const world = await start();
      const first = world.review('commented', 'ann', { text: 'Hm' });
      world.review('commented', world.bot, { text: 'I am the bot' });
      const second = world.review('changes_requested', 'bob', {
        text: 'No',
        remarks: [{ path: 'b.txt', line: 3, text: 'Why?' }],
      });
      const third = world.review('approved', 'ann');
      world.dismiss(second);

      const reviews = await world.pullRequests.reviewsOf(world.pull);

      const plain = { isDismissed: false, isStale: false, remarkCount: 0, text: '' };
      const by = (login: string) => expect.objectContaining({ id: expect.any(Number), login });
      expect(reviews).toEqual([
        { ...plain, id: first, author: by('ann'), verdict: 'commented', text: 'Hm' },
        {
          ...plain,
          id: second,
          author: by('bob'),
          verdict: 'changes_requested',
          text: 'No',
          isDismissed: true,
          remarkCount: 1,
        },
        { ...plain, id: third, author: by('ann'), verdict: 'approved' },
      ]);
    });

    it('tells the remarks of one review, oldest first, with file and line, answers among them', async () => {
      const world = await start();
      const review = world.review('commented', 'ann', {
        remarks: [
          { path: 'z.txt', line: 9, text: 'First' },
          { path: 'a.txt', line: 2, text: 'Second' },
        ],
      });
      world.review('commented', 'bob', { remarks: [{ path: 'c.txt', line: 1, text: 'Of another' }] });
      const before = await world.pullRequests.remarksOf(world.pull, review);
      const answer = world.answer(review, 'bob', 'Third');
      world.resolve(before[0]?.id ?? 0);

      const remarks = await world.pullRequests.remarksOf(world.pull, review);
      const [{ remarkCount } = { remarkCount: 0 }] = await world.pullRequests.reviewsOf(world.pull);

      expect(remarks).toMatchObject([
        { path: 'z.txt', line: 9, text: 'First', author: { login: 'ann' }, isResolved: true },
        { path: 'a.txt', line: 2, text: 'Second', author: { login: 'ann' }, isResolved: false },
        { id: answer, text: 'Third', author: { login: 'bob' }, isResolved: false },
      ]);
      expect(remarkCount).toBe(3);
    });

    it('says that a review is about an older commit once there is a newer one', async () => {
      const world = await start();
      world.review('approved', 'ann');

      await world.push();

      expect(await world.pullRequests.reviewsOf(world.pull)).toMatchObject([{ verdict: 'approved', isStale: true }]);
    });
  });
}
