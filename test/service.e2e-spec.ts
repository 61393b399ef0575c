import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import { describe, expect, it, jest } from '@jest/globals';

import { HeldCommands } from './support/held-commands.js';
import { ASSIGNED, LoneService, SECRETS, SIGNING_SECRET, tellsSecret, type Posted } from './support/lone-service.js';
import { digestOf } from './support/recorded-deliveries.js';
import { ServiceProcess } from './support/service-process.js';
import { Coordination, agentRule, runCommand } from './support/start-coordination.js';
import { makeTemporaryFolder } from './support/temporary-folder.js';
import { statusOf, untilStatus } from './support/until-status.js';

jest.setTimeout(60_000);

const ID = ASSIGNED.delivery?.id;

describe('The webhook of the service', () => {
  it('answers each kind of delivery as it says', async () => {
    await using service = LoneService.start();
    const payload = ASSIGNED.bytes.toString();
    const form = new URLSearchParams({ payload }).toString();
    const deliveries: Readonly<Record<string, Posted>> = {
      'without a signature': { signed: null },
      'with a wrong one': { signed: `${payload} ` },
      'with a malformed one': { signed: null, headers: { 'X-Gitea-Signature': 'sha256=' } },
      'a good one': {},
      'the same again': {},
      'the same under a new id': { headers: { 'X-Gitea-Delivery': 'new' } },
      'by the other secret': {
        signed: null,
        headers: { 'X-Gitea-Delivery': 'other', 'X-Gitea-Signature': digestOf(payload, 'whsec-7ad0c3fe99120b44') },
      },
      gzipped: { body: gzipSync(payload), headers: { 'Content-Encoding': 'gzip' } },
      'as a form': {
        body: form,
        signed: payload,
        headers: { 'X-Gitea-Delivery': 'form', 'Content-Type': 'application/x-www-form-urlencoded' },
      },
      'of 12 MB': { body: Buffer.alloc(12_000_000, ' ') },
      garbage: { body: '{"action":' },
      null: { body: 'null' },
      'an event nobody needs': { headers: { 'X-Gitea-Event': 'fork', 'X-Gitea-Event-Type': 'fork' } },
    };

    const answers: Record<string, unknown> = {};
    for (const [name, delivery] of Object.entries(deliveries)) {
      const { status, body } = await service.post(delivery);
      const said = body as { status?: string; error?: string };
      answers[name] = `${status} ${said.status ?? said.error}`;
    }

    expect(answers).toEqual({
      'without a signature': '401 SIGNATURE_REJECTED',
      'with a wrong one': '401 SIGNATURE_REJECTED',
      'with a malformed one': '401 SIGNATURE_REJECTED',
      'a good one': '200 accepted',
      'the same again': '200 duplicate',
      'the same under a new id': '200 accepted',
      'by the other secret': '200 accepted',
      gzipped: '415 CONTENT_ENCODING_REFUSED',
      'as a form': '200 accepted',
      'of 12 MB': '413 BODY_TOO_LARGE',
      garbage: '422 DELIVERY_MALFORMED',
      null: '422 DELIVERY_MALFORMED',
      'an event nobody needs': '200 ignored',
    });
    expect((await service.get('/webhook/gitea')).status).toBe(404);
    expect(tellsSecret(service.process.text)).toBe(false);
  });

  it('answers 503 once the disk takes nothing more, and has everything it answered 200', async () => {
    const kilobytes = 500;
    await using full = LoneService.start({ shell: `ulimit -f ${kilobytes}` });
    const outcomes: number[] = [];
    while (outcomes.at(-1) !== 503 && outcomes.length < 200) {
      const { status } = await full.post({ headers: { 'X-Gitea-Delivery': `delivery-${outcomes.length}` } });
      outcomes.push(status);
    }
    // A probe writes a little, and so finds out at the latest when the rest of the space is gone.
    await untilStatus(`${await full.process.address()}/health/ready`, 503);
    const ready = await full.get('/health/ready');
    const health = await full.get('/health');
    await full.process.kill();
    await using mended = LoneService.start({ dataFolder: full.dataFolder });

    const again: string[] = [];
    for (const [number] of outcomes.entries()) {
      const { body } = await mended.post({ headers: { 'X-Gitea-Delivery': `delivery-${number}` } });
      again.push((body as { status: string }).status);
    }

    expect(outcomes.length).toBeGreaterThan(1);
    expect(outcomes.at(-1)).toBe(503);
    expect(new Set(outcomes.slice(0, -1))).toEqual(new Set([200]));
    expect(again.slice(0, -1)).toEqual(outcomes.slice(0, -1).map(() => 'duplicate'));
    expect(again.at(-1)).toBe('accepted');
    expect(ready).toMatchObject({ status: 503, body: { details: { database: { status: 'down' } } } });
    expect(health.status).toBe(200);
  });
});

