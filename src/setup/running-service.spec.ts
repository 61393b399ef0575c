import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, it } from '@jest/globals';

import { findingLine } from './finding.js';
import { askWhy, checkService, deliveryCounts, localAddress, type RunningService } from './running-service.js';

const ISSUE = { owner: 'ada', repo: 'shop', number: 12 };
const TOKEN = 'api-token-3e8f1c9d2b6a4075';

/** What is found of a service that answers so. */
async function asked<T>(answer: RequestListener, ask: (service: RunningService) => Promise<T>): Promise<T> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    return await ask({ address, apiToken: TOKEN, fetch, timeoutMs: 5_000 });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function answering(status: number, body: unknown): RequestListener {
  return (_request, response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

const NOWHERE: RunningService = { address: 'http://127.0.0.1:9', apiToken: TOKEN, fetch, timeoutMs: 5_000 };

describe('localAddress', () => {
  it.each([
    ['0.0.0.0', 'http://127.0.0.1:8000'],
    ['::', 'http://[::1]:8000'],
    ['::1', 'http://[::1]:8000'],
    ['10.0.0.5', 'http://10.0.0.5:8000'],
    ['coordinator', 'http://coordinator:8000'],
  ])('of a service that listens at %s is %s', (host, expected) => {
    expect(localAddress(host, 8000)).toBe(expected);
  });
});

describe('checkService', () => {
  it('passes on what the service says that it cannot do', async () => {
    const details = { configuration: { limitations: ['Without API_TOKEN the API under /api is closed.'] } };

    const lines = (await asked(answering(200, { details }), checkService)).map(findingLine);

    expect(lines).toEqual([
      expect.stringMatching(/^✓ The service at .* is ready$/),
      '· Without API_TOKEN the API under /api is closed',
    ]);
  });

  it('names what is down', async () => {
    const error = { database: { status: 'down', message: 'disk full' }, loop: { status: 'down' } };

    const [line] = (await asked(answering(503, { error, details: {} }), checkService)).map(findingLine);

    expect(line).toMatch(
      /^✗ The service at .* is not ready: database \(disk full\), loop \(down\)\. Its log says more$/,
    );
  });

  it('does not take another program for the service, nor silence for a fault', async () => {
    const [other] = (await asked(answering(404, '<html>'), checkService)).map(findingLine);
    const [none] = (await checkService(NOWHERE)).map(findingLine);

    expect(other).toMatch(/^✗ .* is not ready: it answers 404/);
    expect(none).toMatch(/^· No service answers at http:\/\/127\.0\.0\.1:9: .+\. Start it/);
  });
});

describe('deliveryCounts', () => {
  it('reads the series of deliveries, and no other', async () => {
    const text = [
      '# HELP mosaic_coordinator_deliveries_total Webhook requests by what became of them.',
      'mosaic_coordinator_deliveries_total{outcome="accepted"} 3',
      'mosaic_coordinator_deliveries_total{outcome="refused"} 1',
      'mosaic_coordinator_jobs{state="running"} 9',
    ].join('\n');

    expect([...(await asked(answering(200, text), deliveryCounts))]).toEqual([
      ['accepted', 3],
      ['refused', 1],
    ]);
  });
});

describe('askWhy', () => {
  const ask = async (answer: RequestListener): Promise<string> =>
    findingLine(await asked(answer, (service) => askWhy(service, ISSUE)));

  it('says in one sentence where the job is, and shows the token to the API alone', async () => {
    const seen: unknown[] = [];
    const line = await ask((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      response.end(JSON.stringify({ job: { state: 'needs_attention', why: 'Paused by ann.' } }));
    });

    expect(line).toBe('✓ ada/shop#12 is needs attention: Paused by ann.');
    expect(seen).toEqual([['/api/jobs/ada/shop/12', `Bearer ${TOKEN}`]]);
  });

  it.each([
    [404, {}, '✗ There is no job for ada/shop#12. Assign the issue to the bot'],
    [401, {}, '✗ The service does not take API_TOKEN. Give this command the one of the service'],
    [500, {}, expect.stringMatching(/^✗ The service at .* answers 500\. Its log says more$/)],
    [200, '<html>', expect.stringMatching(/^✗ The service at .* answers 200/)],
    [200, { job: { state: 'running' } }, expect.stringMatching(/^✗ The service at .* answers 200/)],
  ])('says what to do after %d %j', async (status, body, expected) => {
    expect(await ask(answering(status, body))).toEqual(expected);
  });

  it('needs the token, and the service', async () => {
    expect(findingLine(await askWhy({ ...NOWHERE, apiToken: null }, ISSUE))).toMatch(/^✗ API_TOKEN is not set/);
    expect(findingLine(await askWhy(NOWHERE, ISSUE))).toMatch(/^✗ No service answers at .*Start it, or name it/);
  });
});
