import { describe, expect, it } from '@jest/globals';
import { METADATA_SOURCES, type MetadataSource } from './parser.types.js';
import { confidenceBand, confidenceOf, textExtent, type ConfidenceBasis } from './confidence.js';

function makeBasis(
  estimatedTokens: MetadataSource,
  difficulty: MetadataSource,
  acceptanceCriteria: MetadataSource,
  given: Partial<ConfidenceBasis> = {},
): ConfidenceBasis {
  return {
    sources: { estimatedTokens, difficulty, acceptanceCriteria },
    modelConfidence: null,
    extent: 'usable',
    hasProblems: false,
    ...given,
  };
}

describe('confidenceBand', () => {
  it.each([
    [1, 'queue'],
    [0.6, 'queue'],
    [0.599, 'queue-with-warning'],
    [0.3, 'queue-with-warning'],
    [0.299, 'ask'],
    [0, 'ask'],
    [NaN, 'ask'],
  ])('puts %p into the band %p', (confidence, band) => {
    expect(confidenceBand(confidence)).toBe(band);
  });
});

describe('textExtent', () => {
  it.each([
    [9, 'empty'],
    [10, 'thin'],
    [39, 'thin'],
    [40, 'usable'],
  ])('calls %p letters %p', (letters, extent) => {
    expect(textExtent(letters)).toBe(extent);
  });
});

describe('confidenceOf', () => {
  const model = { modelConfidence: 0.7 };

  it.each([
    ['all is structure', makeBasis('structure', 'structure', 'structure'), 0.95],
    ['all is structure, in few words', makeBasis('structure', 'structure', 'structure', { extent: 'empty' }), 0.95],
    ['the model filled something', makeBasis('structure', 'model', 'structure', model), 0.7],
    ['the model is sure', makeBasis('model', 'model', 'model', { modelConfidence: 1 }), 0.8],
    ['the model is unsure', makeBasis('model', 'model', 'model', { modelConfidence: 0.1 }), 0.1],
    ['the model said no confidence', makeBasis('model', 'model', 'model'), 0],
    ['the criteria are missing', makeBasis('structure', 'structure', 'default'), 0.7],
    ['the difficulty is assumed', makeBasis('structure', 'default', 'structure'), 0.5],
    ['the estimate is assumed', makeBasis('default', 'structure', 'structure'), 0.4],
    ['all is assumed', makeBasis('default', 'default', 'default'), 0.4],
    ['a thin text was not read by a model', makeBasis('structure', 'structure', 'default', { extent: 'thin' }), 0.25],
    ['a thin text was read by a model', makeBasis('model', 'model', 'model', { ...model, extent: 'thin' }), 0.7],
    ['the text is empty', makeBasis('default', 'default', 'default', { extent: 'empty' }), 0.1],
    ['dependencies are unreadable', makeBasis('structure', 'structure', 'structure', { hasProblems: true }), 0.5],
  ])('is right when %s', (_, basis, confidence) => {
    expect(confidenceOf(basis)).toBe(confidence);
  });

  it('never queues an assumed estimate or difficulty without a word', () => {
    const assumed = METADATA_SOURCES.flatMap((source) => [
      confidenceOf(makeBasis('default', source, 'structure', { modelConfidence: 1 })),
      confidenceOf(makeBasis(source, 'default', 'structure', { modelConfidence: 1 })),
    ]);

    expect(assumed.map(confidenceBand)).toEqual(assumed.map(() => 'queue-with-warning'));
  });
});
