import { describe, expect, it } from '@jest/globals';
import { isNothing, readField, readListLine } from './list-line.js';

describe('readListLine', () => {
  it.each([
    ['- a', true, null, 'a'],
    ['  * a ', true, null, 'a'],
    ['+ a', true, null, 'a'],
    ['12. a', true, null, 'a'],
    ['3) a', true, null, 'a'],
    ['- [ ] a', true, false, 'a'],
    ['- [x] a', true, true, 'a'],
    ['1. [X] a', true, true, 'a'],
    ['-', true, null, ''],
    ['- [ ]', true, false, ''],
    ['[ ] a', false, null, '[ ] a'],
    ['- [a](b)', true, null, '[a](b)'],
    ['-a', false, null, '-a'],
    ['**a**', false, null, '**a**'],
    ['', false, null, ''],
  ])('reads %p', (line, isListed, isChecked, text) => {
    expect(readListLine(line)).toEqual({ isListed, isChecked, text });
  });
});

describe('isNothing', () => {
  it.each(['', '  ', '-', '…', '_No response_', 'None.', 'n/a', '(nothing)', 'TBD'])('says yes to %p', (line) => {
    expect(isNothing(line)).toBe(true);
  });

  it.each(['a', '12', '#12', 'none of them', '-'.repeat(41)])('says no to %p', (line) => {
    expect(isNothing(line)).toBe(false);
  });
});

describe('readField', () => {
  it.each([
    ['Total: 5', { key: 'total', value: '5' }],
    ['**Total Estimated:** 5', { key: 'total estimated', value: '5' }],
    ['`agent`: `glm`', { key: 'agent', value: 'glm`' }],
    ['a: b: c', { key: 'a', value: 'b: c' }],
    ['a:', { key: 'a', value: '' }],
    [': a', null],
    ['no field', null],
    [`${'x'.repeat(61)}: a`, null],
  ])('reads %p', (text, field) => {
    expect(readField(text)).toEqual(field);
  });
});
