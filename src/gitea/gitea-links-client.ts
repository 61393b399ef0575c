import { Inject, Injectable } from '@nestjs/common';
import type { IssueRef } from '../kernel/index.js';
import { GiteaHttp } from './gitea-http.js';
import { issuePath } from './gitea-paths.js';
import { readIssue } from './read-answer.js';

/**
 * Gitea's and Forgejo's dependency routes, as far as they write. "Exists already", "circular" and "not there" are all a
 * 500 without a word (routers/api/v1/repo/issue_dependency.go): whoever meets one must read.
 */
@Injectable()
export class GiteaLinksClient {
  constructor(@Inject(GiteaHttp) private readonly http: GiteaHttp) {}

  /** @param blocker owner and name spelt as Gitea does: another spelling means another repository to it */
  async addDependency(blocked: IssueRef, blocker: IssueRef): Promise<void> {
    await this.send('POST', blocked, blocker);
  }

  /** @param blocker as for `addDependency` */
  async removeDependency(blocked: IssueRef, blocker: IssueRef): Promise<void> {
    await this.send('DELETE', blocked, blocker);
  }

  /** Both answer an issue: what answers something else is not Gitea, and has done nothing. */
  private async send(method: 'POST' | 'DELETE', blocked: IssueRef, blocker: IssueRef): Promise<void> {
    const path = [...issuePath(blocked), 'dependencies'];
    readIssue((await this.http.send({ method, path, body: metaOf(blocker) })).body);
  }
}

function metaOf({ owner, repo, number }: IssueRef): Readonly<Record<string, unknown>> {
  return { index: number, owner, repo };
}
