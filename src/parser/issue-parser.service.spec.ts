import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { FakeClock, SeededRandomness } from '../testing/index.js';
import { confidenceBand } from './confidence.js';
import { InMemoryMetadataCache } from './in-memory-metadata-cache.js';
import { IssueParserService } from './issue-parser.service.js';
import type { LanguageModel, ModelRequest } from './language-model.port.js';
import { ModelOverloadedError, ModelUnreachableError } from './parser.errors.js';
import { ParserModule } from './parser.module.js';
import type { ParserModuleOptions } from './parser.options.js';
import type { IssueText } from './parser.types.js';

const PROSE = 'The queue forgets what it waits for when the process restarts. Store it. After #7, see #9.';
const STRUCTURE = `${PROSE}
## Context Estimate
Total estimated: 20k
## Difficulty
easy
## Acceptance Criteria
- It is stored`;

const ANSWER = {
  estimated_tokens: 40_000,
  difficulty: 'hard',
  recommended_agent: 'GLM',
  acceptance_criteria: [' It survives\u200b\na restart ', '<!-- -->'],
  blocked_by: ['#7', '#8', 'acme/app#7'],
  blocks: ['#9', 'other/repo#9'],
  confidence: 0.75,
  questions: ['Which store?'],
};

/** Answers from a list and keeps what it was asked; an error in the list is thrown. */
class ScriptedModel implements LanguageModel {
  readonly name = 'scripted';
  readonly asked: ModelRequest[] = [];

  constructor(private readonly answers: readonly (object | string | Error)[]) {}

  answer(request: ModelRequest): Promise<string> {
    this.asked.push(request);
    const answer = this.answers[this.asked.length - 1] ?? new Error('Nothing left to say');
    if (answer instanceof Error) return Promise.reject(answer);
    return Promise.resolve(typeof answer === 'string' ? answer : JSON.stringify(answer));
  }
}

async function startParser(answers: readonly (object | string | Error)[], options: ParserModuleOptions = {}) {
  const clock = new FakeClock();
  const model = new ScriptedModel(answers);
  const given = { model, clock, randomness: new SeededRandomness(), agentNames: ['glm'], ...options };
  const moduleRef = await Test.createTestingModule({ imports: [ParserModule.forRoot(given)] }).compile();
  return { parser: moduleRef.get(IssueParserService), model, clock };
}

const issue = (body: string, title = 'Keep what jobs wait for'): IssueText => ({
  ref: { owner: 'acme', repo: 'app', number: 148 },
  title,
  body,
});
const here = (number: number) => ({ owner: 'acme', repo: 'app', number });

beforeEach(() => {
  Logger.overrideLogger(false);
});

