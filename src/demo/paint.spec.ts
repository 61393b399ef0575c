import { describe, expect, it } from '@jest/globals';

import { paintFor } from './paint.js';

describe('paintFor', () => {
  it('colours each kind of text in its own way', () => {
    const paint = paintFor(true);

    const painted = [paint.bold('x'), paint.dim('x'), paint.good('x'), paint.bad('x'), paint.name('x')];
    expect(painted).toEqual([1, 2, 32, 31, 36].map((code) => `\u001b[${code}mx\u001b[0m`));
  });

  it('leaves text as it is where there are no colours', () => {
    const paint = paintFor(false);

    expect([paint.bold('x'), paint.dim('x'), paint.good('x'), paint.bad('x'), paint.name('x')].join('')).toBe('xxxxx');
  });
});
