import type { Spent } from '../../src/budgets/index.js';
import type { JournalEvent } from '../../src/orchestration/journal.js';
import type { GateResult } from '../../src/quality-gates/index.js';

const RUN = { issue: { owner: 'acme', repo: 'calculator', number: 7 }, runId: 'run-1' } as const;

const LINK = { blocker: { ...RUN.issue, number: 3 }, blocked: RUN.issue } as const;

const FAILED_TEST: GateResult = {
  gate: 'test',
  passed: false,
  fault: 'change',
  summary: '1 of 3 tests failed',
  argv: ['npm', 'test'],
  exitCode: 1,
  durationMs: 10,
  testsRun: 3,
  testsFailed: 1,
  coveredPercent: null,
  evidence: '',
  origin: 'a script',
};

/** One event of each kind that the journal writes down. */
export const JOURNAL_EVENTS: readonly JournalEvent[] = [
  {
    type: 'queue.job-moved',
    jobId: 'acme/calculator#7',
    issue: RUN.issue,
    from: null,
    to: 'available',
    reason: 'It is new',
    profile: 'opus',
  },
  { type: 'orchestration.profile-settled', issue: RUN.issue, profile: 'opus' },
  {
    type: 'agents.profile-closed',
    profiles: ['opus', 'sonnet'],
    cause: 'auth',
    reason: 'The model refused its key',
    reopensAt: 0,
  },
  { type: 'agents.profile-reopened', profiles: ['opus', 'sonnet'] },
  {
    type: 'orchestration.issue-parsed',
    issue: RUN.issue,
    profile: 'glm',
    correction: null,
    hiddenText: null,
    metadata: {
      estimatedTokens: 1_000,
      difficulty: 'easy',
      recommendedAgent: null,
      blocks: [],
      blockedBy: [],
      acceptanceCriteria: [],
      confidence: 0.9,
      questions: [],
      sources: { estimatedTokens: 'structure', difficulty: 'structure', acceptanceCriteria: 'structure' },
    },
  },
  {
    type: 'orchestration.work-refused',
    issue: RUN.issue,
    cause: 'start',
    by: 'eve',
    reason: 'eve may not write to the repository.',
  },
  {
    type: 'orchestration.run-started',
    ...RUN,
    profile: 'glm',
    branch: 'coordinator/7-a',
    isContinuation: false,
    isConfined: true,
  },
  { type: 'orchestration.agent-acted', ...RUN, tool: 'bash', summary: 'npm test' },
  { type: 'orchestration.agent-waited', ...RUN, detail: 'It is busy', waitMs: 1_000 },
  {
    type: 'orchestration.agent-faltered',
    ...RUN,
    mishap: 'silence',
    detail: 'The agent gave no sign of life',
    times: 2,
    remedy: 'resume',
  },
  { type: 'orchestration.context-filled', ...RUN, action: 'compact', reason: '81 %' },
  { type: 'orchestration.session-compacted', ...RUN, helped: true, usedTokensBefore: 100, usedTokensAfter: 10 },
  { type: 'orchestration.session-replaced', ...RUN, reason: 'It was full' },
  { type: 'orchestration.gates-started', ...RUN, commit: 'c0ffee' },
  {
    type: 'orchestration.gates-decided',
    ...RUN,
    commit: 'c0ffee',
    passed: false,
    summary: 'test failed',
    results: [FAILED_TEST],
  },
  { type: 'orchestration.agent-sent-back', ...RUN, rejections: 1, limit: 5 },
  { type: 'orchestration.work-published', ...RUN, branch: 'coordinator/7-a', commit: 'c0ffee', pullRequest: null },
  {
    type: 'orchestration.review-round-began',
    issue: RUN.issue,
    pullRequest: 8,
    reviewers: ['ann'],
    remarks: 2,
    round: 1,
  },
  { type: 'orchestration.approvals-changed', issue: RUN.issue, pullRequest: 8, approvedBy: ['ann'] },
  { type: 'orchestration.draft-kept', issue: RUN.issue, branch: 'coordinator/wip/7-a', commit: 'c0ffee' },
  { type: 'orchestration.draft-not-kept', issue: RUN.issue, reason: 'Away' },
  { type: 'orchestration.run-ended', ...RUN, outcome: 'in_review', reason: 'Done', phase: null, durationMs: 1 },
  { type: 'orchestration.loop-ticked', durationMs: 1, deliveries: 0, started: 0 },
  { type: 'orchestration.tick-failed', part: 'sweep', reason: 'Away' },
  { type: 'orchestration.lead-changed', leads: true },
  { type: 'orchestration.command-carried-out', issue: RUN.issue, by: 'ann', command: 'retry' },
  { type: 'orchestration.command-ignored', issue: RUN.issue, by: 'eve', reason: 'eve may not write' },
  { type: 'orchestration.write-back-failed', issue: RUN.issue, reason: 'Away' },
  { type: 'orchestration.link-changed', issue: RUN.issue, ...LINK, change: 'add', reason: null },
  { type: 'orchestration.circle-named', issue: RUN.issue, way: ['acme/calculator#7', 'acme/calculator#8'] },
  { type: 'orchestration.circle-named', issue: RUN.issue, way: [] },
  { type: 'orchestration.issue-split', issue: RUN.issue, parts: [LINK.blocker] },
  { type: 'orchestration.link-changed', issue: RUN.issue, ...LINK, change: 'remove', reason: 'It is archived' },
];

export const FAILED_RUN = {
  type: 'orchestration.run-ended',
  ...RUN,
  outcome: 'retryable',
  reason: 'Away',
  phase: 'agent',
  durationMs: 1,
} as const;

/** Counted, and not written down: there is one for each call of a model. */
export const SPENT: Spent = { type: 'budgets.spent', ...RUN, profile: 'glm', tokens: 1_000, costMicroUsd: null };