describe('IssueParserService', () => {
  it('reads a complete structure without a model', async () => {
    const { parser, model } = await startParser([]);

    const metadata = await parser.parse(issue(STRUCTURE));

    expect(metadata).toEqual({
      estimatedTokens: 20_000,
      difficulty: 'easy',
      recommendedAgent: null,
      blocks: [],
      blockedBy: [],
      acceptanceCriteria: ['It is stored'],
      confidence: 0.95,
      questions: [],
      sources: { estimatedTokens: 'structure', difficulty: 'structure', acceptanceCriteria: 'structure' },
    });
    expect(model.asked).toEqual([]);
  });

  it('asks the model for what prose does not say in the format', async () => {
    const { parser } = await startParser([ANSWER]);

    const metadata = await parser.parse(issue(PROSE));

    expect(metadata).toEqual({
      estimatedTokens: 40_000,
      difficulty: 'hard',
      recommendedAgent: 'glm',
      blocks: [here(9)],
      blockedBy: [here(7)],
      acceptanceCriteria: ['It survives a restart'],
      confidence: 0.75,
      questions: [],
      sources: { estimatedTokens: 'model', difficulty: 'model', acceptanceCriteria: 'model' },
    });
  });

  it('keeps what the structure says, and fills in only the rest', async () => {
    const { parser } = await startParser([ANSWER]);
    const body = `${PROSE}
## Context Estimate
Total estimated: 20k
Recommended agent: own
## Dependencies
Blocks: #3`;

    expect(await parser.parse(issue(body))).toMatchObject({
      estimatedTokens: 20_000,
      difficulty: 'hard',
      recommendedAgent: 'own',
      blocks: [here(3)],
      blockedBy: [],
      sources: { estimatedTokens: 'structure', difficulty: 'model', acceptanceCriteria: 'model' },
    });
  });

  it('takes no dependency that stands only in code, in a quotation or in a comment', async () => {
    const { parser } = await startParser([ANSWER]);
    const body = 'Keep what each job waits for, also after a restart.\n```\n#7\n```\n> #7\n\n<!-- #7 -->';

    expect(await parser.parse(issue(body))).toMatchObject({ blockedBy: [] });
  });

  it('drops the recommendation of an agent that there is not', async () => {
    const { parser } = await startParser([{ ...ANSWER, recommended_agent: 'gpt' }]);

    expect(await parser.parse(issue(PROSE))).toMatchObject({ recommendedAgent: null });
  });

  it('believes no model that is too sure', async () => {
    const { parser } = await startParser([{ ...ANSWER, confidence: 1 }]);

    expect(await parser.parse(issue(PROSE))).toMatchObject({ confidence: 0.8 });
  });

  it('asks what an unsure model asks, in plain words', async () => {
    const questions = ['Which [store](http://evil.example)?', '@all?', '***', 'fourth'];
    const { parser } = await startParser([{ ...ANSWER, confidence: 0.2, acceptance_criteria: [], questions }]);

    const metadata = await parser.parse(issue(PROSE));

    expect(confidenceBand(metadata.confidence)).toBe('ask');
    expect(metadata.questions).toEqual([
      'When is it done? List it under a heading "Acceptance Criteria".',
      'Which storehttp evil.example?',
      'all?',
    ]);
  });

  it('lets the model correct an answer once', async () => {
    const { parser, model } = await startParser([{ ...ANSWER, difficulty: 'extreme' }, ANSWER]);

    expect(await parser.parse(issue(PROSE))).toMatchObject({ difficulty: 'hard' });
    expect(model.asked).toHaveLength(2);
    expect(model.asked[1]?.turns.at(-1)?.text).toContain('difficulty must be one of');
  });

  it.each([
    ['fails', [new ModelOverloadedError('busy')], 1],
    ['throws what it should not', [new TypeError('oops')], 1],
    ['answers nonsense twice', ['no', 'no'], 2],
  ])('falls back to defaults when the model %s', async (_, answers, calls) => {
    const { parser, model } = await startParser(answers);

    const metadata = await parser.parse(issue(PROSE));

    expect(metadata).toMatchObject({
      estimatedTokens: 50_000,
      difficulty: 'medium',
      acceptanceCriteria: [],
      confidence: 0.4,
      sources: { estimatedTokens: 'default', difficulty: 'default', acceptanceCriteria: 'default' },
    });
    expect(metadata.questions).toEqual([
      'How large is the work? Add "Total estimated: … tokens" under a heading "Context Estimate".',
      'Is it easy, medium or hard? Say so under a heading "Difficulty".',
      'When is it done? List it under a heading "Acceptance Criteria".',
    ]);
    expect(model.asked).toHaveLength(calls);
  });

  it('works without a model', async () => {
    const { parser } = await startParser([], { model: null, defaultEstimatedTokens: 9, defaultDifficulty: 'hard' });

    expect(await parser.parse(issue(PROSE))).toMatchObject({ estimatedTokens: 9, difficulty: 'hard', confidence: 0.4 });
  });

  it('asks for what is to be done when the text is practically empty, and not the model', async () => {
    const { parser, model } = await startParser([]);

    const metadata = await parser.parse(issue('', 'Fix it'));

    expect(confidenceBand(metadata.confidence)).toBe('ask');
    expect(metadata.questions[0]).toBe('What is to be done? Say it under a heading "Objective".');
    expect(model.asked).toEqual([]);
  });

  it('lets a model judge a title alone', async () => {
    const { parser } = await startParser([ANSWER]);

    expect(await parser.parse(issue('', 'Bump lodash to 4.17.21'))).toMatchObject({ confidence: 0.75 });
  });

  it('asks when there is a title alone and no model', async () => {
    const { parser } = await startParser([], { model: null });

    expect(await parser.parse(issue('', 'Bump lodash to 4.17.21'))).toMatchObject({ confidence: 0.25 });
  });

  it('warns of dependencies that it cannot read', async () => {
    const { parser } = await startParser([]);

    const metadata = await parser.parse(issue(`${STRUCTURE}\n## Blocked by\nthe review`));

    expect(confidenceBand(metadata.confidence)).toBe('queue-with-warning');
    expect(metadata.questions).toEqual([expect.stringContaining('Which issues are meant by "the review"')]);
  });

  it('asks the model once about a text', async () => {
    const { parser, model } = await startParser([ANSWER]);

    const first = await parser.parse(issue(PROSE));
    const second = await parser.parse(issue(PROSE));

    expect(second).toEqual(first);
    expect(model.asked).toHaveLength(1);
  });

  it('asks the model once for callers who come at once', async () => {
    const { parser, model } = await startParser([ANSWER]);

    const all = await Promise.all([parser.parse(issue(PROSE)), parser.parse(issue(PROSE))]);

    expect(all[1]).toBe(all[0]);
    expect(model.asked).toHaveLength(1);
  });

  it.each([
    ['text', issue(`${PROSE} Soon.`)],
    ['title', issue(PROSE, 'Another title')],
    ['issue', { ...issue(PROSE), ref: here(149) }],
  ])('asks again about another %s', async (_, other) => {
    const { parser, model } = await startParser([ANSWER, ANSWER]);

    await parser.parse(issue(PROSE));
    await parser.parse(other);

    expect(model.asked).toHaveLength(2);
  });

  it('asks a model that cannot be reached about no other text either until a while has passed', async () => {
    const { parser, model, clock } = await startParser([new ModelUnreachableError('away'), ANSWER]);
    await parser.parse(issue(PROSE));
    await parser.parse(issue(`${PROSE} And more of it.`));
    const callsEarly = model.asked.length;

    clock.advance(60_000);
    await parser.parse(issue(`${PROSE} And more of it.`));

    expect([callsEarly, model.asked.length]).toEqual([1, 2]);
  });

  it('does not ask a model that failed about the same text again until a while has passed', async () => {
    const { parser, model, clock } = await startParser([new ModelOverloadedError('busy'), ANSWER]);
    await parser.parse(issue(PROSE));
    clock.advance(59_999);
    const early = await parser.parse(issue(PROSE));
    const callsEarly = model.asked.length;
    clock.advance(1);

    const late = await parser.parse(issue(PROSE));

    expect([early.confidence, callsEarly, late.confidence, model.asked.length]).toEqual([0.4, 1, 0.75, 2]);
  });

  it('remembers a bounded number of failures', async () => {
    const { parser, model } = await startParser([]);
    for (let number = 1; number <= 1_001; number += 1) await parser.parse({ ...issue(PROSE), ref: here(number) });

    await parser.parse({ ...issue(PROSE), ref: here(2) });
    const callsForRemembered = model.asked.length;
    await parser.parse({ ...issue(PROSE), ref: here(1) });

    expect([callsForRemembered, model.asked.length]).toEqual([1_001, 1_002]);
  });

  it('works with a cache that is out of order', async () => {
    const broken = () => Promise.reject(new Error('disk full'));
    const { parser, model } = await startParser([ANSWER, ANSWER], { cache: { get: broken, put: broken } });

    const all = [await parser.parse(issue(PROSE)), await parser.parse(issue(PROSE))];

    expect(all.map(({ confidence }) => confidence)).toEqual([0.75, 0.75]);
    expect(model.asked).toHaveLength(2);
  });

  it('shares what it knows through the cache', async () => {
    const cache = new InMemoryMetadataCache();
    const one = await startParser([ANSWER], { cache });
    const other = await startParser([], { cache });
    await one.parser.parse(issue(PROSE));

    expect(await other.parser.parse(issue(PROSE))).toMatchObject({ confidence: 0.75 });
  });
});

