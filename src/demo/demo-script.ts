import { answerJson, callTool, say, stepsRule, type ModelConversation, type ModelRule } from '../testing/index.js';

/**
 * What the scripted model of the demonstration answers. It speaks the real protocol; that it has made up its mind
 * beforehand is the only thing that is not real. Each rule looks at the conversation, never at how often it was asked.
 *
 * @param pace resolves after the time a model would think
 */
export function demoRules(pace: () => Promise<void>): readonly ModelRule[] {
  const rules = [parseThirdIssue, summarize, ...divideByZero, ...addPercent, describeInReadme];
  return rules.map((rule) => ({ ...rule, reply: async (conversation) => paced(pace, rule, conversation) }));
}

async function paced(pace: () => Promise<void>, { reply }: ModelRule, conversation: ModelConversation) {
  await pace();
  return typeof reply === 'function' ? reply(conversation) : reply;
}

const isAbout =
  (issue: number) =>
  (conversation: ModelConversation): boolean =>
    conversation.mentions(`acme/calculator#${issue}`);

/** The third issue has no structured format, so the parser asks. */
const parseThirdIssue: ModelRule = {
  name: 'parse the third issue',
  when: (conversation) => conversation.outputSchema !== null,
  reply: answerJson({
    estimated_tokens: 18_000,
    difficulty: 'easy',
    recommended_agent: null,
    acceptance_criteria: ['The README shows how to call add and divide, each with an example'],
    blocked_by: [],
    blocks: [],
    confidence: 0.75,
    questions: [],
  }),
};

const summarize: ModelRule = {
  name: 'summarize',
  when: ({ lastPrompt }) => lastPrompt.includes('Your next words replace this whole conversation'),
  reply: say(
    'To do: percent(part, whole) in src/calculator.js, with tests. Done: read the sources; percent is written, ' +
      'next to divide, and uses it. Remains: tests in test/percent.test.js, then `npm test`.',
  ),
};

const READ_SOURCE = callTool('read', { path: 'src/calculator.js' });
const RUN_TESTS = callTool('bash', { command: 'npm test' });

/** @param refusal the line that refuses a zero; empty when there is none */
function calculator(refusal: string, more = ''): string {
  const divide = ['export function divide(a, b) {', ...(refusal === '' ? [] : [refusal]), '  return a / b;', '}'];
  return ['export function add(a, b) {', '  return a + b;', '}', '', ...divide, more].join('\n');
}

const WRONG_ERROR = "  if (b === 0) throw new Error('division by zero');";
const RIGHT_ERROR = "  if (b === 0) throw new RangeError('division by zero');";
const PERCENT = `
export function percent(part, whole) {
  return divide(part, whole) * 100;
}
`;

function writeSource(content: string) {
  return callTool('write', { path: 'src/calculator.js', content });
}

/** The first try throws the wrong kind of error: the test suite says so, not the agent. */
const divideByZero: readonly ModelRule[] = [
  stepsRule({
    name: 'divide by zero, sent back',
    when: (conversation) => isAbout(1)(conversation) && conversation.lastPrompt.includes('The work is not done'),
    steps: [READ_SOURCE, writeSource(calculator(RIGHT_ERROR)), RUN_TESTS, say('divide(a, 0) throws a RangeError.')],
  }),
  stepsRule({
    name: 'divide by zero, first try',
    when: isAbout(1),
    steps: [READ_SOURCE, writeSource(calculator(WRONG_ERROR)), say('Dividing by zero is refused. All tests pass.')],
  }),
];

const PERCENT_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { percent } from '../src/calculator.js';

test('says what percentage a part is of a whole', () => {
  assert.equal(percent(1, 4), 25);
});

test('refuses a whole of zero', () => {
  assert.throws(() => percent(1, 0), RangeError);
});
`;

/** Usage as a model reports it that has read a large part of the repository: the window is 128,000 tokens. */
const HALF_FULL = { inputTokens: 2_000, cacheReadTokens: 58_000, outputTokens: 300 };
const OVER_THE_THRESHOLD = { inputTokens: 3_000, cacheReadTokens: 98_000, outputTokens: 400 };
const AFTER_COMPACTION = { inputTokens: 4_000, cacheReadTokens: 8_000, outputTokens: 300 };

const addPercent: readonly ModelRule[] = [
  stepsRule({
    name: 'percent, after compaction',
    when: (conversation) =>
      isAbout(2)(conversation) && conversation.lastPrompt.includes('Your conversation was compacted'),
    steps: [
      callTool('write', { path: 'test/percent.test.js', content: PERCENT_TEST }, { usage: AFTER_COMPACTION }),
      { ...RUN_TESTS, usage: AFTER_COMPACTION },
      say('percent is there, with tests.', { usage: AFTER_COMPACTION }),
    ],
  }),
  stepsRule({
    name: 'percent',
    when: isAbout(2),
    steps: [
      { ...READ_SOURCE, usage: HALF_FULL },
      { ...writeSource(calculator(RIGHT_ERROR, PERCENT)), usage: OVER_THE_THRESHOLD },
      say('percent is written.', { usage: OVER_THE_THRESHOLD }),
    ],
  }),
];

const README = `# calculator

Adds and divides.

\`\`\`js
import { add, divide } from 'calculator';

add(2, 3); // 5
divide(6, 3); // 2
\`\`\`

\`divide(a, 0)\` throws a RangeError.
`;

const describeInReadme = stepsRule({
  name: 'readme',
  when: isAbout(3),
  steps: [
    READ_SOURCE,
    callTool('write', { path: 'README.md', content: README }),
    say('The README shows both functions.'),
  ],
});
