import { afterEach, describe, expect, it } from '@jest/globals';
import type { IssueRef } from '../../src/kernel/index.js';
import type { PullRequests, PullRequestReview } from '../../src/orchestration/ports/pull-requests.port.js';
import type { Soon } from './soon.js';

/** Pull requests, and what people do to them on the other side. */
export interface PullRequestWorld {
  readonly pullRequests: PullRequests;
  /** An open pull request, whose branch has the files `a.txt`, `b.txt`, `c.txt` and `z.txt` where it has files. */
  readonly pull: IssueRef;
  readonly bot: string;
  /** The logins of two people who may write; the first may merge. @default 'ann' and 'bob' */
  readonly people?: readonly [string, string];
  /** Submits a review and returns its id. */
  review(
    verdict: PullRequestReview['verdict'],
    by: string,
    given?: { readonly text?: string; readonly remarks?: readonly { path: string; line: number; text: string }[] },
  ): Soon<number>;
  /** Answers in the conversation of a review and returns the answer's id. */
  answer(reviewId: number, by: string, text: string): Soon<number>;
  dismiss(reviewId: number): Soon<unknown>;
  resolve(remarkId: number): Soon<unknown>;
  /** Somebody pushes to the branch. */
  push(): Promise<void>;
  merge(by: string): Promise<void>;
  close(): Soon<unknown>;
  reopen(): Soon<unknown>;
  end(): Promise<void>;
}

/**
 * What every PullRequests must do. Call it once for each implementation.
 *
 * @param unanswerable why nobody can answer to a remark or settle it where this runs; those cases are then skipped
 */
export function describePullRequests(
  name: string,
  make: () => Promise<PullRequestWorld>,
  unanswerable: string | null = null,
): void {
  const itAnswers = unanswerable === null ? it : it.skip;
  const because = unanswerable === null ? '' : ` (skipped: ${unanswerable})`;
  describe(`${name}, as PullRequests`, () => {
    const worlds: PullRequestWorld[] = [];

    async function start(): Promise<{ world: PullRequestWorld; ann: string; bob: string }> {
      const world = await make();
      worlds.push(world);
      const [ann, bob] = world.people ?? ['ann', 'bob'];
      return { world, ann, bob };
    }

    afterEach(async () => {
      for (const world of worlds.splice(0)) await world.end();
    });

    it('tells open from closed, and closed from merged', async () => {
      const { world, ann } = await start();
      const read = async () => {
        const reading = await world.pullRequests.readPullRequest(world.pull);
        if (reading.kind !== 'found') return reading.kind;
        const { state, mergedBy } = reading.pullRequest;
        return { state, mergedBy };
      };

      const seen = [await read()];
      await world.close();
      seen.push(await read());
      await world.reopen();
      seen.push(await read());
      await world.merge(ann);
      seen.push(await read());

      expect(seen).toEqual([
        { state: 'open', mergedBy: null },
        { state: 'closed', mergedBy: null },
        { state: 'open', mergedBy: null },
        { state: 'merged', mergedBy: ann },
      ]);
    });

    it('tells the reviews of people, oldest first, and what they say', async () => {
      const { world, ann, bob } = await start();
      const first = await world.review('commented', ann, { text: 'Hm' });
      await world.review('commented', world.bot, { text: 'I am the bot' });
      const second = await world.review('changes_requested', bob, {
        text: 'No',
        remarks: [{ path: 'b.txt', line: 3, text: 'Why?' }],
      });
      const third = await world.review('approved', ann);
      await world.dismiss(second);

      const reviews = await world.pullRequests.reviewsOf(world.pull);

      const plain = { isDismissed: false, isStale: false, remarkCount: 0, text: '' };
      const by = (login: string) => expect.objectContaining({ id: expect.any(Number), login });
      expect(reviews).toEqual([
        { ...plain, id: first, author: by(ann), verdict: 'commented', text: 'Hm' },
        {
          ...plain,
          id: second,
          author: by(bob),
          verdict: 'changes_requested',
          text: 'No',
          isDismissed: true,
          remarkCount: 1,
        },
        { ...plain, id: third, author: by(ann), verdict: 'approved' },
      ]);
    });

    it('tells the remarks of one review, oldest first, with file and line', async () => {
      const { world, ann, bob } = await start();
      const review = await world.review('commented', ann, { remarks: TWO_REMARKS });
      await world.review('commented', bob, { remarks: [{ path: 'c.txt', line: 1, text: 'Of another' }] });

      const remarks = await world.pullRequests.remarksOf(world.pull, review);
      const [{ remarkCount } = { remarkCount: 0 }] = await world.pullRequests.reviewsOf(world.pull);

      expect(remarks).toMatchObject([
        { path: 'z.txt', line: 9, text: 'First', author: { login: ann }, isResolved: false },
        { path: 'a.txt', line: 2, text: 'Second', author: { login: ann }, isResolved: false },
      ]);
      expect(remarkCount).toBe(2);
    });

    itAnswers(`tells answers among the remarks, and which remark is settled${because}`, async () => {
      const { world, ann, bob } = await start();
      const review = await world.review('commented', ann, { remarks: TWO_REMARKS });
      const before = await world.pullRequests.remarksOf(world.pull, review);
      const answer = await world.answer(review, bob, 'Third');
      await world.resolve(before[0]?.id ?? 0);

      const remarks = await world.pullRequests.remarksOf(world.pull, review);
      const [{ remarkCount } = { remarkCount: 0 }] = await world.pullRequests.reviewsOf(world.pull);

      expect(remarks).toMatchObject([
        { text: 'First', isResolved: true },
        { text: 'Second', isResolved: false },
        { id: answer, text: 'Third', author: { login: bob }, isResolved: false },
      ]);
      expect(remarkCount).toBe(3);
    });

    it('says that a review is about an older commit once there is a newer one', async () => {
      const { world, ann } = await start();
      await world.review('approved', ann);

      await world.push();

      expect(await world.pullRequests.reviewsOf(world.pull)).toMatchObject([{ verdict: 'approved', isStale: true }]);
    });
  });
}

const TWO_REMARKS = [
  { path: 'z.txt', line: 9, text: 'First' },
  { path: 'a.txt', line: 2, text: 'Second' },
];
