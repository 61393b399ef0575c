import { afterAll, describe } from '@jest/globals';
import { FakeUnderTest } from './fake-under-test.js';
import { LiveGitea, liveGiteaOf, rightsOf } from './live-gitea.js';
import type { GiteaUnderTest } from './gitea-under-test.js';

const LIVE = liveGiteaOf();
const RIGHTS = LIVE === null ? null : await rightsOf(LIVE);

/** Where tests get their Gitea from. */
export interface GiteaHost {
  /** Whether it is a real one, of which nothing is known but what it answers. */
  readonly isLive: boolean;
  /** One for a test, which gives it back with `release`. */
  open(): Promise<GiteaUnderTest>;
  release(gitea: GiteaUnderTest): Promise<void>;
}

/** A fake Gitea for each test. */
export const FAKE_HOST: GiteaHost = {
  isLive: false,
  open: () => FakeUnderTest.open(),
  release: (gitea) => gitea.close(),
};

/** The real server that GITEA_LIVE_URL names, with accounts for one file of tests. */
class LiveHost implements GiteaHost {
  readonly isLive = true;
  private opened: Promise<LiveGitea> | null = null;

  open(): Promise<LiveGitea> {
    this.opened ??= LiveGitea.open(LIVE ?? { url: '', token: '' }, RIGHTS ?? undefined);
    return this.opened;
  }

  /** Its repositories go with the test that made them, its accounts with the file. */
  async release(gitea: GiteaUnderTest): Promise<void> {
    if (gitea instanceof LiveGitea) await gitea.deleteRepositories();
  }

  async close(): Promise<void> {
    await (await this.opened)?.close();
  }
}

/**
 * The same tests on the fake Gitea, and on the real one where GITEA_LIVE_URL and GITEA_LIVE_TOKEN name one. Where they do
 * not, they are reported as skipped.
 */
export function describeOnEveryGitea(title: string, tests: (host: GiteaHost) => void): void {
  describe(title, () => {
    tests(FAKE_HOST);
  });
  describeLive(title, tests);
}

/** Tests on the real server alone, for several people. */
export function describeLive(title: string, tests: (host: GiteaHost) => void): void {
  const mayNot = 'skipped: the token may not make the accounts that this needs';
  declareLive(title, RIGHTS?.mayMakeAccounts === false ? mayNot : null, tests);
}

/** Tests on the real server alone, in which everybody may be the same account. */
export function describeLiveAlone(title: string, tests: (host: GiteaHost) => void): void {
  declareLive(title, null, tests);
}

function declareLive(title: string, because: string | null, tests: (host: GiteaHost) => void): void {
  const skipped = LIVE === null ? 'skipped without GITEA_LIVE_URL and GITEA_LIVE_TOKEN' : because;
  const declare = skipped === null ? describe : describe.skip;
  declare(`${title}, live (${skipped ?? LIVE?.url})`, () => {
    const host = new LiveHost();
    afterAll(() => host.close());
    tests(host);
  });
}