describe('IssueParserService.alone', () => {
  it('parses without Nest', async () => {
    expect(await IssueParserService.alone().parse(issue(STRUCTURE))).toMatchObject({ confidence: 0.95 });
  });

  it('refuses the options that the module refuses', () => {
    expect(() => IssueParserService.alone({ defaultEstimatedTokens: -1 })).toThrow(
      expect.objectContaining({ code: 'PARSER_OPTIONS_INVALID' }),
    );
  });
});

describe('ParserModule', () => {
  it('starts with no options at all', async () => {
    const moduleRef = await Test.createTestingModule({ imports: [ParserModule.forRoot({})] }).compile();

    expect(await moduleRef.get(IssueParserService).parse(issue(STRUCTURE))).toMatchObject({ confidence: 0.95 });
  });

  it('starts with options that are made later', async () => {
    const useFactory = () => ({ defaultEstimatedTokens: 7 });
    const imports = [ParserModule.forRootAsync({ useFactory })];
    const moduleRef = await Test.createTestingModule({ imports }).compile();

    expect(await moduleRef.get(IssueParserService).parse(issue(PROSE))).toMatchObject({ estimatedTokens: 7 });
  });

  it.each([
    [{ defaultEstimatedTokens: 0 }, 'defaultEstimatedTokens to be a whole number above 0, got 0'],
    [{ defaultEstimatedTokens: 1.5 }, 'defaultEstimatedTokens to be a whole number above 0, got 1.5'],
    [{ defaultDifficulty: 'extreme' as 'hard' }, 'defaultDifficulty to be one of easy, medium, hard, got "extreme"'],
    [{ retryModelAfterMs: -1 }, 'retryModelAfterMs to be 0 or more, got -1'],
    [{ retryModelAfterMs: NaN }, 'retryModelAfterMs to be 0 or more, got NaN'],
  ])('refuses %j', async (options, sentence) => {
    const starting = Test.createTestingModule({ imports: [ParserModule.forRoot(options)] }).compile();

    await expect(starting).rejects.toMatchObject({ code: 'PARSER_OPTIONS_INVALID', message: `Expected ${sentence}` });
  });
});
