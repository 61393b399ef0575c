import { describe, expect, it } from '@jest/globals';

import { sceneAtStart } from './scene-of-edits.js';
import { rememberedEdits, weighEdits } from './weigh-edits.js';

const edit = (by: string, textHash: string) => ({ by, textHash });

describe('weighEdits', () => {
  it.each([
    ['nobody where nothing tells', [], [], { named: [], isMakerKnown: false }],
    ['whoever made it', [], [edit('ann', 'new')], { named: ['ann'], isMakerKnown: true }],
    ['whoever led to it', [], [edit('eve', 'mid'), edit('ann', 'new')], { named: ['eve', 'ann'], isMakerKnown: true }],
    ['nobody who made what was confirmed', [], [edit('eve', 'old')], { named: [], isMakerKnown: false }],
    ['those of earlier looks', [edit('eve', 'new')], [], { named: ['eve'], isMakerKnown: true }],
    [
      'the last alone who saw what was refused',
      [edit('eve', 'mid')],
      [edit('ann', 'new')],
      { named: ['ann'], isMakerKnown: true },
    ],
    [
      'everybody where that is told once more',
      [edit('eve', 'mid'), edit('ann', 'new')],
      [edit('Ann', 'new')],
      { named: ['eve', 'ann'], isMakerKnown: true },
    ],
    [
      'those who made another',
      [edit('eve', 'mid')],
      [edit('ann', 'other')],
      { named: ['eve', 'ann'], isMakerKnown: false },
    ],
  ])('names %s', (_whom, known, told, editors) => {
    expect(weighEdits({ present: 'new', pinned: 'old', known, told })).toEqual(editors);
  });
});

describe('rememberedEdits', () => {
  it('holds each once, but for those of the text that was confirmed, the newest last, and not all of many', () => {
    const known = [edit('eve', 'mid'), edit('eve', 'old')];
    const many = Array.from({ length: 60 }, (_, at) => edit('eve', `text ${at}`));

    expect(rememberedEdits({ pinned: 'old', known, told: [edit('EVE', 'mid'), edit('ann', 'new')] })).toEqual([
      edit('eve', 'mid'),
      edit('ann', 'new'),
    ]);
    expect(rememberedEdits({ pinned: '', known: [], told: many })).toEqual(many.slice(10));
  });
});

describe('sceneAtStart', () => {
  it('weighs what was edited after the start, however much is remembered from before', () => {
    const edits = Array.from({ length: 50 }, (_, at) => ({ by: 'eve', textHash: `before-${at}` }));
    const details = { textHash: '', isPresumed: false, halt: null, edits };
    const told = { by: 'eve', textHash: 'after', assignees: ['bot'] };
    const look = { present: 'after', details, hint: { edits: [told], start: null }, botName: 'bot' };

    expect(sceneAtStart(look, true)?.told).toEqual([{ by: 'eve', textHash: 'after' }]);
  });
});
