import { announceChange } from './announce-change.js';
import type { FakeGiteaWorld } from './fake-gitea-world.js';
import type { FakeIssue, FakeLabel, FakeRepository, FakeUser } from './fake-gitea.types.js';

/** Makes a label. Names need not be unique: `NewLabel` just inserts (models/issues/label.go). */
export function createLabel(
  world: FakeGiteaWorld,
  repository: FakeRepository,
  label: Partial<Omit<FakeLabel, 'id'>> & { readonly name: string },
): FakeLabel {
  const created = { id: world.newId(), color: '888888', description: '', exclusive: false, ...label };
  repository.labels.push(created);
  return created;
}

/** Deletes a label from the repository and from its issues. False when there is none of that id. */
export function deleteLabel(repository: FakeRepository, id: number): boolean {
  const at = repository.labels.findIndex((label) => label.id === id);
  if (at < 0) return false;
  repository.labels.splice(at, 1);
  for (const issue of repository.issues.values()) issue.labels = issue.labels.filter((label) => label.id !== id);
  return true;
}

/** The label of that name, made when there is none. */
export function labelNamed(world: FakeGiteaWorld, repository: FakeRepository, name: string): FakeLabel {
  return repository.labels.find((label) => label.name === name) ?? createLabel(world, repository, { name });
}

/**
 * Makes these the issue's labels. Of exclusive labels in one scope the last one stays
 * (models/issues/issue_label.go `RemoveDuplicateExclusiveIssueLabels`). An event is sent even when nothing changed
 * (services/issue/label.go).
 */
export function setLabels(world: FakeGiteaWorld, issue: FakeIssue, labels: readonly FakeLabel[], by: FakeUser): void {
  noteLabels(world, issue, withoutPushedOut([...new Set(labels)]), by);
  announceChange(world, issue, '_label', 'label_updated', by);
}

/** Takes every label away. */
export function clearLabels(world: FakeGiteaWorld, issue: FakeIssue, by: FakeUser): void {
  noteLabels(world, issue, [], by);
  announceChange(world, issue, '_label', 'label_cleared', by);
}

/** A line for each label that came or went (models/issues/issue_label.go `newIssueLabel`, `deleteIssueLabel`). */
function noteLabels(world: FakeGiteaWorld, issue: FakeIssue, wanted: readonly FakeLabel[], by: FakeUser): void {
  const before = issue.labels;
  issue.labels = [...wanted];
  for (const label of before.filter((one) => !wanted.includes(one))) world.note(issue, 'label', by, { label });
  for (const label of wanted.filter((one) => !before.includes(one)))
    world.note(issue, 'label', by, { label, body: '1' });
}

function withoutPushedOut(labels: readonly FakeLabel[]): FakeLabel[] {
  return labels.filter((label, at) => {
    const scope = exclusiveScope(label);
    return scope === null || !labels.slice(at + 1).some((later) => exclusiveScope(later) === scope);
  });
}

/** The text before the last slash, of exclusive labels only (models/issues/label.go `ExclusiveScope`). */
function exclusiveScope(label: FakeLabel): string | null {
  const slash = label.name.lastIndexOf('/');
  return label.exclusive && slash > 0 ? label.name.slice(0, slash) : null;
}
