import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { ISSUE } from '../../test/support/start-orchestration.js';
import type { SpendView } from '../budgets/index.js';
import type { IssueRef } from '../kernel/index.js';
import type { IssueMetadata } from '../parser/index.js';
import type { Job } from '../queue/index.js';
import { DeclaredBlocks } from './dependencies/declared-blocks.js';
import { noAgentComment } from './dependencies/no-agent-comment.js';
import { guessComment, questionsComment } from './intake/intake-comments.js';
import { newDetails, readDetails, storeDetails, type JobDetails } from './job-details.js';
import { InvalidJobDetailsError, InvalidOrchestrationOptionsError, resolveOrchestrationOptions } from './index.js';
import { priorityOf } from './intake/priority.js';
import { textOfIssue } from './runs/present-order.js';
import { editedPrompt, firstPrompt, handOverPrompt, keepOnCompaction, type WorkOrder } from './runs/prompts.js';
import { retryDelayMs } from './runs/retry-delay.js';
import { endingOf } from './runs/run-ending.js';
import { stateLabel, statusComment } from './status/status-comment.js';
import { unstartedProgress } from './doubles/unstarted-progress.js';

const OTHER: IssueRef = { owner: 'acme', repo: 'tools', number: 8 };

const METADATA: IssueMetadata = {
  estimatedTokens: 20_000,
  difficulty: 'easy',
  recommendedAgent: null,
  blocks: [],
  blockedBy: [],
  acceptanceCriteria: ['it is *right* for @everybody'],
  confidence: 0.5,
  questions: ['What is to be done?'],
  sources: { estimatedTokens: 'structure', difficulty: 'structure', acceptanceCriteria: 'structure' },
};

const ORDER: WorkOrder = {
  issue: ISSUE,
  title: 'Make it right',
  body: 'All of it.',
  acceptanceCriteria: ['it is right'],
  branch: 'coordinator/7-make-it-right',
  repositoryNotes: 'Write in British English.',
  maxRejections: 5,
  remarks: [],
  feedback: [],
  fence: 'f3nc3',
};

describe('priorityOf', () => {
  it.each([
    [[], 200],
    [['bug'], 200],
    [['priority/high'], 300],
    [['Priority/Critical', 'priority/low'], 400],
    [['priority/low'], 100],
    [['priority/750'], 750],
    [['priority/9999'], 1_000],
    [['priority/soon'], 200],
  ])('of the labels %j is %d', (labels, priority) => {
    expect(priorityOf(labels)).toBe(priority);
  });
});

describe('retryDelayMs', () => {
  it('doubles from 15 s to at most half an hour', () => {
    expect([1, 2, 3, 20].map((failures) => retryDelayMs(failures, 0))).toEqual([15_000, 30_000, 60_000, 1_800_000]);
  });

  it('adds up to a quarter by chance', () => {
    expect(retryDelayMs(1, 1)).toBe(18_750);
  });
});

describe('DeclaredBlocks', () => {
  it('tells who says that it blocks an issue, until it says something else', () => {
    const declared = new DeclaredBlocks();
    declared.declare(ISSUE, [OTHER]);
    const before = declared.blockersFor(OTHER);

    declared.declare(ISSUE, []);

    expect(before).toEqual([ISSUE]);
    expect(declared.blockersFor(OTHER)).toEqual([]);
  });

  it('forgets everything', () => {
    const declared = new DeclaredBlocks();
    declared.declare(ISSUE, [OTHER]);

    declared.clear();

    expect([declared.blockersFor(OTHER), declared.blockedBy(ISSUE)]).toEqual([[], []]);
  });
});

describe('readDetails', () => {
  it('reads what storeDetails wrote', () => {
    const details: JobDetails = {
      ...newDetails({ body: 'x', metadata: METADATA }),
      correction: { tokens: 20, factor: 2, explanation: 'They took twice as much.' },
      remarks: [{ author: 'ada', text: 'Try again' }],
      baseBranch: null,
      textHash: 'h',
      issueUpdatedAt: '',
      links: [],
    };

    expect(readDetails(storeDetails(details))).toEqual(details);
  });

  it('reads what was stored before estimates were corrected', () => {
    expect(readDetails({ body: 'x', metadata: METADATA })).toMatchObject({ correction: null, remarks: [] });
  });

  it('refuses what it did not write', () => {
    expect(() => readDetails({})).toThrow(InvalidJobDetailsError);
  });
});

