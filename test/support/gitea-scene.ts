import type { IssueRef } from '../../src/kernel/index.js';
import { apiPath, type GiteaUnderTest, type Json, type RepositoryUnderTest, type Who } from './gitea-under-test.js';

export interface SeenComment {
  readonly id: number;
  readonly body: string;
  readonly author: string;
  /** Where people read it. */
  readonly url: string;
}

export interface SeenPullRequest {
  readonly number: number;
  readonly state: string;
  readonly body: string;
  readonly headBranch: string;
  readonly headCommit: string;
  readonly baseBranch: string;
}

export interface SeenIssue {
  readonly title: string;
  readonly body: string;
  readonly state: string;
  readonly assignees: readonly string[];
  readonly author: string;
}

interface ReviewForm {
  readonly event: 'APPROVED' | 'REQUEST_CHANGES' | 'COMMENT';
  readonly body?: string;
  readonly remarks?: readonly { readonly path: string; readonly line: number; readonly body: string }[];
}

type Login = { readonly login: string };

/** One repository of a Gitea, and what people do and see in it. By the person, where nobody else is named. */
export class GiteaScene {
  readonly path: string;

  constructor(
    readonly gitea: GiteaUnderTest,
    readonly repository: RepositoryUnderTest,
  ) {
    this.path = apiPath(repository);
  }

  get bot(): string {
    return this.gitea.login('bot');
  }

  get person(): string {
    return this.gitea.login('person');
  }

  /** Takes webhooks to an address from here on. */
  async tell(url: string, secret: string): Promise<void> {
    const config = { url, content_type: 'json', secret };
    const form = { type: 'gitea', active: true, events: ['issues', 'pull_request'], config };
    await this.gitea.ask('person', 'POST', `${this.path}/hooks`, form);
  }

  /** Nothing is told any more. */
  async tellNobody(): Promise<void> {
    const hooks = await this.gitea.ask<readonly { readonly id: number }[]>('person', 'GET', `${this.path}/hooks`);
    for (const { id } of hooks) await this.gitea.ask('person', 'DELETE', `${this.path}/hooks/${id}`);
  }

  async openIssue(
    title: string,
    body = '',
    { by = 'person', assignees = [] }: { readonly by?: Who; readonly assignees?: readonly Who[] } = {},
  ): Promise<IssueRef> {
    const form = { title, body, assignees: assignees.map((who) => this.gitea.login(who)) };
    const { number } = await this.gitea.ask(by, 'POST', `${this.path}/issues`, form);
    return this.ref(Number(number));
  }

  ref(number: number): IssueRef {
    const { owner, repo } = this.repository;
    return { owner, repo, number };
  }

  /** Assigns these and nobody else. */
  async assign(ref: IssueRef, whom: readonly Who[] = ['bot'], by: Who = 'person'): Promise<void> {
    await this.change(ref, { assignees: whom.map((who) => this.gitea.login(who)) }, by);
  }

  unassign(ref: IssueRef, by: Who = 'person'): Promise<void> {
    return this.assign(ref, [], by);
  }

  close(ref: IssueRef, by: Who = 'person'): Promise<void> {
    return this.change(ref, { state: 'closed' }, by);
  }

  reopen(ref: IssueRef, by: Who = 'person'): Promise<void> {
    return this.change(ref, { state: 'open' }, by);
  }

  edit(ref: IssueRef, body: string, by: Who = 'person'): Promise<void> {
    return this.change(ref, { body }, by);
  }

  async remove(ref: IssueRef): Promise<void> {
    await this.gitea.ask('person', 'DELETE', apiPath(ref, ref));
  }

  async comment(ref: IssueRef, body: string, by: Who = 'person'): Promise<void> {
    await this.gitea.ask(by, 'POST', `${apiPath(ref, ref)}/comments`, { body });
  }

  /** Makes the label where there is none of the name. */
  async addLabel(ref: IssueRef, name: string, by: Who = 'person'): Promise<void> {
    const labels = await this.gitea.list<{ readonly id: number; readonly name: string }>(`${this.path}/labels`);
    const id =
      labels.find((label) => label.name === name)?.id ??
      (await this.gitea.ask(by, 'POST', `${this.path}/labels`, { name, color: '#00aabb' }))['id'];
    await this.gitea.ask(by, 'POST', `${apiPath(ref, ref)}/labels`, { labels: [id] });
  }

  async removeLabel(ref: IssueRef, name: string, by: Who = 'person'): Promise<void> {
    const path = `${apiPath(ref, ref)}/labels`;
    const labels = await this.gitea.ask<readonly { readonly id: number; readonly name: string }[]>(by, 'GET', path);
    for (const { id } of labels.filter((label) => label.name === name)) {
      await this.gitea.ask(by, 'DELETE', `${path}/${id}`);
    }
  }

  /** The second blocks the first. */
  block(ref: IssueRef, { owner, repo, number: index }: IssueRef): Promise<unknown> {
    return this.gitea.ask('person', 'POST', `${apiPath(ref, ref)}/dependencies`, { owner, repo, index });
  }

  /** What blocks it, as people see it. */
  async blockersOf(ref: IssueRef): Promise<readonly IssueRef[]> {
    type Blocker = { readonly number: number; readonly repository: { readonly owner: string; readonly name: string } };
    const all = await this.gitea.list<Blocker>(`${apiPath(ref, ref)}/dependencies`);
    return all.map(({ number, repository: { owner, name: repo } }) => ({ owner, repo, number }));
  }

