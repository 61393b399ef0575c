import { describePullRequests } from '../../../test/contracts/pull-requests.contract.js';
import { InMemoryPullRequests } from './in-memory-pull-requests.js';

const PULL = { owner: 'ann', repo: 'shop', number: 2 };
const IDS: Readonly<Record<string, number>> = { ann: 1, bob: 2, bot: 3 };

describePullRequests('InMemoryPullRequests', async () => {
  const pullRequests = new InMemoryPullRequests('bot');
  const account = (login: string) => ({ id: IDS[login] ?? 0, login });
  return {
    pullRequests,
    pull: PULL,
    bot: 'bot',
    review: (verdict, by, given = {}) => pullRequests.review(PULL, account(by), { verdict, ...given }),
    answer: (reviewId, by, text) => pullRequests.answer(PULL, reviewId, account(by), { path: 'a.txt', line: 2, text }),
    dismiss: (reviewId) => pullRequests.change(PULL, reviewId, { isDismissed: true }),
    resolve: (remarkId) => pullRequests.resolve(PULL, remarkId),
    push: async () => {
      for (const { id } of await pullRequests.reviewsOf(PULL)) pullRequests.change(PULL, id, { isStale: true });
    },
    merge: async (by) => pullRequests.put(PULL, { state: 'merged', mergedBy: by }),
    close: () => pullRequests.put(PULL, { state: 'closed', mergedBy: null }),
    reopen: () => pullRequests.put(PULL, { state: 'open', mergedBy: null }),
    end: async () => undefined,
  };
});
