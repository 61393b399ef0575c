import { FakeGitea, type CreatedRepository, type FakeGiteaOptions } from '../../src/testing/index.js';
import { GiteaUnderTest, type RepositoryUnderTest, type Who } from './gitea-under-test.js';

const LOGINS: Readonly<Record<Who, string>> = {
  person: 'ada',
  colleague: 'grace',
  bot: 'mosaic',
  stranger: 'stranger',
};

/** A fake Gitea of this process, with an organisation `acme` whose repositories are called `tools`, `tools-2`, … */
export class FakeUnderTest extends GiteaUnderTest {
  private readonly tokens = new Map<Who, string>();
  /** As they were made, oldest first. */
  readonly repositories: CreatedRepository[] = [];
  readonly url: string;

  private constructor(readonly fake: FakeGitea) {
    super();
    this.url = fake.url;
  }

  static async open(options: FakeGiteaOptions = {}): Promise<FakeUnderTest> {
    const opened = new FakeUnderTest(await FakeGitea.start({ ...options, users: Object.values(LOGINS) }));
    for (const [who, login] of Object.entries(LOGINS)) opened.tokens.set(who as Who, opened.fake.createToken(login));
    return opened;
  }

  async close(): Promise<void> {
    await this.fake.close();
  }

  login(who: Who): string {
    return LOGINS[who];
  }

  tokenOf(who: Who): string {
    return String(this.tokens.get(who));
  }

  async createRepository(files: Readonly<Record<string, string>> = {}): Promise<RepositoryUnderTest> {
    const before = this.repositories.length;
    const created = await this.fake.createRepository({
      owner: 'acme',
      name: before === 0 ? 'tools' : `tools-${before + 1}`,
      files: { 'README.md': '# tools\n', ...files },
      collaborators: { [LOGINS.bot]: 'write', [LOGINS.person]: 'admin', [LOGINS.colleague]: 'write' },
    });
    this.repositories.push(created);
    return { owner: created.owner, repo: created.repo, commit: String(created.commit) };
  }

  /** Goes with the server. */
  async deleteRepository(): Promise<void> {}
}
