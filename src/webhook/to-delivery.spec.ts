import { describe, expect, it } from '@jest/globals';
import { readIssueEvent } from './issue-event.js';
import { toDelivery } from './to-delivery.js';

const request = { id: 'delivery-1', kind: 'issues', receivedAt: 1_000 };

function eventWith(text: string, branch = '') {
  return readIssueEvent({
    action: 'opened',
    issue: {
      number: 1,
      title: text,
      body: text,
      state: 'open',
      assignees: [{ login: text }],
      labels: [{ name: text }],
    },
    repository: { full_name: 'acme/shop', default_branch: branch },
    sender: { login: text },
  });
}

describe('toDelivery', () => {
  it('says what was read, and that a branch is unknown where none was named', () => {
    expect(toDelivery(eventWith('x'), request)).toEqual({
      ...request,
      action: 'opened',
      issue: {
        ref: { owner: 'acme', repo: 'shop', number: 1 },
        title: 'x',
        body: 'x',
        state: 'open',
        assignees: ['x'],
        labels: ['x'],
        updatedAt: '',
        defaultBranch: null,
      },
      sender: 'x',
    });
    expect(toDelivery(eventWith('x', 'main'), request).issue.defaultBranch).toBe('main');
  });

  it.each([
    ['a NUL', 'a\0b', 'a\u{fffd}b'],
    ['half a surrogate pair', 'a\ud800b', 'a\u{fffd}b'],
    ['the other half', 'a\udc00b', 'a\u{fffd}b'],
    ['halves in the wrong order', '\udc00\ud800', '\u{fffd}\u{fffd}'],
    ['a whole pair', '😀', '😀'],
  ])('replaces what no database stores: %s', (_what, text, stored) => {
    const { issue, sender } = toDelivery(eventWith(text), request);

    expect([issue.title, issue.body, issue.assignees, issue.labels, sender]).toEqual([
      stored,
      stored,
      [stored],
      [stored],
      stored,
    ]);
  });
});
