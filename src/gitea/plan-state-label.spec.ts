import { describe, expect, it } from '@jest/globals';
import { planStateLabel } from './plan-state-label.js';

describe('planStateLabel', () => {
  const running = { id: 5, name: 'mosaic/running' };
  const waiting = { id: 4, name: 'mosaic/waiting' };
  const bug = { id: 1, name: 'bug' };
  const alike = { id: 2, name: 'mosaic' };

  it.each([
    ['nothing is there', [bug, alike], 'mosaic/running', { isMissing: true, toRemove: [] }],
    ['it is there', [running, bug], 'mosaic/running', { isMissing: false, toRemove: [] }],
    ['another is there', [waiting, bug], 'mosaic/running', { isMissing: true, toRemove: [4] }],
    ['it and another are there', [running, waiting], 'mosaic/running', { isMissing: false, toRemove: [4] }],
    ['it is there twice', [{ ...running, id: 9 }, running], 'mosaic/running', { isMissing: false, toRemove: [9] }],
    ['none is wanted', [running, waiting, bug, alike], null, { isMissing: false, toRemove: [4, 5] }],
  ])('decides when %s', (_, labels, wanted, plan) => {
    expect(planStateLabel(labels, 'mosaic', wanted)).toEqual(plan);
  });
});
