import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import request from 'supertest';

import { BudgetService, resolveBudgetsOptions } from '../budgets/index.js';
import type { IssueRef } from '../kernel/index.js';
import { InMemoryRunStore } from '../orchestration/index.js';
import { QueueService } from '../queue/index.js';
import { FakeClock } from '../testing/index.js';
import { ApiModule } from './index.js';

const TOKEN = 'a-token-of-the-api';
const ISSUE: IssueRef = { owner: 'Acme', repo: 'tools', number: 7 };
const BLOCKER = { issue: { ...ISSUE, number: 6 }, isFinished: false };

async function startApi(token: string | null = TOKEN, withBudgets = true) {
  const clock = new FakeClock();
  const queue = QueueService.inMemory({ clock });
  const runs = new InMemoryRunStore(clock);
  const draft = { title: 'A title', profile: 'glm', priority: 200, details: { body: 'a text of the issue' } };
  await queue.enqueue({ ...draft, issue: ISSUE, blockers: [BLOCKER] }, 'Its issue was assigned.');
  await queue.enqueue({ ...draft, issue: { ...ISSUE, number: 8 }, blockers: [] }, 'Its issue was assigned.');
  const profile = { name: 'glm', prices: { input: 1, output: 2 } };
  const budgets = new BudgetService(resolveBudgetsOptions({ clock, profiles: [profile] }));
  const moduleRef = await Test.createTestingModule({
    imports: [ApiModule.forRoot({ queue, runs, token, ...(withBudgets && { budgets }) })],
  }).compile();
  const app = await moduleRef.createNestApplication({ logger: false }).init();
  const get = (path: string, bearer = TOKEN) =>
    request(app.getHttpServer()).get(path).set('authorization', `Bearer ${bearer}`);
  return { app, get, budgets, profile };
}

describe('the API', () => {
  it('shows every job, why it waits, and no text of its issue', async () => {
    const { app, get } = await startApi();

    const { status, body, text } = await get('/api/jobs');

    expect(status).toBe(200);
    expect(body.jobs).toEqual([
      expect.objectContaining({
        issue: 'Acme/tools#7',
        state: 'pending',
        why: expect.stringContaining('Acme/tools#6'),
        blockedBy: [{ issue: 'Acme/tools#6', isFinished: false }],
        progress: expect.objectContaining({ rejections: 0, pullRequest: null }),
        updatedAt: '2023-11-14T22:13:20.000Z',
      }),
      expect.objectContaining({ issue: 'Acme/tools#8', state: 'available' }),
    ]);
    expect(text).not.toContain('a text of the issue');
    await app.close();
  });

  it('shows what a job cost, and what of the day is left', async () => {
    const { app, get, budgets, profile } = await startApi();
    const spent = { inputTokens: 1_000_000, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    await budgets.spent({ runId: 'run-1', issue: ISSUE, profile }, spent);

    const [one, standing] = await Promise.all([get('/api/jobs/acme/tools/7'), get('/api/spend')]);

    expect(one.body.job.cost).toEqual({ tokens: 1_000_000, usd: 1, usdAtLeast: 1 });
    expect([standing.status, standing.body]).toEqual([
      200,
      expect.objectContaining({
        day: '2023-11-14',
        today: expect.objectContaining({ remaining: { tokens: null, usd: 99 } }),
        profiles: [expect.objectContaining({ name: 'glm', closedBecause: null })],
      }),
    ]);
    await app.close();
  });

  it('shows costs as unknown where nobody reckons them', async () => {
    const { app, get } = await startApi(TOKEN, false);

    const [one, standing] = await Promise.all([get('/api/jobs/acme/tools/7'), get('/api/spend')]);

    expect(one.body.job.cost).toBeNull();
    expect([standing.status, standing.body.error]).toEqual([404, 'API_SPEND_UNKNOWN']);
    await app.close();
  });

  it('shows the jobs of one state', async () => {
    const { app, get } = await startApi();

    const { body } = await get('/api/jobs?state=available');

    expect(body.jobs).toHaveLength(1);
    await app.close();
  });

  it('shows one job with its history and its runs, whatever the case of its name', async () => {
    const { app, get } = await startApi();

    const { body } = await get('/api/jobs/ACME/Tools/7');

    expect(body).toMatchObject({ job: { issue: 'Acme/tools#7' }, history: [{ from: null, to: 'pending' }], runs: [] });
    await app.close();
  });

  it.each([
    ['/api/jobs?state=lost', 400, 'API_STATE_UNKNOWN'],
    ['/api/jobs/acme/tools/x', 400, 'ISSUE_REF_INVALID'],
    ['/api/jobs/acme/tools/99', 404, 'API_JOB_UNKNOWN'],
  ])('answers %s with %d %s', async (path, status, code) => {
    const { app, get } = await startApi();

    const response = await get(path);

    expect([response.status, response.body.error]).toEqual([status, code]);
    await app.close();
  });

  it.each(['', 'wrong', `${TOKEN}x`])('refuses the token %j', async (bearer) => {
    const { app, get } = await startApi();

    const responses = await Promise.all([get('/api/jobs', bearer), get('/api/spend', bearer)]);

    for (const { status, body } of responses) expect([status, body.error]).toEqual([401, 'API_TOKEN_REJECTED']);
    await app.close();
  });

  it('refuses a request without a token, and everybody where none is configured', async () => {
    const open = await startApi();
    const closed = await startApi(null);

    const [without, toClosed] = await Promise.all([
      request(open.app.getHttpServer()).get('/api/jobs'),
      closed.get('/api/jobs'),
    ]);

    expect([without.status, toClosed.status, toClosed.body.error]).toEqual([401, 403, 'API_CLOSED']);
    await Promise.all([open.app.close(), closed.app.close()]);
  });
});
