import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import request from 'supertest';
import { gzipSync } from 'node:zlib';
import {
  digestOf,
  recordedDeliveries,
  recordedDelivery,
  SECRET,
  signatureHeaders,
} from '../../test/support/recorded-deliveries.js';
import { RawConnection } from '../../test/support/raw-connection.js';
import { hostsOfEachTest, type WebhookHost } from '../../test/support/webhook-host.js';

const PATH = '/webhook/gitea';
const FORM = 'application/x-www-form-urlencoded';
const REJECTED = {
  error: 'SIGNATURE_REJECTED',
  message: 'The request is not signed with a secret that this service knows.',
};
const assigned = recordedDelivery('gitea-1.27-assigned');

const { start } = hostsOfEachTest();

interface Sent {
  readonly body?: Buffer | string;
  /** Signs for `body` unless given; null for none. */
  readonly signed?: Buffer | string | null;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

/** Posts as Gitea does: an assigned issue, unless something else is given. */
function post(host: WebhookHost, { body = assigned.bytes, signed = body, headers = {}, path = PATH }: Sent = {}) {
  const signature = signed === null ? {} : signatureHeaders('gitea', signed);
  const sent = request(host.url)
    .post(path)
    .set({ ...assigned.headers, ...signature, ...headers });
  // As bytes: superagent would otherwise encode a text that it takes for JSON once more.
  return sent.serialize((bytes: unknown) => bytes as string).send(Buffer.isBuffer(body) ? body : Buffer.from(body));
}

describe('POST /webhook/gitea', () => {
  it.each(recordedDeliveries.map((delivery) => [delivery.name, delivery] as const))(
    'takes %s as it was meant',
    async (_name, { sender, bytes, headers, outcome, delivery }) => {
      const host = await start();

      const answer = await request(host.url)
        .post(PATH)
        .set({ ...headers, ...signatureHeaders(sender, bytes) })
        .serialize((sent: unknown) => sent as string)
        .send(bytes);

      const [, id] = Object.entries(headers).find(([name]) => name.endsWith('-Delivery')) ?? [];
      const expected = delivery === undefined ? [] : [{ ...delivery, receivedAt: host.clock.now() }];
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({ status: outcome, delivery: id });
      expect(await host.log.unsettled(10)).toEqual(expected);
      expect(host.handled).toEqual(expected);
    },
  );

  it('says duplicate, and keeps the first, when a delivery comes again', async () => {
    const host = await start();
    await post(host);

    const again = await post(host);

    expect(again.status).toBe(200);
    expect(again.body).toEqual({ status: 'duplicate', delivery: assigned.delivery?.id });
    expect(await host.log.unsettled(10)).toHaveLength(1);
    expect(host.handled).toHaveLength(1);
  });

  it('accepts one of many that come at the same moment', async () => {
    const host = await start();

    const answers = await Promise.all(Array.from({ length: 12 }, () => post(host)));

    const outcomes = answers.map(({ body }) => (body as { status: string }).status).sort();
    expect(outcomes).toEqual(['accepted', ...Array<string>(11).fill('duplicate')]);
    expect(host.handled).toHaveLength(1);
  });

  it('announces what it received and what it refused', async () => {
    const host = await start({ webhook: { security: { secrets: [SECRET], bodyLimitBytes: 100_000 } } });

    await post(host);
    await post(host);
    await post(host, { headers: { 'X-Gitea-Event-Type': 'fork' } });
    await post(host, { signed: 'something else' });
    await post(host, { body: '[' });
    await post(host, { body: Buffer.alloc(100_001) });
    await post(host, { headers: { 'Content-Encoding': 'gzip' } });

    const id = assigned.delivery?.id;
    const received = { type: 'webhook.delivery-received', deliveryId: id, issue: assigned.delivery?.issue.ref };
    const refused = { type: 'webhook.delivery-refused' };
    expect(host.events).toEqual([
      { ...received, outcome: 'accepted' },
      { ...received, outcome: 'duplicate' },
      { ...received, outcome: 'ignored', issue: null },
      { ...refused, code: 'SIGNATURE_REJECTED', status: 401 },
      { ...refused, code: 'DELIVERY_MALFORMED', status: 422 },
      { ...refused, code: 'BODY_TOO_LARGE', status: 413 },
      { ...refused, code: 'CONTENT_ENCODING_REFUSED', status: 415 },
    ]);
  });

  it('has no answer but to POST', async () => {
    const host = await start();

    for (const method of ['get', 'put', 'patch', 'delete'] as const) {
      const answer = await request(host.url)[method](PATH);
      expect(answer.status).toBe(404);
    }
  });

  it.each(['/webhook/gitea/', '/WebHook/Gitea', '/webhook/gitea?from=proxy'])('answers at %s too', async (path) => {
    const host = await start();

    expect((await post(host, { path })).status).toBe(200);
  });
});

describe('a signature over HTTP', () => {
  it.each([
    ['there is none', {}],
    ['it is empty', { 'X-Gitea-Signature': '' }],
    ['it is no digest', { 'X-Gitea-Signature': 'sha256=please' }],
    ['it is wrong', { 'X-Gitea-Signature': '0'.repeat(64) }],
    ['another header is wrong', { 'X-Gitea-Signature': digestOf(assigned.bytes), 'X-Hub-Signature-256': 'sha256=' }],
    ['another secret made it', { 'X-Gitea-Signature': digestOf(assigned.bytes, 'another secret of the tests') }],
    ['it is for other bytes', { 'X-Gitea-Signature': digestOf(`${assigned.bytes.toString()}\n`) }],
  ])('gets 401 and stores nothing when %s', async (_what, headers) => {
    const host = await start();

    const answer = await post(host, { signed: null, headers });

    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(REJECTED);
    expect(await host.log.unsettled(10)).toEqual([]);
    expect(host.handled).toEqual([]);
  });

  it('gets 401 when a header is sent twice, even with the right value', async () => {
    const host = await start();
    const digest = digestOf('{}');
    const connection = await RawConnection.to(host.port);

    connection.write(
      `POST ${PATH} HTTP/1.1\r\nHost: x\r\nX-Gitea-Event: issues\r\nX-Gitea-Signature: ${digest}\r\n` +
        `X-Gitea-Signature: ${digest}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    );

    expect(await connection.closed()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('answers every unsigned body alike, whatever is in it', async () => {
    const host = await start();

    const answers = await Promise.all(
      ['', '{', '[]', 'null', '{"action":1}', '\0', 'payload=%7B%7D', assigned.bytes].map((body) =>
        post(host, { body, signed: null }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 401));
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([JSON.stringify(REJECTED)]));
  });

  it('may be made by either secret while one is being replaced', async () => {
    const host = await start({ webhook: { security: { secrets: ['the secret that comes next', SECRET] } } });

    expect((await post(host)).status).toBe(200);
    expect(
      (
        await post(host, {
          signed: null,
          headers: { 'X-Gitea-Signature': digestOf(assigned.bytes, 'the secret that comes next') },
        })
      ).body,
    ).toMatchObject({ status: 'duplicate' });
  });

  it('warns of refused requests once in a while, not for each', async () => {
    const host = await start();

    for (let times = 0; times < 5; times += 1) await post(host, { signed: null });
    host.clock.advance(10_000);
    await post(host, { signed: null });

    expect(host.lines.of('Security', 'warn')).toEqual([
      ['Refused: not signed with a known secret', { refused: 1 }],
      ['Refused: not signed with a known secret', { refused: 5 }],
    ]);
  });
});

describe('a body', () => {
  const unknownEvent = { 'X-Gitea-Event-Type': 'fork' };
  const incomplete = '{"action":"assigned"}';

  it.each([
    ['malformed JSON', '{"action":', {}, 422],
    ['an incomplete event', incomplete, {}, 422],
    ['an unknown event', '{}', unknownEvent, 200],
    ['null', 'null', {}, 422],
    ['a text', '"x"', {}, 422],
    ['two hundred kilobytes', inflated(200_000), {}, 200],
    ['a text/plain type', assigned.bytes, { 'Content-Type': 'text/plain' }, 200],
    ['a type of no kind', assigned.bytes, { 'Content-Type': '' }, 200],
  ])('of %s gets 401 unsigned, and otherwise its own answer', async (_what, body, headers, status) => {
    const host = await start();

    const unsigned = await post(host, { body, headers, signed: null });
    const signed = await post(host, { body, headers });

    expect(unsigned.status).toBe(401);
    expect(signed.status).toBe(status);
  });

  const small = { webhook: { security: { secrets: [SECRET], bodyLimitBytes: 50_000 } } };
  const tooLarge = { error: 'BODY_TOO_LARGE', message: 'The body is longer than this service accepts.' };

  it('over the limit gets 413 by its stated length, signed or not', async () => {
    const host = await start(small);
    const body = inflated(50_001);

    const answers = [await post(host, { body, signed: null }), await post(host, { body })];

    expect(answers.map(({ status }) => status)).toEqual([413, 413]);
    expect(answers.map((answer) => answer.body as unknown)).toEqual([tooLarge, tooLarge]);
    expect(await host.log.unsettled(10)).toEqual([]);
  });

  it('over the limit gets 413 while it streams, signed or not', async () => {
    const host = await start(small);
    const body = inflated(50_001);

    const answers = [await postChunked(host, body, {}), await postChunked(host, body, signatureHeaders('gitea', body))];

    expect(answers).toEqual([
      { status: 413, body: tooLarge },
      { status: 413, body: tooLarge },
    ]);
    expect(await host.log.unsettled(10)).toEqual([]);
  });

  it('of exactly the limit is taken, in one piece or in many', async () => {
    const host = await start(small);
    const body = inflated(50_000);

    expect((await post(host, { body })).body).toMatchObject({ status: 'accepted' });
    expect(await postChunked(host, body, signatureHeaders('gitea', body))).toMatchObject({
      body: { status: 'duplicate' },
    });
  });

  it('may be ten million bytes, and no more, by default', async () => {
    const host = await start();

    expect((await post(host, { body: inflated(10_000_000) })).status).toBe(200);
    expect((await post(host, { body: inflated(10_000_001) })).status).toBe(413);
  }, 60_000);

  it.each(['gzip', 'GZIP', 'deflate', 'br', 'identity, gzip', 'unknown'])(
    'encoded as %s gets 415, though it is signed',
    async (encoding) => {
      const host = await start();
      const body = gzipSync(assigned.bytes);

      const overPlain = await post(host, { body, signed: assigned.bytes, headers: { 'Content-Encoding': encoding } });
      const overSent = await post(host, { body, headers: { 'Content-Encoding': encoding } });

      expect([overPlain.status, overSent.status]).toEqual([415, 415]);
      expect(overSent.body).toEqual({
        error: 'CONTENT_ENCODING_REFUSED',
        message: 'The body is encoded: send it without a Content-Encoding.',
      });
    },
  );

  it('encoded as identity is taken', async () => {
    const host = await start();

    expect((await post(host, { headers: { 'Content-Encoding': 'Identity' } })).status).toBe(200);
  });

  it('that is compressed without saying so gets 422 when signed', async () => {
    const host = await start();

    const answer = await post(host, { body: gzipSync(assigned.bytes) });

    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ problems: [{ field: 'request body', problem: 'must be UTF-8' }] });
  });
});

describe('a form', () => {
  const form = new URLSearchParams({ payload: assigned.bytes.toString() }).toString();
  const headers = { 'Content-Type': FORM };

  it('is signed over the JSON inside it', async () => {
    const host = await start();

    const answer = await post(host, { body: form, signed: assigned.bytes, headers });

    expect(answer.body).toEqual({ status: 'accepted', delivery: assigned.delivery?.id });
    expect(await host.log.unsettled(10)).toEqual([{ ...assigned.delivery, receivedAt: host.clock.now() }]);
  });

  it.each([
    ['it is signed over the form', form, form],
    ['it has a field beside payload', `${form}&a=1`, assigned.bytes],
    ['it has payload twice', `${form}&${form}`, assigned.bytes],
    ['it has no payload', 'data=1', 'data=1'],
  ])('gets 401 when %s', async (_what, body, signed) => {
    const host = await start();

    const answer = await post(host, { body, signed, headers });

    expect(answer.status).toBe(401);
    expect(answer.body).toEqual(REJECTED);
  });
});

describe('a store that fails', () => {
  it('is 503 with a time to come back, announced, and logged once until it works again', async () => {
    const refuse = new Error('disk full');
    const outcomes = [refuse, refuse, 'accepted' as const, refuse];
    const deliveryLog = {
      record: () => {
        const outcome = outcomes.shift();
        return outcome === 'accepted' ? Promise.resolve(outcome) : Promise.reject(refuse);
      },
      unsettled: () => Promise.resolve([]),
      settle: () => Promise.resolve(),
    };
    const host = await start({ webhook: { deliveryLog } });

    const answers = [await post(host), await post(host), await post(host), await post(host)];

    expect(answers.map(({ status }) => status)).toEqual([503, 503, 200, 503]);
    expect(answers[0]?.body).toEqual({
      error: 'DELIVERY_LOG_UNAVAILABLE',
      message: 'Deliveries cannot be stored now: send it again later.',
    });
    expect(answers[0]?.headers['retry-after']).toBe('10');
    expect(host.events).toEqual([
      { type: 'webhook.delivery-refused', code: 'DELIVERY_LOG_UNAVAILABLE', status: 503 },
      { type: 'webhook.delivery-refused', code: 'DELIVERY_LOG_UNAVAILABLE', status: 503 },
      expect.objectContaining({ outcome: 'accepted' }),
      { type: 'webhook.delivery-refused', code: 'DELIVERY_LOG_UNAVAILABLE', status: 503 },
    ]);
    expect(host.lines.of('Webhook', 'error')).toEqual([
      ['The delivery log takes no deliveries: senders are answered 503', refuse],
      ['The delivery log takes no deliveries: senders are answered 503', refuse],
    ]);
    expect(host.lines.of('Webhook', 'log')[0]).toEqual(['The delivery log takes deliveries again', undefined]);
    expect(host.handled).toHaveLength(1);
  });

  it('is 503 too when it throws at once', async () => {
    const deliveryLog = {
      record: () => {
        throw new Error('closed');
      },
      unsettled: () => Promise.resolve([]),
      settle: () => Promise.resolve(),
    };
    const host = await start({ webhook: { deliveryLog } });

    expect((await post(host)).status).toBe(503);
  });
});

describe('a handler that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('changes no answer when it %s', async (_how, accepted) => {
    const host = await start({ webhook: { handler: { accepted } } });

    const answer = await post(host);

    expect(answer.body).toEqual({ status: 'accepted', delivery: assigned.delivery?.id });
    expect(await host.log.unsettled(10)).toHaveLength(1);
    expect(host.lines.of('Webhook', 'error').map(([message]) => message)).toEqual([
      'The handler of an accepted delivery failed',
    ]);
  });

  it('keeps nobody waiting when it does not end', async () => {
    const host = await start({ webhook: { handler: { accepted: () => new Promise<void>(() => undefined) } } });

    expect((await post(host)).status).toBe(200);
  });
});

describe('what is logged', () => {
  it('has constant sentences, and names delivery, issue, kind and action', async () => {
    const host = await start();

    await post(host);
    await post(host);

    const fields = {
      delivery: assigned.delivery?.id,
      issue: 'acme/web.shop#12',
      kind: 'issue_assign',
      action: 'assigned',
    };
    expect(host.lines.of('Webhook', 'log')).toEqual([
      ['Delivery accepted', fields],
      ['Delivery known already', fields],
    ]);
  });

  it('shows an ignored delivery at debug, its texts cut and cleaned', async () => {
    const host = await start();
    const action = `\u001b[31m\n${'a'.repeat(1_000)}`;

    await post(host, { body: JSON.stringify({ action }), headers: { 'X-Gitea-Event-Type': 'k'.repeat(1_000) } });
    await post(host, { body: '7', headers: { 'X-Gitea-Event-Type': 'wiki' } });

    expect(host.lines.of('Webhook', 'debug').map(([, fields]) => fields)).toEqual([
      { delivery: assigned.delivery?.id, kind: 'k'.repeat(64), action: `?[31m?${'a'.repeat(58)}` },
      { delivery: assigned.delivery?.id, kind: 'wiki', action: '' },
    ]);
  });

  it('names the fields of a malformed delivery, and never their values', async () => {
    const host = await start();

    await post(host, { body: '{"action":"assigned","issue":{"number":"a hostile text"}}' });

    expect(host.lines.of('Webhook', 'warn')).toEqual([
      ['Delivery malformed', { problems: 'repository.full_name, issue.number, issue.title, issue.state' }],
    ]);
  });
});

/** Posts the body in chunks of a thousand bytes, without saying how long it is. */
async function postChunked(
  host: WebhookHost,
  body: Buffer,
  headers: Record<string, string>,
): Promise<{ readonly status: number | undefined; readonly body: unknown }> {
  const sent = httpRequest(`${host.url}${PATH}`, { method: 'POST', headers: { ...assigned.headers, ...headers } });
  for (let at = 0; at < body.length; at += 1_000) sent.write(body.subarray(at, at + 1_000));
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, body: await json(answer) };
}

/** A right delivery of `length` bytes. */
function inflated(length: number): Buffer {
  const event = JSON.parse(assigned.bytes.toString()) as { issue: { body: string } };
  event.issue.body = '';
  const bare = Buffer.byteLength(JSON.stringify(event));
  event.issue.body = 'x'.repeat(length - bare);
  return Buffer.from(JSON.stringify(event));
}
