import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, it, jest } from '@jest/globals';
import request from 'supertest';

import { InvalidConfigurationError } from './config/index.js';
import { startService } from './service.js';
import { FakeGitea, ScriptedModelServer } from './testing/index.js';

const BEFORE = { ...process.env };

afterAll(() => {
  process.env = BEFORE;
});

/** Starts the service in this process, on stand-ins, quietly. */
async function startHere(given: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'service-'));
  const gitea = await FakeGitea.start({ users: ['ada', 'mosaic'] });
  const model = new ScriptedModelServer({ rules: [] });
  process.env = {
    PATH: BEFORE['PATH'] ?? '',
    GITEA_WEBHOOK_SECRET: 'a-secret-of-the-webhook',
    GITEA_URL: gitea.url,
    GITEA_TOKEN: gitea.createToken('mosaic'),
    ANTHROPIC_API_KEY: 'key-of-the-model',
    ANTHROPIC_BASE_URL: await model.start(),
    DATA_FOLDER: join(folder, 'data'),
    HOST: '127.0.0.1',
    PORT: '0',
    ...given,
  };
  const lines: string[] = [];
  const take = (text: unknown): boolean => lines.push(String(text)) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(take));
  const app = await startService();
  return {
    app,
    gitea,
    lines,
    close: async () => {
      await app.close();
      for (const spy of spies) spy.mockRestore();
      await Promise.all([gitea.close(), model.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

describe('startService', () => {
  it('wires the modules together: probes, metrics and the webhook answer', async () => {
    const { app, lines, close } = await startHere();
    const server = app.getHttpServer();

    const health = await request(server).get('/health');
    const metrics = await request(server).get('/metrics');
    const unsigned = await request(server).post('/webhook/gitea').send('{}');
    const closed = await request(server).get('/api/jobs');
    await close();

    expect([health.status, metrics.status, unsigned.status, closed.status]).toEqual([200, 200, 401, 403]);
    expect(metrics.text).toContain('mosaic_coordinator_processed_total 0');
    expect(lines.join('')).toContain('"message":"Service is ready"');
  });

  it('limits slow clients', async () => {
    const { app, close } = await startHere();
    const { headersTimeout, requestTimeout, connectionsCheckingInterval } = app.getHttpServer();
    await close();

    expect([headersTimeout, requestTimeout, connectionsCheckingInterval]).toEqual([5_000, 30_000, 1_000]);
  });

  it('takes an assigned issue into its queue', async () => {
    const { app, gitea, lines, close } = await startHere({ API_TOKEN: 'a-token-of-the-api', MAX_RUNNING: '1' });
    const repository = await gitea.createRepository({
      owner: 'acme',
      name: 'tools',
      files: { 'a.txt': 'a' },
      collaborators: { mosaic: 'write' },
    });
    gitea.createHook(repository, { url: `${await app.getUrl()}/webhook/gitea`, secret: 'a-secret-of-the-webhook' });
    const ref = gitea.openIssue(repository, { title: 'x', body: '' }, { by: 'acme' });
    gitea.assign(ref, ['mosaic'], { by: 'acme' });
    await gitea.idle();
    const asked = gitea.deliveries.map(({ status }) => status);
    await close();

    expect(asked).toEqual([200, 200]);
    expect(lines.join('')).toContain('"message":"Delivery accepted"');
  });

  it('does not start on a configuration that cannot be used', async () => {
    process.env = { PORT: 'x' };

    await expect(startService()).rejects.toThrow(InvalidConfigurationError);
  });
});
