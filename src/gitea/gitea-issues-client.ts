import { Inject, Injectable } from '@nestjs/common';
import { GiteaHttp } from './gitea-http.js';
import { repositoryPath, type Repository } from './gitea-paths.js';
import type { GiteaIssue } from './gitea.types.js';
import { readWholeList } from './read-all-pages.js';
import { readIssue } from './read-answer.js';

/** Gitea's and Forgejo's issues, as far as the coordinator opens some itself. */
@Injectable()
export class GiteaIssuesClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /** Every issue of a repository that an account opened, open or closed. A server may leave the filter out without a word. */
  async issuesBy(ref: Repository, login: string): Promise<GiteaIssue[]> {
    const query = { state: 'all', type: 'issues', created_by: login };
    return readWholeList(
      this.http.list([...repositoryPath(ref), 'issues'], readIssue, { query, keyOf: ({ id }) => id }),
    );
  }

  async createIssue(ref: Repository, title: string, body: string): Promise<GiteaIssue> {
    const path = [...repositoryPath(ref), 'issues'];
    return readIssue((await this.http.send({ method: 'POST', path, body: { title, body } })).body);
  }
}
