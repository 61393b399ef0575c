import { beforeEach, describe, expect, it } from '@jest/globals';
import type { IssueMetadata, MetadataCache } from '../../src/parser/index.js';

export function makeMetadata(given: Partial<IssueMetadata> = {}): IssueMetadata {
  return {
    estimatedTokens: 40_000,
    difficulty: 'medium',
    recommendedAgent: null,
    blocks: [],
    blockedBy: [{ owner: 'acme', repo: 'app', number: 2 }],
    acceptanceCriteria: ['It works – “really”'],
    confidence: 0.7,
    questions: [],
    sources: { estimatedTokens: 'model', difficulty: 'structure', acceptanceCriteria: 'model' },
    ...given,
  };
}

/** What every MetadataCache must do. Call it once for each implementation. */
export function describeMetadataCache(name: string, makeCache: () => Promise<MetadataCache>): void {
  describe(`${name}, as a MetadataCache`, () => {
    let cache: MetadataCache;

    beforeEach(async () => {
      cache = await makeCache();
    });

    it('knows nothing at first', async () => {
      expect(await cache.get('key')).toBeUndefined();
    });

    it('gives back what was put under a key, and only that', async () => {
      await cache.put('key', makeMetadata());
      await cache.put('other', makeMetadata({ estimatedTokens: 1 }));

      expect(await cache.get('key')).toEqual(makeMetadata());
    });

    it('keeps the last of two values', async () => {
      await cache.put('key', makeMetadata());
      await cache.put('key', makeMetadata({ recommendedAgent: 'glm' }));

      expect(await cache.get('key')).toEqual(makeMetadata({ recommendedAgent: 'glm' }));
    });

    it('takes the same value twice', async () => {
      await Promise.all([cache.put('key', makeMetadata()), cache.put('key', makeMetadata())]);

      expect(await cache.get('key')).toEqual(makeMetadata());
    });
  });
}