describe('The service', () => {
  it('answers probes, and says what it cannot do', async () => {
    await using service = LoneService.start();
    await service.process.address();

    const [health, live, ready] = await Promise.all(
      ['/health', '/health/live', '/health/ready'].map((path) => service.get(path)),
    );

    expect(health).toEqual({
      status: 200,
      body: { status: 'healthy', service: 'mosaic-coordinator', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    });
    expect(live).toEqual({ status: 200, body: { status: 'alive' } });
    expect(ready).toMatchObject({
      status: 200,
      body: {
        details: {
          database: { status: 'up' },
          loop: { status: 'up' },
          configuration: {
            status: 'up',
            limitations: expect.arrayContaining([expect.stringContaining('GITEA_TOKEN')]),
          },
        },
      },
    });
  });

  it('counts what an operator needs', async () => {
    await using service = LoneService.start();
    await service.post();
    await service.post();
    await service.post({ signed: null });

    const metrics = await (await fetch(`${await service.process.address()}/metrics`)).text();

    expect(metrics).toContain('mosaic_coordinator_processed_total 0');
    expect(metrics).toContain('mosaic_coordinator_success_total 0');
    expect(metrics).toContain('mosaic_coordinator_rejection_total 0');
    expect(metrics).toContain('mosaic_coordinator_deliveries_total{outcome="accepted"} 1');
    expect(metrics).toContain('mosaic_coordinator_deliveries_total{outcome="duplicate"} 1');
    expect(metrics).toContain('mosaic_coordinator_deliveries_total{outcome="refused"} 1');
    expect(metrics).toContain('mosaic_coordinator_jobs{state="available"} 0');
    expect(metrics).toMatch(/mosaic_coordinator_tick_duration_seconds_count [1-9]/);
    expect(metrics).toContain('process_resident_memory_bytes');
  });

  it('opens its API to whoever holds the token, and to nobody without one', async () => {
    await using service = LoneService.start({ environment: { GITEA_BOT_NAME: 'mosaic-bot' } });
    await using closed = LoneService.start({ environment: { API_TOKEN: '' } });
    await service.post();
    await service.process.line('Job moved', { to: 'retryable' });

    const job = await service.get('/api/jobs/acme/web.shop/12', { authorization: `Bearer ${SECRETS.API_TOKEN}` });

    expect(job).toMatchObject({
      status: 200,
      body: {
        job: {
          issue: 'acme/web.shop#12',
          state: 'retryable',
          why: expect.stringMatching(/^Waits until .* to be tried again: The workspace cannot be made/),
        },
        history: expect.any(Array),
        runs: [{ outcome: 'retryable' }],
      },
    });
    expect((await service.get('/api/jobs')).status).toBe(401);
    expect((await service.get('/api/jobs', { authorization: 'Bearer something-else-entirely' })).status).toBe(401);
    const asked = await closed.get('/api/jobs', { authorization: 'Bearer ' });
    expect(asked).toMatchObject({ status: 403, body: { error: 'API_CLOSED' } });
    expect(tellsSecret(service.process.text)).toBe(false);
  });
});

describe('At start the service', () => {
  it('names every wrong variable at once, shows no value, and exits with 78', async () => {
    const wrong = {
      GITEA_WEBHOOK_SECRET: 'tooshort-0001',
      GITEA_URL: 'ftp://somebody:pass-0002@git.example.org',
      PORT: 'port-0003',
      LOG_LEVEL: 'level-0004',
      API_TOKEN: 'tooshort-0005',
    };
    await using service = LoneService.start({ environment: { ...wrong, ANTHROPIC_API_KEY: '' } });

    const { code } = await service.process.ended();

    expect(code).toBe(78);
    for (const name of [...Object.keys(wrong), 'ANTHROPIC_API_KEY']) expect(service.process.text).toContain(name);
    expect(service.process.text).not.toMatch(/000\d/);
    expect(service.process.text).not.toMatch(/^ +at /m);
  });

  it.each([
    ['is not there', null, 'AGENT_PROFILES_FILE cannot be read: ENOENT'],
    ['has mistakes', 'profiles: 3', 'profiles: must be a list'],
  ])('exits with 78 when its profile file %s', async (_what, text, sentence) => {
    const folder = makeTemporaryFolder();
    const file = join(folder.path, 'profiles.yml');
    if (text !== null) writeFileSync(file, text);
    await using service = LoneService.start({ environment: { AGENT_PROFILES_FILE: file } });

    const { code } = await service.process.ended();
    folder.remove();

    expect(code).toBe(78);
    expect(service.process.text).toMatch(/^mosaic-coordinator cannot start: /m);
    expect(service.process.text).toContain(sentence);
  });

  it('refuses an environment that says nothing', async () => {
    await using service = ServiceProcess.start({});

    expect(await service.ended()).toMatchObject({ code: 78 });
    expect(service.text).toMatch(
      /GITEA_WEBHOOK_SECRET is not set[^]*GITEA_URL is not set[^]*ANTHROPIC_API_KEY is not set/,
    );
  });

  it('refuses a data folder that another one works in, in a sentence', async () => {
    await using first = LoneService.start();
    await first.process.address();
    await using second = LoneService.start({ dataFolder: first.dataFolder });

    expect(await second.process.ended()).toMatchObject({ code: 1 });
    expect(second.process.text).toMatch(
      /^mosaic-coordinator cannot start: The data folder .* is in use by process \d+/m,
    );
    expect(second.process.text).not.toMatch(/^ +at /m);
    expect((await first.get('/health/ready')).status).toBe(200);
  });
});

describe('On SIGTERM the service', () => {
  it('finishes the request that is under way, and exits with 0', async () => {
    await using service = LoneService.start();
    const { port } = new URL(await service.process.address());
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const head = Object.entries({ ...ASSIGNED.headers, 'X-Gitea-Signature': digestOf(ASSIGNED.bytes, SIGNING_SECRET) });
    socket.write(`POST /webhook/gitea HTTP/1.1\r\nHost: x\r\nContent-Length: ${ASSIGNED.bytes.length}\r\n`);
    socket.write(`${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    socket.write(ASSIGNED.bytes.subarray(0, 100));
    // An answer on another connection: the service has read what came before it.
    await service.get('/health');

    service.process.signal('SIGTERM');
    await untilStatus(`${await service.process.address()}/health`, null);
    socket.write(ASSIGNED.bytes.subarray(100));

    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 200 OK[^]*{"status":"accepted","delivery":"${ID}"}`));
    expect(await service.process.ended()).toEqual({ code: 0, signal: null });
  });

  it('is not ready while its runs stop, lives, and still stores what is delivered', async () => {
    await using held = await HeldCommands.start();
    await using run = await Coordination.start({
      environment: held.environment,
      // The command does not listen, and so is killed after a grace.
      rules: [agentRule(1, [runCommand(`trap '' TERM; ${held.script('stubborn')}`)])],
    });
    await run.assigned();
    await held.arrived('stubborn');

    run.service.signal('SIGTERM');
    const address = await run.service.address();
    await untilStatus(`${address}/health/ready`, 503);
    const live = await statusOf(`${address}/health/live`);
    await run.assigned('Another');
    const delivery = run.fake.deliveries.at(-1);
    await run.fake.idle();
    const ending = await run.service.ended();
    await held.gone('stubborn');

    expect(live).toBe(200);
    expect(delivery).toMatchObject({ status: 200, failure: null });
    expect(ending).toEqual({ code: 0, signal: null });
    expect(run.service.linesOf('Run ended')).toMatchObject([{ outcome: 'interrupted' }]);
    expect(run.service.linesOf('Run started')).toHaveLength(1);
  });
});