describe('prompts', () => {
  it('begin with the issue between fences that its text cannot know, and with the notes of the repository', () => {
    const prompt = firstPrompt(ORDER);

    expect(prompt).toContain('---- f3nc3 begin ----\n# Make it right\n\nAll of it.\n---- f3nc3 end ----');
    expect(prompt).toContain('- it is right');
    expect(prompt).toContain('Write in British English.');
  });

  it('leave out what there is not', () => {
    const prompt = firstPrompt({ ...ORDER, acceptanceCriteria: [], repositoryNotes: '' });

    expect(prompt).not.toMatch(/criteria|Notes/);
  });

  it('hand over facts: changes, the last verdict, rounds used', () => {
    const verdict = {
      commit: 'c',
      passed: false,
      fault: 'change' as const,
      summary: '1 gate failed',
      results: [],
      decidedAt: 0,
    };
    const facts = {
      diffStat: ' a.js | 2 +-',
      refusal: null,
      verdict,
      rejections: 2,
      rounds: [],
      draft: null,
      reason: 'Its context window was full',
    };

    expect(handOverPrompt(ORDER, facts)).toMatch(/a\.js \| 2[^]*rejected the work 2 of at most 5 times/);
    expect(handOverPrompt(ORDER, { ...facts, refusal: 'A file is too large.' })).toContain(
      'No commit can be made of the tree as it is. A file is too large.',
    );
    expect(handOverPrompt(ORDER, { ...facts, diffStat: '', verdict: null })).toMatch(
      /Nothing has been changed[^]*not judged it yet/,
    );
    expect(handOverPrompt(ORDER, { ...facts, verdict: { ...verdict, passed: true } })).toContain(
      'passed the work so far',
    );
  });

  it('keep the criteria and the failing gates over a compaction', () => {
    const failed = { gate: 'test' as const, passed: false, summary: '1 of 3 tests failed' };
    const verdict = { passed: false, results: [failed] } as unknown as Parameters<typeof keepOnCompaction>[1];

    expect(keepOnCompaction(ORDER, verdict)).toMatch(/acme\/tools#7[^]*it is right[^]*test: 1 of 3 tests failed/);
    expect(keepOnCompaction(ORDER, null)).not.toContain('test:');
  });
});

describe('comments of intake', () => {
  it('show a guess without mentioning people or adding markup', () => {
    expect(guessComment(METADATA)).toContain('done when: it is \\*right\\* for @\u200beverybody');
  });

  it('ask what is missing', () => {
    expect(questionsComment(METADATA)).toContain('- What is to be done?');
  });

  it.each([
    [null, false],
    [{ parts: 1, tokensPerPart: 10, difficultyUpTo: 'easy' as const }, false],
    [{ parts: 3, tokensPerPart: 40_000, difficultyUpTo: 'medium' as const }, true],
  ])('propose a split where there is one to propose: %j', (proposal, isProposed) => {
    const unfit = { reasons: [{ profile: 'glm', reason: 'too small' }], proposal };

    expect(noAgentComment(unfit, null)).toContain('- glm: too small');
    expect(noAgentComment(unfit, null).includes('as 3 issues of at most 40,000 tokens')).toBe(isProposed);
  });
});

describe('noAgentComment', () => {
  it('lists the parts that a model proposes, each in a line', () => {
    const part = { estimatedTokens: 40_000, difficulty: 'easy' as const };
    const parts = [
      { ...part, title: 'Do one', objective: 'One of it.', acceptanceCriteria: ['a'], after: [] },
      { ...part, title: 'Do two', objective: 'Two '.repeat(99), acceptanceCriteria: ['a', 'b'], after: [0] },
      { ...part, title: 'Do all', objective: 'The rest.', acceptanceCriteria: ['a'], after: [0, 1] },
    ];
    const proposal = { parts: 3, tokensPerPart: 45_000, difficultyUpTo: 'easy' as const };

    const lines = noAgentComment({ reasons: [], proposal }, parts).split('\n');

    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual([
      '1. **Do one**: One of it. (40,000 tokens, easy, 1 criterion)',
      expect.stringMatching(/^2\. \*\*Do two\*\*: (Two ){49}Two… \(40,000 tokens, easy, 2 criteria, after 1\)$/),
      '3. **Do all**: The rest. (40,000 tokens, easy, 1 criterion, after 1 and 2)',
    ]);
    expect(lines.join(' ')).toContain('A model proposes these 3: ');
  });
});

describe('statusComment', () => {
  const shown = {
    changedAt: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    changedBy: null,
    maxRejections: 5,
    labelScope: 'mosaic',
  };
  const job = { issue: ISSUE, title: 'A', state: 'pending', profile: '' } as unknown as Job;
  const details = { body: 'B', metadata: METADATA } as JobDetails;

  it('says what is unknown instead of zero', () => {
    const text = statusComment({
      job,
      details,
      progress: unstartedProgress('x'),
      cost: null,
      isConfined: true,
      why: 'Waits | for @ada',
      ...shown,
    });

    expect(text).toContain('**Waiting for other issues.** Waits \\| for @\u200bada');
    expect(text).toMatch(/Agent \| none[^]*Context window \| unknown[^]*Gates \| not run yet[^]*Branch \| none yet/);
    expect(text).toContain('| Rounds | 0 rejected, of at most 5 |');
    expect(text).toContain('| Last change | 2026-01-02 03:04:05 UTC |');
  });

  it('names the person whose act led to where it is, and calls nobody', () => {
    const view = { job, details, progress: unstartedProgress('x'), cost: null, isConfined: true, why: '', ...shown };

    expect(statusComment({ ...view, changedBy: 'ann' })).toContain('| Last change | 2026-01-02 03:04:05 UTC, by ann |');
  });

  it('says what of the issue no model is shown, and repeats none of it', () => {
    const view = { job, progress: unstartedProgress('x'), cost: null, isConfined: true, why: '', ...shown };
    const text = statusComment({ ...view, details: { ...details, body: 'B<!-- secret -->\u200b' } });

    expect(text).toContain(
      '\n\nHidden text was removed from this issue: 1 × invisible character, 1 × HTML comment.\n\nMosaic',
    );
    expect(text).not.toContain('secret');
    expect(statusComment({ ...view, details })).not.toContain('Hidden');
  });

  it('shows gates, occupancy, branch and pull request, the same each time', () => {
    const verdict = {
      summary: 'none',
      results: [
        { gate: 'test', passed: true },
        { gate: 'lint', passed: false },
      ],
    };
    const progress = {
      ...unstartedProgress('x'),
      verdict,
      usedTokens: 50_000,
      usableTokens: 100_000,
      branch: 'coordinator/7-x',
      pullRequest: { number: 9, url: 'u' },
    } as unknown as Parameters<typeof statusComment>[0]['progress'];
    const view = {
      job: { ...job, profile: 'glm' },
      details,
      progress,
      cost: null,
      isConfined: true,
      why: 'why',
      ...shown,
    };

    expect(statusComment(view)).toMatch(
      /Agent \| glm[^]*50 % of 100,000[^]*✅ test ❌ lint[^]*`coordinator\/7-x`[^]*#9/,
    );
    expect(statusComment(view)).toBe(statusComment(view));
  });

  it.each<[string, SpendView | null]>([
    ['$4.21', { tokens: 1_600, usd: 4.21, usdAtLeast: 4.21 }],
    ['at least $4.21, the price of a part is unknown', { tokens: 1_600, usd: null, usdAtLeast: 4.21 }],
    ['at least $4.21, the price of a part is unknown', { tokens: 1_599, usd: 4.21, usdAtLeast: 4.21 }],
    ['unknown price', { tokens: 1_600, usd: null, usdAtLeast: 0 }],
    ['unknown price', null],
    ['$0.00', { tokens: 1_600, usd: 0, usdAtLeast: 0 }],
  ])('shows what was spent, and %s of %j', (money, cost) => {
    const spend = { inputTokens: 100, outputTokens: 200, cacheReadTokens: 300, cacheWriteTokens: 1_000 };
    const progress = { ...unstartedProgress('x'), spend };

    expect(statusComment({ job, details, progress, cost, isConfined: true, why: '', ...shown })).toContain(
      `| Spent | 1,400 tokens read, 200 written: ${money} |`,
    );
  });

  it.each([
    [false, true],
    [true, false],
  ])('says so where nothing confines the agent: confined %s', (isConfined, isSaid) => {
    const text = statusComment({
      job,
      details,
      progress: unstartedProgress('x'),
      cost: null,
      isConfined,
      why: '',
      ...shown,
    });

    expect(text.includes('| Sandbox | none: see the operator |')).toBe(isSaid);
  });

  it('shows who approves the pull request, and the rounds that reviews asked for', () => {
    const progress = {
      ...unstartedProgress('x'),
      reviewRounds: 2,
      review: { seen: [], open: [], approvedBy: ['ann', 'bob'] },
      pullRequest: { number: 9, url: 'u' },
    };
    const text = statusComment({ job, details, progress, cost: null, isConfined: true, why: '', ...shown });

    expect(text).toContain('| Rounds | 0 rejected, of at most 5; 2 for reviews |');
    expect(text).toContain('| Pull request | #9, approved by ann, bob |');
  });

  it('shows the summary of a verdict without results', () => {
    const progress = { ...unstartedProgress('x'), verdict: { summary: 'no gates', results: [] } } as never;

    expect(statusComment({ job, details, progress, cost: null, isConfined: true, why: '', ...shown })).toContain(
      'Gates | no gates',
    );
  });
});

describe('stateLabel', () => {
  it('has no underscores', () => {
    expect(stateLabel('mosaic', 'needs_attention')).toBe('mosaic/needs-attention');
  });
});

describe('endingOf', () => {
  it('takes anything unexpected for something that may pass', () => {
    expect(endingOf('odd')).toEqual({ outcome: 'retryable', reason: 'odd', phase: 'agent', retryAfterMs: null });
  });
});

describe('resolveOrchestrationOptions', () => {
  it('fills in the documented defaults', () => {
    expect(resolveOrchestrationOptions({})).toMatchObject({
      botName: 'mosaic',
      limits: {
        maxRejections: 5,
        maxFailures: 5,
        maxHandOvers: 10,
        turnTimeoutMs: 3_600_000,
        runTimeoutMs: 14_400_000,
        loopIntervalMs: 10_000,
        sweepIntervalMs: 300_000,
        shutdownGraceMs: 10_000,
      },
    });
  });

  it('refuses limits that are no whole numbers from 1, and names them', () => {
    const resolve = () => resolveOrchestrationOptions({ limits: { maxRejections: 0, maxFailures: 1.5 } });

    expect(resolve).toThrow(InvalidOrchestrationOptionsError);
    expect(resolve).toThrow('maxRejections=0, maxFailures=1.5');
  });

  it('keeps progress by default in a store that refuses a run whose job was cancelled', async () => {
    const { queue, runs } = resolveOrchestrationOptions({});
    await queue.enqueue({ issue: ISSUE, title: '', profile: 'opus', priority: 0, blockers: [], details: {} }, 'new');
    const job = await queue.claim();
    const [id, token] = [job?.id ?? '', job?.fencingToken ?? 0];
    await runs.save(id, token, { rejections: 1 });

    await queue.move({ jobId: id, from: 'running', to: 'cancelled', reason: 'unassigned' });

    await expect(runs.save(id, token, { rejections: 2 })).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
  });
});

describe('the text of an issue', () => {
  const MARK = 'c2a9-random';
  const END = `---- ${MARK} end ----`;

  it('cannot end its fence, whatever it is', () => {
    const text = fc
      .array(fc.constantFrom('a', '\n', MARK, END, '---- ', ' end ----', 'c2a9-', 'random'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 6, maxLength: 6 }),
        ([title = '', body = '', criterion = '', notes = '', author = '', said = '']) => {
          const order: WorkOrder = {
            ...ORDER,
            title,
            body,
            acceptanceCriteria: [criterion],
            repositoryNotes: `notes ${notes}`,
            remarks: [{ author, text: said }],
            fence: MARK,
          };

          // Issue, remarks, criteria, notes.
          expect(firstPrompt(order).split(END)).toHaveLength(5);
          expect(keepOnCompaction(order, null).split(END)).toHaveLength(4);
        },
      ),
    );
  });

  it('stands in a prompt nowhere but between fences', () => {
    const outside = (prompt: string): string => prompt.replace(/---- f3nc3 begin ----[^]*?---- f3nc3 end ----/g, '');
    const order: WorkOrder = { ...ORDER, remarks: [{ author: 'ann', text: 'Use less.' }] };
    const facts = { diffStat: '', refusal: null, verdict: null, rejections: 0, rounds: [], draft: null, reason: 'r' };

    for (const prompt of [
      firstPrompt(order),
      handOverPrompt(order, facts),
      keepOnCompaction(order, null),
      editedPrompt(order),
    ]) {
      expect(outside(prompt)).not.toMatch(/Make it|All of it|it is right|British|Use less/);
    }
  });

  it('is given as people see it, and as far as it is not too long', () => {
    const metadata = { ...METADATA, acceptanceCriteria: ['a<!-- b --> c', '<!-- d -->'] };

    expect(textOfIssue({ title: 'Fix\u200b it' }, { body: `e<b hidden>f</b>${'g'.repeat(70_000)}`, metadata })).toEqual(
      {
        title: 'Fix it',
        body: expect.stringMatching(/^e gggg[^]*\n\[the rest is left out: \d+ characters\]$/),
        acceptanceCriteria: ['a  c'],
      },
    );
  });
});
