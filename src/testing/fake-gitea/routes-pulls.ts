import { findMergeBase } from './bare-repository.js';
import { editTexts } from './act-on-issues.js';
import { mergePull, openPull } from './act-on-pulls.js';
import {
  issueOf,
  optionalText,
  paged,
  refuseArchived,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeIssue, FakePull, FakeRepository } from './fake-gitea.types.js';
import { changeState } from './change-state.js';
import { representListedPull, representPull } from './represent-issue.js';

const PULLS = '/repos/:owner/:repo/pulls';

/** Pull requests, as routers/api/v1/repo/pull.go answers for them. */
export const PULL_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: PULLS,
    scope: 'repository',
    answer(call) {
      const state = call.query.get('state') ?? 'open';
      const pulls = pullsOf(repositoryOf(call))
        .filter(({ issue }) => state === 'all' || issue.state === state)
        .sort((a, b) => b.issue.number - a.issue.number);
      return paged(call, pulls, ({ issue, pull }) => representListedPull(call.world, issue, pull, call.user));
    },
  },
  {
    method: 'POST',
    path: PULLS,
    scope: 'repository',
    answer(call) {
      const repository = repositoryOf(call);
      const user = requireUser(call);
      refuseArchived(repository);
      const headBranch = requiredText(call, 'head');
      const baseBranch = requiredText(call, 'base');
      const title = requiredText(call, 'title');
      refuseBranches(repository, headBranch, baseBranch);
      const body = optionalText(call, 'body') ?? '';
      const start = { title, body, assignees: [], labels: [], headBranch, baseBranch };
      return answerWith(call, openPull(call.world, repository, start, user), 201);
    },
  },
  {
    method: 'GET',
    path: `${PULLS}/:index`,
    scope: 'repository',
    async answer(call) {
      const repository = repositoryOf(call);
      const issue = issueOf(call, repository);
      const { pull } = issue;
      if (pull) pull.mergeBase = await findMergeBase(call.world.place(repository), pull.headCommit, pull.baseCommit);
      return answerWith(call, issue, 200);
    },
  },
  {
    method: 'PATCH',
    path: `${PULLS}/:index`,
    scope: 'repository',
    answer(call) {
      const issue = issueOf(call, repositoryOf(call));
      const user = requireUser(call);
      if (!issue.pull) throw notFound();
      const mayEdit = issue.author === user || call.world.may(user, 'write', issue.repository);
      if (!mayEdit) throw new ApiRefusal(403, 'forbidden', null);
      editTexts(call.world, issue, { title: optionalText(call, 'title'), body: optionalText(call, 'body') }, user);
      const state = optionalText(call, 'state');
      if (state !== undefined) changeState(call, issue, state, user);
      return answerWith(call, issue, 201);
    },
  },
  {
    method: 'POST',
    path: `${PULLS}/:index/merge`,
    scope: 'repository',
    // Old and new spelling of the field: `Do` up to 1.25, `do` from 1.26, which takes both (#37214).
    async answer(call) {
      const issue = issueOf(call, repositoryOf(call, 'write'));
      const method = optionalText(call, 'Do') ?? (call.world.isAtLeast(1, 26) ? optionalText(call, 'do') : undefined);
      if (method === undefined) throw new ApiRefusal(422, '[Do]: Required');
      if (method !== 'merge') throw new ApiRefusal(405, 'Do is not supported by this server');
      if (issue.pull?.mergeCommit) throw new ApiRefusal(405, 'The PR is already merged');
      // Closed unmerged is a 404 (`MergePullRequest`).
      if (issue.state === 'closed') throw notFound();
      const isMerged = await mergePull(call.world, issue, requireUser(call));
      if (!isMerged) throw new ApiRefusal(409, 'merge conflicts');
      return { status: 200 };
    },
  },
  {
    method: 'GET',
    path: `${PULLS}/:base/*head`,
    scope: 'repository',
    // The newest of any state (`GetPullRequestByBaseHeadInfo`).
    answer(call) {
      const found = pullsOf(repositoryOf(call)).findLast(
        ({ pull }) => pull.baseBranch === call.param('base') && pull.headBranch === call.param('head'),
      );
      if (!found) throw notFound();
      return answerWith(call, found.issue, 200);
    },
  },
];

function answerWith(call: ApiCall, issue: FakeIssue, status: number): ApiAnswer {
  if (!issue.pull) throw notFound();
  return { status, body: representPull(call.world, issue, issue.pull, call.user) };
}

function pullsOf(repository: FakeRepository): { issue: FakeIssue; pull: FakePull }[] {
  return [...repository.issues.values()].flatMap((issue) => (issue.pull ? [{ issue, pull: issue.pull }] : []));
}

/** 422 for one branch with itself, 404 for a branch that is not there, 409 with the number where there is one open. */
function refuseBranches(repository: FakeRepository, head: string, base: string): void {
  if (head === base)
    throw new ApiRefusal(422, 'Invalid PullRequest: There are no changes between the head and the base');
  if (!repository.branches.has(head) || !repository.branches.has(base)) throw notFound();
  const existing = pullsOf(repository).find(
    ({ issue, pull }) => issue.state === 'open' && pull.headBranch === head && pull.baseBranch === base,
  );
  if (!existing) return;
  const { issue, pull } = existing;
  throw new ApiRefusal(
    409,
    `pull request already exists for these targets [id: ${pull.id}, issue_id: ${issue.number}, head_repo_id: ${repository.id}, base_repo_id: ${repository.id}, head_branch: ${head}, base_branch: ${base}]`,
  );
}
