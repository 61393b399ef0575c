import { describe, expect, it } from '@jest/globals';
import { eventKind, isPullRequestKind, subjectOf } from './event-kind.js';

const issue = (kind: string) => ({ interest: 'issue', kind });
const none = (kind: string) => ({ interest: 'none', kind });

describe('eventKind', () => {
  it.each([
    ['issues', ['opened', 'edited', 'closed', 'reopened', 'deleted']],
    ['issue_assign', ['assigned', 'unassigned']],
    ['issue_label', ['label_updated', 'label_cleared']],
    ['issue_comment', ['created', 'edited', 'deleted']],
  ])('is interested in %s: %j', (type, actions) => {
    for (const action of actions) {
      expect(eventKind({ 'x-gitea-event-type': type, 'x-gitea-event': 'anything' }, action)).toEqual(issue(type));
    }
  });

  it.each([
    'issue_milestone',
    'pull_request_assign',
    'pull_request_sync',
    'pull_request_review_request',
    'pull_request_review',
    'push',
    'create',
    'delete',
    'fork',
    'release',
    'repository',
    'wiki',
    'package',
    'status',
    'workflow_run',
    'toString',
    '__proto__',
    'issues, issues',
  ])('is not interested in %s', (type) => {
    expect(eventKind({ 'x-gitea-event-type': type, 'x-gitea-event': 'issues' }, 'opened')).toEqual(none(type));
    expect(eventKind({ 'x-gitea-event': type }, 'opened')).toEqual(none(type));
    expect(eventKind({ 'x-gitea-event': type }, undefined)).toEqual(none(type));
  });

  it.each([
    ['pull_request', ['closed', 'reopened', 'deleted']],
    ['pull_request_review_approved', ['reviewed']],
    ['pull_request_review_rejected', ['reviewed']],
    ['pull_request_review_comment', ['reviewed']],
    ['pull_request_comment', ['created']],
  ])('is interested in %s of a pull request: %j', (type, actions) => {
    for (const action of actions) {
      const kind = eventKind({ 'x-gitea-event-type': type, 'x-gitea-event': 'anything' }, action);

      expect(kind).toEqual({ interest: 'pull_request', kind: type });
    }
    expect(eventKind({ 'x-gitea-event-type': type }, 'edited')).toEqual(none(type));
    expect(isPullRequestKind(type)).toBe(true);
    expect(subjectOf(type)).toBe(type === 'pull_request_comment' ? 'issue' : 'pull_request');
  });

  it('takes no review for a comment where only the event says so, which means the one there and the other here', () => {
    expect(eventKind({ 'x-gitea-event': 'pull_request_comment' }, 'reviewed')).toEqual(none('pull_request_comment'));
  });

  it('is not interested in an action it does not know', () => {
    expect(eventKind({ 'x-gitea-event-type': 'issues' }, 'pinned')).toEqual(none('issues'));
    expect(eventKind({ 'x-gitea-event-type': 'issues' }, 'assigned')).toEqual(none('issues'));
    expect(eventKind({ 'x-gitea-event-type': 'issue_comment' }, 'toString')).toEqual(none('issue_comment'));
  });

  it.each([
    ['opened', 'issues'],
    ['edited', 'issues'],
    ['closed', 'issues'],
    ['reopened', 'issues'],
    ['deleted', 'issues'],
    ['assigned', 'issue_assign'],
    ['unassigned', 'issue_assign'],
    ['label_updated', 'issue_label'],
    ['label_cleared', 'issue_label'],
  ])('tells by the action %s what the event issues is, where there is no type', (action, kind) => {
    expect(eventKind({ 'x-gogs-event': 'issues' }, action)).toEqual(issue(kind));
  });

  it('knows milestones as no interest, where there is no type', () => {
    expect(eventKind({ 'x-gogs-event': 'issues' }, 'milestoned')).toEqual(none('issues'));
  });

  it('knows a comment by its event, where there is no type', () => {
    expect(eventKind({ 'x-gogs-event': 'issue_comment' }, 'created')).toEqual(issue('issue_comment'));
  });

  it.each(['x-gitea-event-type', 'x-forgejo-event-type', 'x-gogs-event-type', 'x-github-event-type'])(
    'reads %s before every event header',
    (header) => {
      expect(eventKind({ 'x-gitea-event': 'push', [header]: 'issue_label' }, 'label_cleared')).toEqual(
        issue('issue_label'),
      );
    },
  );

  it.each(['x-gitea-event', 'x-forgejo-event', 'x-gogs-event', 'x-github-event'])('reads %s', (header) => {
    expect(eventKind({ 'x-gitea-event-type': '', [header]: 'issues' }, 'opened')).toEqual(issue('issues'));
  });

  it.each([undefined, null, 7, {}, ['opened']])('lets the action %j through, for the shape to refuse it', (action) => {
    expect(eventKind({ 'x-gitea-event-type': 'issue_assign' }, action)).toEqual(issue('issue_assign'));
    expect(eventKind({ 'x-gitea-event': 'issues' }, action)).toEqual(issue('issues'));
  });

  it('says that it cannot know where no header names an event', () => {
    expect(eventKind({ 'x-gitea-event': '' }, 'opened')).toEqual({ interest: 'unknown' });
  });
});
