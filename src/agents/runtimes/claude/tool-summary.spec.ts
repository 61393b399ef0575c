import { describe, expect, it } from '@jest/globals';
import { summarizeCall } from './tool-summary.js';

describe('summarizeCall', () => {
  it.each([
    [{ command: 'npm test\n  --silent', description: 'Test' }, 'npm test --silent'],
    [{ file_path: '/srv/space/src/a.ts', content: 'x' }, 'src/a.ts'],
    [{ pattern: 'sum', path: 'src' }, 'sum'],
    [{ command: 7 }, ''],
    [{ command: 'x'.repeat(200) }, `${'x'.repeat(120)}…`],
  ])('says in one line what %j does', (input, summary) => {
    expect(summarizeCall(input, '/srv/space')).toBe(summary);
  });
});
