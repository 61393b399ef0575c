import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import request from 'supertest';

import { CalibrationService } from '../calibration/index.js';
import { InMemoryRunStore } from '../orchestration/index.js';
import { QueueService } from '../queue/index.js';
import { FakeClock } from '../testing/index.js';
import { ApiModule } from './index.js';

const TOKEN = 'a-token-of-the-api';

async function ask(calibration?: CalibrationService, bearer = TOKEN) {
  const runs = new InMemoryRunStore(new FakeClock());
  const options = { queue: QueueService.inMemory(), runs, token: TOKEN, ...(calibration && { calibration }) };
  const moduleRef = await Test.createTestingModule({ imports: [ApiModule.forRoot(options)] }).compile();
  const app = await moduleRef.createNestApplication({ logger: false }).init();
  const { status, body } = await request(app.getHttpServer())
    .get('/api/calibration')
    .set('authorization', `Bearer ${bearer}`);
  await app.close();
  return { status, body };
}

describe('GET /api/calibration', () => {
  it('shows what finished work took beside its estimates', async () => {
    const calibration = CalibrationService.alone();
    const sample = { profile: 'glm', difficulty: 'easy', estimatedTokens: 1_000, peakTokens: 4_000 } as const;
    for (const jobId of ['a/a#1', 'a/a#2', 'a/a#3']) await calibration.record({ ...sample, jobId });

    const group = { profile: 'glm', difficulty: 'easy' };
    expect(await ask(calibration)).toEqual({
      status: 200,
      body: { calibration: [{ ...group, samples: 3, median: 4, factor: 2, isApplied: true }] },
    });
  });

  it('shows nothing where nothing is calibrated', async () => {
    expect(await ask()).toEqual({ status: 200, body: { calibration: [] } });
  });

  it('refuses strangers', async () => {
    expect(await ask(CalibrationService.alone(), 'wrong')).toMatchObject({ status: 401 });
  });
});
