import { describe, expect, it } from '@jest/globals';
import { describeMetadataCache, makeMetadata } from '../../test/contracts/metadata-cache.contract.js';
import { InMemoryMetadataCache } from './in-memory-metadata-cache.js';

describeMetadataCache('InMemoryMetadataCache', () => Promise.resolve(new InMemoryMetadataCache()));

describe('InMemoryMetadataCache', () => {
  it('forgets what was used longest ago', async () => {
    const cache = new InMemoryMetadataCache(2);
    await cache.put('a', makeMetadata());
    await cache.put('b', makeMetadata());
    await cache.get('a');
    await cache.put('c', makeMetadata());

    const found = await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)));

    expect(found.map((metadata) => metadata !== undefined)).toEqual([true, false, true]);
  });

  it('forgets nothing while there is room', async () => {
    const cache = new InMemoryMetadataCache();
    const keys = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);
    for (const key of keys) await cache.put(key, makeMetadata());

    const found = await Promise.all(keys.map((key) => cache.get(key)));

    expect(found).not.toContain(undefined);
  });
});
