import { describe, expect, it } from '@jest/globals';
import { Controller, ForbiddenException, HttpException, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import express from 'express';
import { once } from 'node:events';
import request from 'supertest';
import { InProcessEventBus } from '../src/kernel/index.js';
import { SecurityModule, SignatureGuard, type AuthenticRequest } from '../src/security/index.js';
import { WebhookModule, type DeliveryLog, InMemoryDeliveryLog } from '../src/webhook/index.js';
import { RawConnection } from './support/raw-connection.js';
import { digestOf, recordedDelivery, SECRET, signatureHeaders } from './support/recorded-deliveries.js';
import { LogLines, hostsOfEachTest, type WebhookHost } from './support/webhook-host.js';

const PATH = '/webhook/gitea';
const assigned = recordedDelivery('gitea-1.27-assigned');

const { start, closeAfterwards } = hostsOfEachTest();

/** A request's head as it goes over the wire. */
function head(headers: Record<string, string | number>, path = PATH): string {
  const lines = Object.entries({ Host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

const signedHead = head({
  ...assigned.headers,
  ...signatureHeaders('gitea', assigned.bytes),
  'Content-Length': assigned.bytes.length,
});

describe('a connection', () => {
  it('stays open after a request that was refused unsigned, malformed or accepted', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);

    connection.write(head({ 'Content-Length': 2 })).write('{}');
    expect(await connection.until('}')).toMatch(/^HTTP\/1\.1 401 /);
    const malformed = { ...assigned.headers, 'X-Gitea-Signature': digestOf('{'), 'Content-Length': 1 };
    connection.write(head(malformed)).write('{');
    expect(await connection.until('DELIVERY_MALFORMED')).toContain('HTTP/1.1 422 ');
    connection.write(signedHead).write(assigned.bytes);
    expect(await connection.until('"accepted"')).toContain('HTTP/1.1 200 ');
    connection.end();

    expect(await connection.closed()).not.toMatch(/connection: close/i);
  });

  it('answers each of several requests that come at once, in order', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);

    connection.write(Buffer.concat([Buffer.from(signedHead), assigned.bytes, Buffer.from(signedHead), assigned.bytes]));
    await connection.until('"duplicate"');
    connection.end();

    expect((await connection.closed()).match(/"(accepted|duplicate)"/g)).toEqual(['"accepted"', '"duplicate"']);
  });

  it('gets 413 as soon as the length is stated, and is closed once the body has come', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);

    connection.write(head({ 'Content-Length': 10_000_001 }));
    const answer = await connection.until('BODY_TOO_LARGE');
    connection.write(Buffer.alloc(10_000_001));

    expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*connection: close\r\n/i);
    expect(await connection.closed()).toBe(answer);
  });

  it('is closed two seconds after a refusal when the body does not end', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);

    connection.write(head({ 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' })).write('1\r\nx\r\n');
    const answer = await connection.until('CONTENT_ENCODING_REFUSED');
    host.clock.advance(1_999);
    expect(host.clock.sleeping).toBe(1);
    host.clock.advance(1);

    expect(await connection.closed()).toBe(answer);
  });

  it('is closed after a refusal when the body goes on and on', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);

    connection.write(head({ 'Content-Length': 100_000_000 }));
    const answer = await connection.until('BODY_TOO_LARGE');
    for (let sent = 0; sent < 40; sent += 1) connection.write(Buffer.alloc(1_000_000));

    expect(await connection.closed()).toBe(answer);
    expect(host.clock.sleeping).toBe(0);
  }, 60_000);

  it('that goes away in the middle of a body leaves nothing behind', async () => {
    const host = await start();
    const gone = await RawConnection.to(host.port);

    gone.write(signedHead).write(assigned.bytes.subarray(0, 1_000));
    const [arriving] = (await once(host.app.getHttpServer(), 'request')) as [AuthenticRequest];
    const closed = new Promise((resolve) => arriving.once('close', resolve));
    await gone.reset();
    await closed;

    expect(arriving.rawBody).toBeUndefined();
    expect(['error', 'data', 'end'].map((event) => arriving.listenerCount(event))).toEqual([1, 0, 0]);
    expect(host.events).toEqual([]);
    expect(await host.log.unsettled(10)).toEqual([]);
    expect((await request(host.url).post(PATH)).status).toBe(401);
  });

  it('that goes away after a refusal frees what waited for it', async () => {
    const host = await start();
    const gone = await RawConnection.to(host.port);

    gone.write(head({ 'Content-Length': 20_000_000 })).write('x');
    const [arriving] = (await once(host.app.getHttpServer(), 'request')) as [AuthenticRequest];
    const closed = new Promise((resolve) => arriving.once('close', resolve));
    await gone.until('BODY_TOO_LARGE');
    await gone.reset();
    await closed;

    expect(host.clock.sleeping).toBe(0);
  });

  it('may send its body byte by byte', async () => {
    const host = await start();
    const connection = await RawConnection.to(host.port);
    const body = '{"action":"assigned"}';
    const headers = { ...assigned.headers, 'X-Gitea-Signature': digestOf(body), 'Transfer-Encoding': 'chunked' };

    connection.write(head(headers));
    for (const letter of body) connection.write(`1\r\n${letter}\r\n`);
    connection.write('0\r\n\r\n');

    expect(await connection.until('DELIVERY_MALFORMED')).toContain('HTTP/1.1 422 ');
    connection.end();
  });
});

