import { describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';

import { HealthModule, type HealthModuleOptions } from './index.js';

async function startHealth(given: Partial<HealthModuleOptions> = {}): Promise<INestApplication> {
  const options: HealthModuleOptions = {
    pingDatabase: () => Promise.resolve(),
    sinceLastTickMs: () => 1_000,
    silentLoopMs: 60_000,
    limitations: [],
    version: '1.2.3',
    ...given,
  };
  const moduleRef = await Test.createTestingModule({ imports: [HealthModule.forRoot(options)] }).compile();
  return moduleRef.createNestApplication({ logger: false }).init();
}

describe('GET /health', () => {
  it('answers 200 with the original contract', async () => {
    const app = await startHealth();

    const response = await request(app.getHttpServer()).get('/health');

    expect([response.status, response.body]).toEqual([
      200,
      { status: 'healthy', service: 'mosaic-coordinator', version: '1.2.3' },
    ]);
    await app.close();
  });

  it('lives whatever its database does', async () => {
    const app = await startHealth({ pingDatabase: () => Promise.reject(new Error('away')) });

    const response = await request(app.getHttpServer()).get('/health/live');

    expect([response.status, response.body]).toEqual([200, { status: 'alive' }]);
    await app.close();
  });
});

describe('GET /health/ready', () => {
  it('is ready, and tells what it cannot do', async () => {
    const app = await startHealth({ limitations: ['Without a token it cannot push.'] });

    const { status, body } = await request(app.getHttpServer()).get('/health/ready');

    expect(status).toBe(200);
    expect(body.details).toMatchObject({
      database: { status: 'up' },
      loop: { status: 'up', secondsSinceLastTick: 1 },
      configuration: { status: 'up', limitations: ['Without a token it cannot push.'] },
    });
    await app.close();
  });

  it('is ready, and tells what it cannot do at this moment', async () => {
    const app = await startHealth({
      limitations: ['Without a token it cannot push.'],
      presentLimitations: () => ['Profile glm is not used.'],
    });

    const { status, body } = await request(app.getHttpServer()).get('/health/ready');

    expect([status, body.details.configuration.limitations]).toEqual([
      200,
      ['Without a token it cannot push.', 'Profile glm is not used.'],
    ]);
    await app.close();
  });

  it.each([
    ['the database does not answer', { pingDatabase: () => Promise.reject(new Error('away')) }, 'database'],
    ['the loop was silent for too long', { sinceLastTickMs: () => 60_001 }, 'loop'],
    ['the loop has not begun', { sinceLastTickMs: () => null }, 'loop'],
  ])('answers 503 when %s', async (_name, given, key) => {
    const app = await startHealth(given);

    const { status, body } = await request(app.getHttpServer()).get('/health/ready');

    expect([status, body.error[key].status]).toEqual([503, 'down']);
    await app.close();
  });
});
