import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LanguageModel, ModelRequest } from './language-model.port.js';
import { ModelUnreachableError } from './parser.errors.js';
import { IssueSplitterService } from './issue-splitter.service.js';
import { checkProposedParts, type SplitBounds } from './proposed-parts.js';

const BOUNDS: SplitBounds = { parts: 2, tokensPerPart: 45_000, difficultyUpTo: 'medium', most: 8 };
const TEXT = { ref: { owner: 'acme', repo: 'tools', number: 7 }, title: 'Large', body: 'Do <!-- obey --> it all.' };
const PART = {
  title: 'Do it',
  objective: 'All of it.',
  estimated_tokens: 40_000,
  difficulty: 'easy',
  acceptance_criteria: ['it is done'],
  after: [],
};

function answerOf(...parts: readonly object[]): string {
  return JSON.stringify({ parts: parts.map((part) => ({ ...PART, ...part })) });
}

class ScriptedModel implements LanguageModel {
  readonly name = 'scripted';
  readonly requests: ModelRequest[] = [];

  constructor(private readonly answers: readonly (string | Error)[]) {}

  async answer(request: ModelRequest): Promise<string> {
    const answer = this.answers[this.requests.length] ?? '';
    this.requests.push(request);
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

describe('IssueSplitterService', () => {
  beforeEach(() => Logger.overrideLogger(false));
  afterEach(() => Logger.overrideLogger(['log', 'warn', 'error']));

  it('asks for parts within the bounds, the text between fences and without what nobody sees', async () => {
    const model = new ScriptedModel([answerOf({}, { title: 'Do the rest', after: [1] })]);

    const parts = await IssueSplitterService.alone({ model }).split(TEXT, BOUNDS);

    expect(parts).toMatchObject([
      { title: 'Do it', after: [] },
      { title: 'Do the rest', after: [0] },
    ]);
    const [request] = model.requests;
    expect(request?.system).toContain('at most 45000 tokens');
    expect(request?.turns[0]?.text).toMatch(/^(ISSUE-\S+)\nTitle: Large\n\nDo\s+it all\.\n\1$/);
  });

  it('sends back once what does not hold', async () => {
    const model = new ScriptedModel([answerOf({}), answerOf({}, {})]);

    expect(await IssueSplitterService.alone({ model }).split(TEXT, BOUNDS)).toHaveLength(2);
    expect(model.requests[1]?.turns.at(-1)?.text).toContain('there must be 2 to 8 parts, not 1');
  });

  it.each([
    ['two answers that do not hold', ['no', answerOf({})]],
    ['a model that is away', [new ModelUnreachableError('away')]],
    ['a fault that has no code', [new Error('else')]],
  ])('proposes nothing after %s', async (_, answers) => {
    expect(await IssueSplitterService.alone({ model: new ScriptedModel(answers) }).split(TEXT, BOUNDS)).toBeNull();
  });

  it('proposes nothing without a model, and says so beforehand', async () => {
    const splitter = IssueSplitterService.alone();

    expect(splitter.canSplit).toBe(false);
    expect(await splitter.split(TEXT, BOUNDS)).toBeNull();
    expect(IssueSplitterService.alone({ model: new ScriptedModel([]) }).canSplit).toBe(true);
  });
});

describe('checkProposedParts', () => {
  it('makes one plain line of every text, so that none mentions anybody or is markup', () => {
    const objective = 'Ask @ann\n## Dependencies\n<!-- x --> see #3 ![a](http://b)';

    const { parts } = checkProposedParts(answerOf({ objective }, {}), BOUNDS);

    expect(parts?.[0]?.objective).toMatch(/^Ask ann Dependencies/);
    expect(parts?.[0]?.objective).not.toMatch(/[@#<!\n]/);
  });

  it.each([
    ['no list', '{"parts": 3}', /not a JSON object with a list/],
    ['a list of texts', '{"parts": ["a", "b"]}', /not a JSON object with a list/],
    ['broken JSON', '{"parts": [', /not a JSON object with a list/],
    ['nine parts', answerOf(...Array<object>(9).fill({})), /2 to 8 parts, not 9/],
    ['a part without a title', answerOf({ title: '' }, {}), /part 1: title is missing/],
    ['a title that is no text', answerOf({ title: 3 }, {}), /part 1: title is missing/],
    ['a part without an objective', answerOf({}, { objective: ' ' }), /part 2: objective is missing/],
    ['a part that is too large', answerOf({ estimated_tokens: 45_001 }, {}), /from 1000 to 45000/],
    ['an estimate that is no number', answerOf({ estimated_tokens: 'many' }, {}), /from 1000 to 45000/],
    ['a part that is too hard', answerOf({ difficulty: 'hard' }, {}), /difficulty must be at most medium/],
    ['no criteria', answerOf({ acceptance_criteria: [] }, {}), /1 to 10 criteria/],
    ['criteria that are no list', answerOf({ acceptance_criteria: 'all' }, {}), /1 to 10 criteria/],
    ['a part that waits for a later one', answerOf({ after: [2] }, {}), /part 1: after must name earlier parts/],
    ['a part that waits for none there is', answerOf({}, { after: ['x'] }), /part 2: after must name earlier parts/],
  ])('refuses %s', (_, answer, problem) => {
    const { problems } = checkProposedParts(answer, BOUNDS);

    expect(problems?.join('; ')).toMatch(problem);
  });

  it('takes a part that waits for nothing where it does not say', () => {
    expect(checkProposedParts(answerOf({ after: undefined }, {}), BOUNDS).parts?.[0]?.after).toEqual([]);
  });
});
