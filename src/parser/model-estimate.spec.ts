import { describe, expect, it } from '@jest/globals';
import { MODEL_ESTIMATE_SCHEMA, ModelEstimate, checkModelAnswer } from './model-estimate.js';

const ANSWER = {
  estimated_tokens: 40_000,
  difficulty: 'medium',
  recommended_agent: null,
  acceptance_criteria: ['a'],
  blocked_by: ['#2'],
  blocks: [],
  confidence: 0.7,
  questions: [],
};

const problemsOf = (given: object): readonly string[] => {
  const checked = checkModelAnswer(JSON.stringify({ ...ANSWER, ...given }));
  return checked.estimate === null ? checked.problems : [];
};

describe('checkModelAnswer', () => {
  it('takes over the fields that are known', () => {
    const text = JSON.stringify({ ...ANSWER, approved: true });

    expect(checkModelAnswer(text)).toEqual({ estimate: ANSWER });
  });

  it('reads JSON within a Markdown fence', () => {
    expect(checkModelAnswer(`Here it is:\n\`\`\`json\n${JSON.stringify(ANSWER)}\n\`\`\``)).toEqual({
      estimate: ANSWER,
    });
  });

  it.each(['', 'no', '{', 'null', '[1]', '12', '{"a":'])('refuses %p', (text) => {
    expect(checkModelAnswer(text)).toEqual({ estimate: null, problems: ['the answer is not a JSON object'] });
  });

  it('names each missing field once', () => {
    expect(checkModelAnswer('{}')).toEqual({
      estimate: null,
      problems: Object.keys(ANSWER).map((field) => `${field} is missing`),
    });
  });

  it('does not take a field from the prototype', () => {
    const { difficulty: _, ...rest } = ANSWER;
    const text = JSON.stringify(rest).replace('{', '{"__proto__":{"difficulty":"easy"},');

    expect(checkModelAnswer(text)).toEqual({ estimate: null, problems: ['difficulty is missing'] });
  });

  it.each([
    ['estimated_tokens', 999],
    ['estimated_tokens', 10_000_001],
    ['estimated_tokens', 1_000.5],
    ['estimated_tokens', '40000'],
    ['difficulty', 'extreme'],
    ['recommended_agent', 1],
    ['recommended_agent', 'x'.repeat(65)],
    ['acceptance_criteria', 'a'],
    ['acceptance_criteria', [1]],
    ['acceptance_criteria', Array.from({ length: 51 }, () => 'a')],
    ['acceptance_criteria', ['x'.repeat(501)]],
    ['blocked_by', [2]],
    ['blocks', null],
    ['confidence', 1.1],
    ['confidence', -0.1],
    ['confidence', 'high'],
    ['questions', {}],
  ])('refuses %s of %j', (field, value) => {
    expect(problemsOf({ [field]: value })).toEqual(expect.arrayContaining([expect.stringContaining(field)]));
  });

  it.each([
    ['estimated_tokens', 1_000],
    ['estimated_tokens', 10_000_000],
    ['recommended_agent', 'glm'],
    ['confidence', 0],
    ['confidence', 1],
  ])('accepts %s of %j', (field, value) => {
    expect(problemsOf({ [field]: value })).toEqual([]);
  });
});

describe('MODEL_ESTIMATE_SCHEMA', () => {
  it('asks for exactly the fields that are read', () => {
    const fields = Object.keys(new ModelEstimate());

    expect(Object.keys(MODEL_ESTIMATE_SCHEMA.properties)).toEqual(fields);
    expect(MODEL_ESTIMATE_SCHEMA.required).toEqual(fields);
  });
});
