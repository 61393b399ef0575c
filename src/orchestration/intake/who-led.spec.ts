import { describe, expect, it } from '@jest/globals';

import type { Standing } from '../../entitlement/index.js';
import type { FactsOfIssue } from './issue-facts.js';
import type { IssueHint } from './issue-hint.js';
import { whoEnded, whoLed } from './who-led.js';

const NOTHING_SAID = { remarks: [], orderedBy: null, unlabelledBy: null };

function standing(login: string): Standing {
  return { isEntitled: true, person: { id: 1, login }, why: '' };
}

function factsWith({
  starter = null,
  editor = null,
  isPresumed = false,
}: { starter?: Standing | null; editor?: Standing | null; isPresumed?: boolean } = {}) {
  const start = { startedBy: { id: 9, login: 'old' }, startEvent: 1, startAt: null, history: null };
  return { starter, editor, present: { start, textHash: 'hash', isPresumed } as FactsOfIssue['present'] };
}

function hintWith(endedBy: string | null): IssueHint {
  return { endedBy } as IssueHint;
}

describe('whoLed', () => {
  it('names who ordered it, else who took the label away, else who spoke last', () => {
    const remarks = [
      { author: 'ann', text: 'One' },
      { author: 'bob', text: 'Two' },
    ];

    const led = [
      { ...NOTHING_SAID, remarks, orderedBy: 'eve' },
      { ...NOTHING_SAID, unlabelledBy: 'ida' },
      { ...NOTHING_SAID, remarks },
      NOTHING_SAID,
    ].map((answer) => whoLed('resume', factsWith({ starter: standing('zoe') }), answer, null));

    expect(led).toEqual([...['eve', 'ida', 'bob'].map((login) => ({ kind: 'person', login })), null]);
  });

  it('names who gave it to the bot, or who did when nobody has since', () => {
    expect(whoLed('enqueue', factsWith({ starter: standing('ann') }), null, null)).toMatchObject({ login: 'ann' });
    expect(whoLed('enqueue', factsWith(), null, null)).toMatchObject({ login: 'old' });
  });

  it('names who edited it, where that is known', () => {
    const [starter, editor] = [standing('ann'), standing('bob')];

    expect(whoLed('reconsider', factsWith({ starter, editor }), null, null)).toMatchObject({ login: 'bob' });
    expect(whoLed('reconsider', factsWith({ starter }), null, null)).toMatchObject({ login: 'ann' });
    expect(whoLed('revise', factsWith({ editor, isPresumed: true }), null, null)).toBeNull();
    const edits = ['other', 'hash', 'hash', 'older'].map((textHash, at) => ({ by: `by-${at}`, textHash }));
    const hint = { edits } as unknown as IssueHint;
    expect(whoLed('revise', factsWith({ editor, isPresumed: true }), null, hint)).toMatchObject({ login: 'by-2' });
  });
});

describe('whoEnded', () => {
  it('is who the deliveries say, unless that is the bot or nobody', () => {
    expect(whoEnded(hintWith('ann'), 'mosaic')).toEqual({ kind: 'person', login: 'ann' });
    expect([whoEnded(hintWith('Mosaic'), 'mosaic'), whoEnded(hintWith(null), 'mosaic')]).toEqual([null, null]);
    expect(whoEnded(null, 'mosaic')).toBeNull();
  });
});
