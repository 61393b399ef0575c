import { addComment, deleteComment, editComment } from './act-on-issues.js';
import {
  changedWithin,
  issueOrFailure,
  refuseArchived,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeComment, FakeIssue } from './fake-gitea.types.js';
import { representComment } from './represent-issue.js';

/** Comments, as routers/api/v1/repo/issue_comment.go answers for them. */
export const COMMENT_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/issues/:index/comments',
    scope: 'issue',
    // Everything in one answer: `page` and `limit` are ignored (go-gitea#18082). A missing issue is a 500.
    answer(call) {
      const issue = issueOrFailure(call, repositoryOf(call));
      const found = changedWithin(call, issue.comments, ({ updatedAt }) => updatedAt);
      const body = found.map((comment) => representComment(call.world, issue, comment));
      return { status: 200, body, headers: { 'X-Total-Count': String(body.length) } };
    },
  },
  {
    method: 'POST',
    path: '/repos/:owner/:repo/issues/:index/comments',
    scope: 'issue',
    answer(call) {
      const repository = repositoryOf(call);
      const user = requireUser(call);
      refuseArchived(repository);
      const text = requiredText(call, 'body');
      const issue = issueOrFailure(call, repository);
      const comment = addComment(call.world, issue, text, user);
      return { status: 201, body: representComment(call.world, issue, comment) };
    },
  },
  {
    method: 'GET',
    path: '/repos/:owner/:repo/issues/comments/:id',
    scope: 'issue',
    // Lines of the history are of one count with comments: 204 for one that is none (`GetIssueComment`).
    answer(call) {
      const id = Number(call.param('id'));
      for (const issue of repositoryOf(call).issues.values()) {
        const comment = issue.comments.find((one) => one.id === id);
        if (comment) return { status: 200, body: representComment(call.world, issue, comment) };
        if (issue.timeline.some((entry) => entry.id === id)) return { status: 204 };
      }
      throw notFound();
    },
  },
  {
    method: 'PATCH',
    path: '/repos/:owner/:repo/issues/comments/:id',
    scope: 'issue',
    answer(call) {
      const { issue, comment } = ownComment(call);
      editComment(call.world, issue, comment, requiredText(call, 'body'), requireUser(call));
      return { status: 200, body: representComment(call.world, issue, comment) };
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/issues/comments/:id',
    scope: 'issue',
    answer(call) {
      const { issue, comment } = ownComment(call);
      deleteComment(call.world, issue, comment, requireUser(call));
      return { status: 204 };
    },
  },
];

/** The comment of the path. Whoever neither wrote it nor may write gets a 403 without a body. */
function ownComment(call: ApiCall): { issue: FakeIssue; comment: FakeComment } {
  const repository = repositoryOf(call);
  const user = requireUser(call);
  for (const issue of repository.issues.values()) {
    const comment = issue.comments.find(({ id }) => id === Number(call.param('id')));
    if (!comment) continue;
    const mayEdit = comment.author === user || call.world.may(user, 'write', repository);
    if (!mayEdit) throw new ApiRefusal(403, 'forbidden', null);
    return { issue, comment };
  }
  throw notFound();
}
