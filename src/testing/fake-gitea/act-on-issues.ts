import { announceChange, announceComment } from './announce-change.js';
import { setLabels } from './act-on-labels.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import { FakeGiteaError } from './fake-gitea.errors.js';
import type { FakeComment, FakeIssue, FakeLabel, FakePull, FakeRepository, FakeUser } from './fake-gitea.types.js';

/** What an issue begins with. */
export interface IssueStart {
  readonly title: string;
  readonly body: string;
  readonly assignees: readonly FakeUser[];
  readonly labels: readonly FakeLabel[];
}

/**
 * Opens an issue. With an assignee and labels Gitea sends an event for each, and the order depends on the version:
 * before 1.27 `assigned` comes before `opened` (services/issue/issue.go `NewIssue`; #37330).
 */
export function openIssue(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  start: IssueStart,
  by: FakeUser,
): FakeIssue {
  const issue = addIssue(world, repository, start, by, null);
  const assigned = (): void => {
    for (const _ of issue.assignees) announceChange(world, issue, '_assign', 'assigned', by);
  };
  if (!world.isAtLeast(1, 27)) assigned();
  announceChange(world, issue, '', 'opened', by);
  if (issue.labels.length > 0) announceChange(world, issue, '_label', 'label_updated', by);
  if (world.isAtLeast(1, 27)) assigned();
  return issue;
}

/** Puts an issue or a pull request into the repository, under its next number, and tells nobody. */
export function addIssue(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  start: IssueStart,
  by: FakeUser,
  pull: FakePull | null,
): FakeIssue {
  repository.lastNumber += 1;
  const now = world.now();
  const issue: FakeIssue = {
    id: world.newId(),
    number: repository.lastNumber,
    repository,
    author: by,
    title: start.title,
    body: start.body,
    state: 'open',
    assignees: [...start.assignees],
    labels: [...start.labels],
    comments: [],
    blockers: new Set(),
    timeline: [],
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    pull,
  };
  repository.issues.set(issue.number, issue);
  for (const label of issue.labels) world.note(issue, 'label', by, { label, body: '1' });
  for (const assignee of issue.assignees) world.note(issue, 'assignees', by, { assignee });
  return issue;
}

/**
 * Makes exactly these the assignees. One event for each one changed, removals first; up to 1.26 each with the list
 * as it was in between, from 1.27 all with the final list (#37330).
 */
export function setAssignees(world: FakeGiteaWorld, issue: FakeIssue, wanted: readonly FakeUser[], by: FakeUser): void {
  const removed = issue.assignees.filter((user) => !wanted.includes(user));
  const added = wanted.filter((user) => !issue.assignees.includes(user));
  const steps = [
    ...removed.map((user) => ({ user, action: 'unassigned' })),
    ...added.map((user) => ({ user, action: 'assigned' })),
  ];
  const isFinalAtOnce = world.isAtLeast(1, 27);
  if (isFinalAtOnce) issue.assignees = [...wanted];
  for (const { user, action } of steps) {
    const isRemoved = action === 'unassigned';
    if (!isFinalAtOnce) {
      issue.assignees = isRemoved ? issue.assignees.filter((other) => other !== user) : [...issue.assignees, user];
    }
    world.note(issue, 'assignees', by, { assignee: user, isRemoved });
    announceChange(world, issue, '_assign', action, by);
  }
}

/** Changes title and body. Two events when both changed. */
export function editTexts(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  texts: { readonly title?: string | undefined; readonly body?: string | undefined },
  by: FakeUser,
): void {
  for (const field of ['title', 'body'] as const) {
    const text = texts[field];
    if (text === undefined || text === issue[field]) continue;
    const from = issue[field];
    issue[field] = text;
    issue.updatedAt = world.now();
    // An edited body leaves no line (services/issue/content.go): it has a history of its own.
    if (field === 'title') world.note(issue, 'change_title', by, { titles: [from, text] });
    announceChange(world, issue, '', 'edited', by, { changes: { [field]: { from } } });
  }
}

/**
 * Closes an issue or a pull request; closing what is closed does nothing.
 *
 * @throws {FakeGiteaError} if something that blocks it is open
 */
export function closeIssue(world: FakeGiteaWorld, issue: FakeIssue, by: FakeUser, commitId = ''): void {
  if (issue.state === 'closed') return;
  if (world.hasOpenBlockers(issue)) {
    throw new FakeGiteaError('cannot close this issue or pull request because it still has open dependencies');
  }
  issue.state = 'closed';
  issue.closedAt = world.now();
  // A merge closes a pull request without a line of its own for that (services/pull/merge.go).
  world.note(issue, issue.pull?.mergedAt ? 'merge_pull' : 'close', by);
  announceChange(world, issue, '', 'closed', by, { commitId });
}

/** Opens it again; reopening what is open does nothing. */
export function reopenIssue(world: FakeGiteaWorld, issue: FakeIssue, by: FakeUser): void {
  if (issue.state === 'open') return;
  issue.state = 'open';
  issue.closedAt = null;
  world.note(issue, 'reopen', by);
  announceChange(world, issue, '', 'reopened', by);
}

/** Deletes it. Before 1.25 no webhook tells (#34592). */
export function deleteIssue(world: FakeGiteaWorld, issue: FakeIssue, by: FakeUser): void {
  for (const dependant of world.dependants(issue)) dependant.blockers.delete(issue);
  issue.repository.issues.delete(issue.number);
  if (world.isAtLeast(1, 25)) announceChange(world, issue, '', 'deleted', by);
}

export function addComment(world: FakeGiteaWorld, issue: FakeIssue, body: string, by: FakeUser): FakeComment {
  const now = world.now();
  const comment = { id: world.newId(), author: by, body, createdAt: now, updatedAt: now };
  issue.comments.push(comment);
  world.note(issue, 'comment', by, { id: comment.id, body });
  announceComment(world, issue, comment, 'created', by);
  return comment;
}

/** Edits a comment. An unchanged text sends nothing (tests/integration/repo_webhook_test.go). */
export function editComment(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  comment: FakeComment,
  body: string,
  by: FakeUser,
): void {
  if (comment.body === body) return;
  const from = comment.body;
  comment.body = body;
  comment.updatedAt = world.now();
  announceComment(world, issue, comment, 'edited', by, from);
}

export function deleteComment(world: FakeGiteaWorld, issue: FakeIssue, comment: FakeComment, by: FakeUser): void {
  issue.comments.splice(issue.comments.indexOf(comment), 1);
  issue.timeline.splice(
    issue.timeline.findIndex(({ id }) => id === comment.id),
    1,
  );
  announceComment(world, issue, comment, 'deleted', by);
}

/** Gives the issue labels by name, as the web page does. */
export function addLabelsByName(
  world: FakeGiteaWorld,
  issue: FakeIssue,
  labels: readonly FakeLabel[],
  by: FakeUser,
): void {
  // The web page sends one event for each label (go-gitea#28924).
  for (const label of labels) setLabels(world, issue, [...issue.labels, label], by);
}

/**
 * Makes `blocker` block `issue`. No webhook tells (go-gitea#11765). False if it does already, or if it would be
 * blocked by what it blocks: only cycles of two are refused, not one of itself (models/issues/dependency.go).
 */
export function addDependency(issue: FakeIssue, blocker: FakeIssue): boolean {
  if (issue.blockers.has(blocker) || blocker.blockers.has(issue)) return false;
  issue.blockers.add(blocker);
  return true;
}

/** False if there is no such dependency. */
export function removeDependency(issue: FakeIssue, blocker: FakeIssue): boolean {
  return issue.blockers.delete(blocker);
}
