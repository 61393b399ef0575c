import { clearLabels, createLabel, deleteLabel, setLabels } from './act-on-labels.js';
import {
  issueOf,
  optionalList,
  optionalText,
  paged,
  repositoryOf,
  requireUser,
  requiredText,
  type ApiAnswer,
  type ApiCall,
  type ApiRoute,
} from './api-call.js';
import { ApiRefusal, notFound } from './fake-gitea.errors.js';
import type { FakeIssue, FakeLabel, FakeRepository } from './fake-gitea.types.js';
import { representLabel, representLabelAt } from './represent-repository.js';

const ISSUE_LABELS = '/repos/:owner/:repo/issues/:index/labels';
const COLOR = /^#?[0-9a-f]{6}$/i;

/** Labels, as routers/api/v1/repo/label.go and issue_label.go answer for them. */
export const LABEL_ROUTES: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/repos/:owner/:repo/labels',
    scope: 'issue',
    answer(call) {
      const repository = repositoryOf(call);
      const sorted = [...repository.labels].sort((a, b) => a.name.localeCompare(b.name));
      return paged(call, sorted, (label) => representLabel(call.world, repository, label));
    },
  },
  {
    method: 'GET',
    path: '/orgs/:organization/labels',
    scope: 'organization',
    // 404 for an account that is no organisation (routers/api/v1/api.go `orgAssignment`).
    answer(call) {
      const owner = call.world.users.get(call.param('organization').toLowerCase());
      const labels = owner && call.world.organizationLabels.get(owner);
      if (!owner || !labels) throw notFound();
      return paged(call, labels, (label) => representLabelAt(call.world, `orgs/${owner.login}`, label));
    },
  },
  {
    method: 'POST',
    path: '/repos/:owner/:repo/labels',
    scope: 'issue',
    // A second label of the same name is made without a word: `NewLabel` just inserts.
    answer(call) {
      requireUser(call);
      const repository = repositoryOf(call, 'write');
      const name = requiredText(call, 'name');
      const color = requiredText(call, 'color');
      if (!COLOR.test(color)) throw new ApiRefusal(422, `invalid color: ${color}`);
      const label = createLabel(call.world, repository, {
        name,
        color: color.replace('#', '').toLowerCase(),
        description: optionalText(call, 'description') ?? '',
        exclusive: call.body['exclusive'] === true,
      });
      return { status: 201, body: representLabel(call.world, repository, label) };
    },
  },
  {
    method: 'GET',
    path: ISSUE_LABELS,
    scope: 'issue',
    // Not paged (go-gitea#18082).
    answer(call) {
      const repository = repositoryOf(call);
      return labelsOf(call, repository, issueOf(call, repository));
    },
  },
  {
    method: 'POST',
    path: ISSUE_LABELS,
    scope: 'issue',
    answer(call) {
      const { repository, issue } = writableIssue(call);
      setLabels(call.world, issue, [...issue.labels, ...namedLabels(call, repository)], requireUser(call));
      return labelsOf(call, repository, issue);
    },
  },
  {
    method: 'PUT',
    path: ISSUE_LABELS,
    scope: 'issue',
    answer(call) {
      const { repository, issue } = writableIssue(call);
      setLabels(call.world, issue, namedLabels(call, repository), requireUser(call));
      return labelsOf(call, repository, issue);
    },
  },
  {
    method: 'DELETE',
    path: ISSUE_LABELS,
    scope: 'issue',
    answer(call) {
      const { issue } = writableIssue(call);
      clearLabels(call.world, issue, requireUser(call));
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: `${ISSUE_LABELS}/:id`,
    scope: 'issue',
    // By id only. A label the repository does not have is a 422 (`DeleteIssueLabel`).
    answer(call) {
      const { repository, issue } = writableIssue(call);
      const label = usableLabels(call, repository).find(({ id }) => id === Number(call.param('id')));
      if (!label) throw new ApiRefusal(422, `label does not exist [label_id: ${call.param('id')}]`);
      const rest = issue.labels.filter((other) => other !== label);
      setLabels(call.world, issue, rest, requireUser(call));
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: '/repos/:owner/:repo/labels/:id',
    scope: 'issue',
    answer(call) {
      requireUser(call);
      const isDeleted = deleteLabel(repositoryOf(call, 'write'), Number(call.param('id')));
      if (!isDeleted) throw notFound();
      return { status: 204 };
    },
  },
];

function writableIssue(call: ApiCall): { repository: FakeRepository; issue: FakeIssue } {
  requireUser(call);
  const repository = repositoryOf(call, 'write');
  return { repository, issue: issueOf(call, repository) };
}

/**
 * The labels of the body, by ids or by names; names since 1.22 (#30943), and a name that two labels have means both.
 * Those the repository does not have are skipped without a word. Ids and names mixed are a 400.
 */
function namedLabels(call: ApiCall, repository: FakeRepository): FakeLabel[] {
  const asked = optionalList(call, 'labels') ?? [];
  const types = new Set(asked.map((one) => typeof one));
  if (types.size > 1) throw new ApiRefusal(400, 'labels must be an array of strings or an array of integers');
  if (types.has('string') && !call.world.isAtLeast(1, 22)) throw new ApiRefusal(422, '[]: Deserialization');
  return usableLabels(call, repository).filter(({ id, name }) => asked.includes(id) || asked.includes(name));
}

/** Those of the repository and of its organisation (models/issues/issue_label.go `newIssueLabels`). */
function usableLabels({ world }: ApiCall, { owner, labels }: FakeRepository): readonly FakeLabel[] {
  return [...labels, ...(world.organizationLabels.get(owner) ?? [])];
}

function labelsOf(call: ApiCall, repository: FakeRepository, issue: FakeIssue): ApiAnswer {
  return { status: 200, body: issue.labels.map((label) => representLabel(call.world, repository, label)) };
}
