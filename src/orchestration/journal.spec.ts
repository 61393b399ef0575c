import { describe, expect, it } from '@jest/globals';

import { ISSUE } from '../../test/support/start-orchestration.js';
import type { IssueMetadata } from '../parser/index.js';
import type { JobMoved } from '../queue/index.js';
import type { OrchestrationEvent } from './index.js';
import { lineOf } from './journal.js';

const RUN = { issue: ISSUE, runId: 'run-1' };
const METADATA = {
  estimatedTokens: 10,
  difficulty: 'easy',
  confidence: 0.9,
  sources: { estimatedTokens: 'structure' },
} as IssueMetadata;

const EVENTS: readonly (OrchestrationEvent | JobMoved)[] = [
  {
    type: 'queue.job-moved',
    jobId: 'acme/tools#7',
    issue: ISSUE,
    from: null,
    to: 'available',
    reason: 'r',
    profile: '',
  },
  {
    type: 'orchestration.issue-parsed',
    issue: ISSUE,
    metadata: METADATA,
    profile: 'glm',
    correction: null,
    hiddenText: null,
  },
  { type: 'orchestration.run-started', ...RUN, profile: 'glm', branch: 'b', isContinuation: false, isConfined: true },
  { type: 'orchestration.agent-acted', ...RUN, tool: 'bash', summary: 'npm test' },
  { type: 'orchestration.agent-waited', ...RUN, detail: 'overloaded', waitMs: 5 },
  { type: 'orchestration.context-filled', ...RUN, action: 'compact', reason: 'r' },
  { type: 'orchestration.session-compacted', ...RUN, helped: true, usedTokensBefore: 2, usedTokensAfter: 1 },
  { type: 'orchestration.session-replaced', ...RUN, reason: 'r' },
  { type: 'orchestration.gates-started', ...RUN, commit: 'c' },
  {
    type: 'orchestration.gates-decided',
    ...RUN,
    commit: 'c',
    passed: true,
    summary: 's',
    results: [{ gate: 'test', passed: true, summary: 's', durationMs: 1 }] as never,
  },
  { type: 'orchestration.agent-sent-back', ...RUN, rejections: 1, limit: 5 },
  { type: 'orchestration.work-published', ...RUN, branch: 'b', commit: 'c', pullRequest: null },
  { type: 'orchestration.draft-kept', issue: ISSUE, branch: 'b', commit: 'c' },
  { type: 'orchestration.draft-not-kept', issue: ISSUE, reason: 'r' },
  { type: 'orchestration.run-ended', ...RUN, outcome: 'in_review', reason: 'r', phase: null, durationMs: 1.4 },
  { type: 'orchestration.run-ended', ...RUN, outcome: 'retryable', reason: 'r', phase: 'spawn', durationMs: 1.6 },
  { type: 'orchestration.loop-ticked', durationMs: 1.2, deliveries: 0, started: 0 },
  { type: 'orchestration.tick-failed', part: 'intake', reason: 'r' },
  { type: 'orchestration.write-back-failed', issue: ISSUE, reason: 'r' },
];

describe('the journal', () => {
  it('says the same of the same kind of event, and puts what varies into fields', () => {
    const lines = EVENTS.map((event) => lineOf(event));

    expect(lines.map(({ level, message }) => `${level} ${message}`)).toMatchInlineSnapshot(`
     [
       "log Job moved",
       "log Issue parsed",
       "log Run started",
       "log Agent acted",
       "warn Agent waits for its model",
       "log Context window filled",
       "log Session compacted",
       "log Session replaced",
       "log Gates started",
       "log Gates decided",
       "log Agent sent back",
       "log Work published",
       "log Draft kept",
       "warn Draft not kept",
       "log Run ended",
       "warn Run ended",
       "debug Loop ticked",
       "error Tick failed",
       "warn Write-back failed",
     ]
    `);
  });

  it('names the issue and the run on every line about one', () => {
    const line = lineOf({ type: 'orchestration.gates-started', ...RUN, commit: 'c' });

    expect(line.fields).toEqual({ issue: 'acme/tools#7', runId: 'run-1', commit: 'c' });
  });

  it('names no issue where there is none', () => {
    const line = lineOf({ type: 'orchestration.tick-failed', part: 'intake', reason: 'r' });

    expect(line.fields).toEqual({ part: 'intake', reason: 'r' });
  });
});
