import { describe, expect, it } from '@jest/globals';

import { narrate, type LogLine } from './narrate.js';
import { paintFor } from './paint.js';

const told = (message: string, fields: Readonly<Record<string, unknown>> = {}): string | null =>
  narrate({ level: 'log', message, issue: 'acme/calculator#2', ...fields } satisfies LogLine, paintFor(false));

const moved = (from: string | null, to: string): string | null => told('Job moved', { from, to, reason: 'So it is.' });

const GATES = [
  { gate: 'build', passed: true, summary: 'Exit code 0' },
  { gate: 'test', passed: false, summary: '1 of 3 tests failed\nand more' },
];

describe('narrate', () => {
  it.each([
    ['Sandbox checked', { isConfining: true, version: '0.8.0' }, 'agents and gates are confined by bubblewrap 0.8.0'],
    [
      'Sandbox checked',
      { isConfining: false, warning: 'Install it: apt-get install bubblewrap.' },
      'the scripted agent runs unsandboxed. Install it: apt-get install bubblewrap.',
    ],
    [
      'Issue parsed',
      { source: 'structure', difficulty: 'hard', estimatedTokens: 60_000, profile: 'opus' },
      'parsed from its text: hard, about 60,000 tokens of context, so the agent is opus',
    ],
    [
      'Issue parsed',
      { source: 'model', difficulty: 'easy', estimatedTokens: 900, profile: null },
      'parsed by a model: easy, about 900 tokens of context, so the agent is ',
    ],
    [
      'Run started',
      { isContinuation: false, profile: 'glm', branch: 'coordinator/2-x' },
      'agent glm starts in a clone of its own, on branch coordinator/2-x',
    ],
    ['Run started', { isContinuation: true }, 'the agent takes its session up where it was cut off'],
    ['Agent acted', { tool: 'bash', summary: 'npm test\nmore' }, 'agent: bash npm test'],
    ['Agent acted', { tool: 'bash', summary: 'x'.repeat(91) }, `agent: bash ${'x'.repeat(89)}…`],
    ['Context window filled', { reason: '81 %' }, 'context window: 81 %. The agent is stopped at its next step'],
    [
      'Session compacted',
      { usedTokensBefore: 101_000, usedTokensAfter: 1_002 },
      'session compacted: 101,000 tokens before, 1,002 after. The agent goes on',
    ],
    ['Session replaced', { reason: 'It was full' }, 'a fresh session takes over: It was full'],
    [
      'Gates started',
      { commit: '0123456789abcdef' },
      'the agent says it is done. The gates run, on a clean checkout of 0123456789',
    ],
    [
      'Gates decided',
      { passed: false, gates: GATES },
      'gates rejected it: build passed, test failed (1 of 3 tests failed)',
    ],
    ['Gates decided', { passed: true, gates: GATES.slice(0, 1) }, 'gates passed: build passed'],
    [
      'Agent sent back',
      { rejections: 1, limit: 5 },
      'sent back with the evidence, in the same session (1 of at most 5 rejections)',
    ],
    ['Work published', { pullRequest: 'http://x/pulls/4' }, 'pull request opened: http://x/pulls/4'],
    ['Run ended', { phase: 'gates', reason: 'So it is.' }, 'the run ended: So it is.'],
    ['Tick failed', { reason: 'Gitea is away' }, 'Tick failed: Gitea is away'],
    ['Issue not reconciled', { reason: 'Gitea is away' }, 'Issue not reconciled: Gitea is away'],
  ])('tells of "%s" with %j', (message, fields, sentence) => {
    expect(told(message, fields)).toBe(`  issue #2  ${sentence}`);
  });

  it.each([
    [null, 'pending', 'blocked: waits until what blocks it is finished'],
    ['pending', 'available', 'released: nothing blocks it any more'],
    ['available', 'running', 'claimed'],
    ['in_review', 'completed', 'done: merged, and its issue is closed'],
    ['running', 'needs_attention', 'So it is.'],
    ['running', 'retryable', 'So it is.'],
  ])('tells of a job that moved from %s to %s', (from, to, sentence) => {
    expect(moved(from, to)).toBe(`  issue #2  ${sentence}`);
  });

  it('is silent on what is not worth telling', () => {
    expect([moved(null, 'available'), moved('running', 'in_review')]).toEqual([null, null]);
    expect(told('Run ended', { phase: null })).toBeNull();
    expect(told('Delivery accepted')).toBeNull();
  });

  it('leaves room where a line is about no issue', () => {
    expect(narrate({ level: 'error', message: 'Tick failed', reason: 'x' }, paintFor(false))).toBe(
      '            Tick failed: x',
    );
  });
});
