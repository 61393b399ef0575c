import { describe, expect, it, jest } from '@jest/globals';

import { say, type ModelConversation } from '../src/testing/index.js';
import { LoneService, tellsSecret } from './support/lone-service.js';
import { describePostgres, type PostgresServer } from './support/postgres.js';
import { Coordination, agentRule, writeAnswer } from './support/start-coordination.js';
import { untilStatus } from './support/until-status.js';

jest.setTimeout(90_000);

/** How long a job may lie still after its coordinator was started again on the same machine. */
const RESUMED_WITHIN_MS = 5_000;

const isResumed = ({ lastPrompt }: ModelConversation): boolean => lastPrompt.includes('the coordinator was restarted');

describePostgres('The service on PostgreSQL', (server) => {
  it('does its work, and goes on with it after a kill -9', async () => {
    let asked: () => void = () => undefined;
    const wasAsked = new Promise<void>((resolve) => (asked = resolve));
    const thinksForever = (): Promise<never> => {
      asked();
      return new Promise(() => undefined);
    };
    await using run = await Coordination.start({
      environment: { DATABASE_URL: await server().createDatabase() },
      rules: [
        agentRule(1, [writeAnswer('right'), say('Finished after the restart.')], isResumed),
        agentRule(1, [writeAnswer('half'), thinksForever]),
      ],
    });
    const issue = await run.assigned();
    await wasAsked;

    await run.service.kill();
    await run.restart();
    const ready = await run.service.line('Service is ready');
    const resumed = await run.reaches(issue, 'running');
    await run.reaches(issue, 'in_review');

    // Far less than a lease.
    expect(Number(resumed['timestamp']) - Number(ready['timestamp'])).toBeLessThan(RESUMED_WITHIN_MS);
    expect(run.service.linesOf('Run started')).toMatchObject([{ isContinuation: true }]);
    expect((await run.job(issue)).state).toBe('in_review');
  });

  it('answers 503 while the server is away, loses nothing, and comes back to it', async () => {
    const password = 'database-0123456789';
    const url = new URL(await server().createDatabase());
    url.password = password;
    await using service = LoneService.start({ environment: { DATABASE_URL: url.href, LOOP_INTERVAL_SECONDS: '1' } });
    const address = await service.process.address();
    const post = async (id: string) => (await service.post({ headers: { 'X-Gitea-Delivery': id } })).status;

    expect(await post('before')).toBe(200);
    await server().kill();
    await untilStatus(`${address}/health/ready`, 503);
    const away = [await post('away-1'), await post('away-2')];
    const [live, health] = [await service.get('/health/live'), await service.get('/health')];
    await server().resume();
    await untilStatus(`${address}/health/ready`, 200);

    expect(away).toEqual([503, 503]);
    expect([live.status, health.status]).toEqual([200, 200]);
    expect(await post('after')).toBe(200);
    const stored = await deliveriesIn(server(), url);
    expect(stored).toEqual(expect.arrayContaining(['before', 'after']));
    await expect(service.process.stop()).resolves.toMatchObject({ code: 0 });
    expect(service.process.text).not.toContain(password);
    expect(tellsSecret(service.process.text)).toBe(false);
  });

  it('takes deliveries in two processes at once, and each once', async () => {
    const DATABASE_URL = await server().createDatabase();
    await using one = LoneService.start({ environment: { DATABASE_URL } });
    await using other = LoneService.start({ environment: { DATABASE_URL } });
    await Promise.all([one.process.address(), other.process.address()]);

    const answers = await Promise.all(
      [one, other, one, other].map((service) => service.post({ headers: { 'X-Gitea-Delivery': 'same' } })),
    );

    const said = answers.map(({ body }) => (body as { status: string }).status);
    expect(said.filter((status) => status === 'accepted')).toHaveLength(1);
    expect(said.filter((status) => status === 'duplicate')).toHaveLength(3);
    const [ready, otherReady] = [await one.get('/health/ready'), await other.get('/health/ready')];
    expect([ready.status, otherReady.status]).toEqual([200, 200]);
  });

  it('does not start without its server, and says where it looked and no password', async () => {
    const DATABASE_URL = 'postgres://mosaic:database-0123456789@127.0.0.1:9/mosaic';
    await using service = LoneService.start({ environment: { DATABASE_URL, DATABASE_WAIT_SECONDS: '1' } });

    const { code } = await service.process.ended();

    expect(code).not.toBe(0);
    expect(service.process.text).toContain('Waiting for the database');
    expect(service.process.text).toContain('PostgreSQL at 127.0.0.1:9/mosaic refused');
    expect(service.process.text).not.toContain('0123456789');
  });
});

describe('DATABASE_URL', () => {
  it('is refused in a sentence that does not show it', async () => {
    await using service = LoneService.start({ environment: { DATABASE_URL: 'mysql://u:database-0123456789@db/name' } });

    expect(await service.process.ended()).toMatchObject({ code: 78 });
    expect(service.process.text).toContain('DATABASE_URL must be like');
    expect(service.process.text).not.toContain('0123456789');
  });
});

async function deliveriesIn(server: PostgresServer, { pathname }: URL): Promise<readonly string[]> {
  const rows = await server.ask<{ id: string }>('select id from deliveries', pathname.slice(1));
  return rows.map(({ id }) => id);
}
