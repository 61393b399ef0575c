import { afterEach, describe, expect, it } from '@jest/globals';
import { CalibrationService } from '../calibration/index.js';
import { describeCalibrationStore, makeSample } from '../../test/contracts/calibration-store.contract.js';
import { openTestDatabase, withTestDatabase, type TestDatabase } from '../../test/support/test-database.js';
import { SqlCalibrationStore } from './sql-calibration-store.js';

let opened: TestDatabase | undefined;

afterEach(async () => {
  await opened?.close();
  opened = undefined;
});

describeCalibrationStore('SqlCalibrationStore', async () => {
  opened = await openTestDatabase();
  return new SqlCalibrationStore(opened.database);
});

describe('SqlCalibrationStore', () => {
  it('gives a calibration that begins anew what the last one learnt', async () => {
    await withTestDatabase(async ({ database }) => {
      const before = CalibrationService.alone({ store: new SqlCalibrationStore(database) });
      for (const jobId of ['a/a#1', 'a/a#2', 'a/a#3']) {
        await before.record(makeSample({ jobId, estimatedTokens: 1_000, peakTokens: 4_000 }));
      }

      const after = CalibrationService.alone({ store: new SqlCalibrationStore(database) });

      expect(await after.correct(1_000, 'medium', 'glm')).toMatchObject({ tokens: 2_000 });
    });
  });
});
