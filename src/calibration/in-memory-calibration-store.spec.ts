import { describe, expect, it } from '@jest/globals';
import { describeCalibrationStore, makeSample } from '../../test/contracts/calibration-store.contract.js';
import { InMemoryCalibrationStore } from './in-memory-calibration-store.js';

describeCalibrationStore('InMemoryCalibrationStore', async () => new InMemoryCalibrationStore());

describe('InMemoryCalibrationStore', () => {
  it('forgets the oldest sample when it is full', async () => {
    const store = new InMemoryCalibrationStore(2);

    for (const jobId of ['a/a#1', 'a/a#2', 'a/a#1', 'a/a#3']) await store.put(makeSample({ jobId }));

    const kept = await store.newest({ profile: 'glm', difficulty: 'medium' }, 5);
    expect(kept.map(({ jobId }) => jobId)).toEqual(['a/a#3', 'a/a#1']);
  });
});