  async issue(ref: IssueRef): Promise<SeenIssue> {
    const seen = await this.gitea.ask('person', 'GET', apiPath(ref, ref));
    const { title, body, state, assignees, user } = seen;
    return {
      title: String(title),
      body: String(body),
      state: String(state),
      assignees: ((assignees ?? []) as readonly Login[]).map(({ login }) => login),
      author: (user as Login).login,
    };
  }

  /** Every issue that is no pull request, oldest first. */
  async issues(): Promise<readonly IssueRef[]> {
    const all = await this.gitea.list<{ readonly number: number }>(`${this.path}/issues?state=all&type=issues`);
    return all.map(({ number }) => this.ref(number)).toSorted((a, b) => a.number - b.number);
  }

  async labels(ref: IssueRef): Promise<readonly string[]> {
    const path = `${apiPath(ref, ref)}/labels`;
    const all = await this.gitea.ask<readonly { readonly name: string }[] | null>('person', 'GET', path);
    return (all ?? []).map(({ name }) => name).sort();
  }

  /** Oldest first. */
  async comments(ref: IssueRef): Promise<readonly SeenComment[]> {
    type Comment = { readonly id: number; readonly body: string; readonly user: Login; readonly html_url: string };
    const all = await this.gitea.ask<readonly Comment[] | null>('person', 'GET', `${apiPath(ref, ref)}/comments`);
    return (all ?? []).map(({ id, body, user, html_url: url }) => ({ id, body, author: user.login, url }));
  }

  /** Open and closed ones, oldest first. */
  async pullRequests(): Promise<readonly SeenPullRequest[]> {
    type Branch = { readonly ref: string; readonly sha: string };
    type Pull = { number: number; state: string; body: string; head: Branch; base: Branch };
    const all = await this.gitea.list<Pull>(`${this.path}/pulls?state=all`);
    return all
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, state, body, head, base }) => {
        return { number, state, body, headBranch: head.ref, headCommit: head.sha, baseBranch: base.ref };
      });
  }

  /** Reviews a pull request, and returns the review's id. */
  async review(pull: IssueRef, { event, body = '', remarks = [] }: ReviewForm, by: Who = 'person'): Promise<number> {
    const comments = remarks.map(({ path, line, body: text }) => ({ path, body: text, new_position: line }));
    const form = { event, body, comments };
    const { id } = await this.gitea.ask(by, 'POST', `${this.path}/pulls/${pull.number}/reviews`, form);
    return Number(id);
  }

  async dismiss(pull: IssueRef, review: number): Promise<void> {
    const form = { message: 'Settled', priors: false };
    await this.gitea.ask('person', 'POST', `${this.path}/pulls/${pull.number}/reviews/${review}/dismissals`, form);
  }

  /** Merges as soon as the server has found out that it can. */
  async merge(number: number, by: Who = 'person'): Promise<void> {
    const path = `${this.path}/pulls/${number}`;
    await this.gitea.until(
      () => this.gitea.ask('person', 'GET', path),
      ({ mergeable }) => mergeable === true,
    );
    await this.gitea.ask(by, 'POST', `${path}/merge`, { Do: 'merge' });
  }

  /** Every status ever set on a commit, oldest first. */
  async statuses(commit: string) {
    type Status = { id: number; context: string; status: string; description: string; target_url: string };
    const all = await this.gitea.list<Status>(`${this.path}/commits/${commit}/statuses`);
    return all
      .toSorted((a, b) => a.id - b.id)
      .map(({ context, status, description, target_url: url }) => {
        return { context, state: status, description, targetUrl: url || null };
      });
  }

  /** The commit that a branch is at, or null where there is no such branch. */
  async resolve(branch: string): Promise<string | null> {
    const found = await this.gitea.askFor<{ commit: { id: string } }>('person', `${this.path}/branches/${branch}`);
    return found === null ? null : found.commit.id;
  }

  async readFile(revision: string, file: string): Promise<string | null> {
    const found = await this.gitea.askFor(
      'person',
      `${this.path}/contents/${file}?ref=${encodeURIComponent(revision)}`,
    );
    return found === null ? null : Buffer.from(String(found['content']), 'base64').toString('utf8');
  }

  /** Adds a file, which must be new, to a branch that is there. */
  async addFile(branch: string, file: string, text: string, by: Who = 'person'): Promise<void> {
    const form = { content: Buffer.from(text).toString('base64'), message: `Add ${file}`, branch };
    await this.gitea.ask(by, 'POST', `${this.path}/contents/${file}`, form);
  }

  /** Begins a branch at `main`. */
  async createBranch(branch: string): Promise<void> {
    await this.gitea.ask('person', 'POST', `${this.path}/branches`, {
      new_branch_name: branch,
      old_branch_name: 'main',
    });
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.gitea.ask('person', 'DELETE', `${this.path}/branches/${branch}`);
  }

  async openPullRequest(title: string, head: string, by: Who = 'bot'): Promise<IssueRef> {
    const { number } = await this.gitea.ask(by, 'POST', `${this.path}/pulls`, { title, head, base: 'main' });
    return this.ref(Number(number));
  }

  private async change(ref: IssueRef, form: Json, by: Who): Promise<void> {
    await this.gitea.ask(by, 'PATCH', apiPath(ref, ref), form);
  }
}
