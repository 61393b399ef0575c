import { describe, expect, it } from '@jest/globals';
import { eventOfType, wantsEvent } from './hook-events.js';

describe('eventOfType', () => {
  it.each([
    ['issue_assign', 'issues'],
    ['pull_request_comment', 'issue_comment'],
    ['pull_request_sync', 'pull_request'],
    ['release', 'release'],
  ])('calls %s %s', (type, event) => {
    expect(eventOfType(type)).toBe(event);
  });
});

describe('wantsEvent', () => {
  it.each([
    [['issues'], 'issue_assign', true],
    [['issues'], 'pull_request', false],
    [['issues_only'], 'issue_assign', false],
    [['pull_request'], 'pull_request_sync', true],
    [['push'], 'push', true],
    [['all'], 'issues', false],
    [[], 'push', true],
    [[], 'issues', false],
  ])('takes %j to want %s: %s', (events, type, isWanted) => {
    expect(wantsEvent(events, type)).toBe(isWanted);
  });
});