describe('a host', () => {
  const post = (host: WebhookHost, path = PATH) =>
    request(host.url)
      .post(path)
      .set({ ...assigned.headers, ...signatureHeaders('gitea', assigned.bytes) })
      .serialize((sent: unknown) => sent as string)
      .send(assigned.bytes);

  @Controller('notes')
  class NotesController {
    @Post()
    echo(@Req() { body }: { body: unknown }): unknown {
      return { got: body ?? null };
    }
  }

  const notes = { metadata: { controllers: [NotesController] } };

  it.each([
    ['its own parser', {}, { a: 1 }],
    ['its own parser and raw bodies', { rawBody: true }, { a: 1 }],
    ['no parser', { bodyParser: false }, null],
  ])('with %s takes deliveries, and its own routes work as before', async (_what, options, got) => {
    const host = await start({ host: options, ...notes });

    expect((await post(host)).body).toMatchObject({ status: 'accepted' });
    expect((await request(host.url).post('/notes').send({ a: 1 })).body).toEqual({ got });
  });

  it('may put a prefix before every path', async () => {
    const host = await start({ prepare: (app) => app.setGlobalPrefix('api/v1') });

    expect((await post(host, '/api/v1/webhook/gitea')).body).toMatchObject({ status: 'accepted' });
    expect((await post(host)).status).toBe(404);
  });

  it('may choose the path', async () => {
    const host = await start({ webhook: { path: '/hooks/git.example' } });

    expect((await post(host, '/hooks/git.example')).body).toMatchObject({ status: 'accepted' });
    expect((await post(host, '/hooks/gitXexample')).status).toBe(404);
    expect((await post(host)).status).toBe(404);
  });

  it('may add a parser of its own before it listens', async () => {
    const host = await start({ prepare: (app) => void app.use(express.raw({ type: '*/*', limit: 10 })) });

    expect((await post(host)).body).toMatchObject({ status: 'accepted' });
  });

  it('that reads bodies before Nest does gets 401 and a reason in its log, and hangs nobody', async () => {
    const host = await start({ adapter: new ExpressAdapter(express().use(express.json())) });

    expect((await post(host)).status).toBe(401);
    expect(host.lines.of('Security', 'warn')).toEqual([
      [
        'Refused unread: the path is not among the options of SecurityModule, or a parser came before it',
        { refused: 1 },
      ],
    ]);
  });

  it('may configure the module from what it injects', async () => {
    const log = new InMemoryDeliveryLog();
    const app = await NestFactory.create(
      WebhookModule.forRootAsync({
        path: 'in',
        imports: [{ module: class Settings {}, providers: [{ provide: 'LOG', useValue: log }], exports: ['LOG'] }],
        inject: ['LOG'],
        useFactory: (deliveryLog: DeliveryLog) => ({
          security: { secrets: [SECRET] },
          deliveryLog,
          eventBus: new InProcessEventBus(),
        }),
      }),
      { logger: new LogLines() },
    );
    closeAfterwards(app);
    await app.listen(0, '127.0.0.1');

    const answer = await post({ url: await app.getUrl() } as WebhookHost, '/in');

    expect(answer.body).toMatchObject({ status: 'accepted' });
    expect(await log.unsettled(10)).toHaveLength(1);
  });

  it('needs to give nothing but a secret', async () => {
    const app = await NestFactory.create(WebhookModule.forRoot({ security: { secrets: [SECRET] } }), {
      logger: new LogLines(),
    });
    closeAfterwards(app);
    await app.listen(0, '127.0.0.1');

    expect((await post({ url: await app.getUrl() } as WebhookHost)).body).toMatchObject({ status: 'accepted' });
  });

  it('does not start with a secret that is empty or short', async () => {
    for (const secret of ['', 'fifteen chars..', ' '.repeat(40)]) {
      const starting = NestFactory.create(WebhookModule.forRoot({ security: { secrets: [SECRET, secret] } }), {
        logger: new LogLines(),
        abortOnError: false,
      });

      await expect(starting).rejects.toMatchObject({
        code: 'SECURITY_OPTIONS_INVALID',
        message: expect.stringMatching(/^Secret 2 of 2 has fewer than 16 characters/),
      });
    }
  });

  it('may guard routes of its own with secrets of its own beside the webhook', async () => {
    @Controller('deploy')
    class DeployController {
      @Post()
      @UseGuards(SignatureGuard)
      deploy(@Req() { signedPayload, rawBody }: AuthenticRequest): unknown {
        return { payload: signedPayload.toString(), raw: rawBody.toString() };
      }
    }
    const ownSecret = 'the secret of the deployments';
    const host = await start({
      metadata: {
        imports: [
          SecurityModule.forRoot({ secrets: [ownSecret], paths: ['deploy'] }),
          // The guard is known in modules that import nothing.
          { module: class DeployModule {}, controllers: [DeployController] },
        ],
      },
    });
    const deploy = (secret: string) =>
      request(host.url)
        .post('/deploy')
        .set({
          'Content-Type': 'application/x-www-form-urlencoded',
          'X-Hub-Signature-256': `sha256=${digestOf('{}', secret)}`,
        })
        .send('payload=%7B%7D');

    expect((await deploy(ownSecret)).body).toEqual({ payload: '{}', raw: 'payload=%7B%7D' });
    const refused = await deploy(SECRET);
    expect([refused.status, refused.body]).toEqual([401, expect.objectContaining({ error: 'SIGNATURE_REJECTED' })]);
    expect((await post(host)).body).toMatchObject({ status: 'accepted' });
  });

  it('that turns a delivery away itself is answered in the same form', async () => {
    const host = await start({
      prepare: (app) =>
        app.useGlobalGuards({
          canActivate: () => {
            throw new ForbiddenException('Closed for the night');
          },
        }),
    });

    const answer = await post(host);

    expect(answer.status).toBe(403);
    expect(answer.body).toEqual({ error: 'Forbidden', message: 'Closed for the night' });
  });

  it('whose own exception names no error is answered in the same form', async () => {
    const canActivate = (): boolean => {
      throw new HttpException('Too early', 425);
    };
    const host = await start({ prepare: (app) => app.useGlobalGuards({ canActivate }) });

    const answer = await post(host);

    expect(answer.status).toBe(425);
    expect(answer.body).toEqual({ error: 'REQUEST_REFUSED', message: 'Too early' });
  });

  it('whose clock fails is told 500 without a reason, which is in the log', async () => {
    const failure = new Error('no time');
    const clock = {
      now: () => {
        throw failure;
      },
      monotonic: () => 0,
      sleep: () => Promise.resolve(),
    };
    const host = await start({ webhook: { clock } });

    const answer = await post(host);

    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({ error: 'INTERNAL_ERROR', message: 'The delivery could not be handled.' });
    expect(host.events).toEqual([{ type: 'webhook.delivery-refused', code: 'INTERNAL_ERROR', status: 500 }]);
    expect(host.lines.of('Webhook', 'error')).toEqual([['A delivery could not be handled', failure]]);
  });

  it('that guards a path it did not list refuses everything there', async () => {
    @Controller('forgotten')
    @UseGuards(SignatureGuard)
    class ForgottenController {
      @Post()
      take(): string {
        return 'taken';
      }
    }
    const host = await start({
      metadata: {
        imports: [SecurityModule.forRoot({ secrets: [SECRET], paths: ['remembered'] })],
        controllers: [ForgottenController],
      },
    });

    expect((await post(host, '/forgotten')).status).toBe(401);
  });
});
