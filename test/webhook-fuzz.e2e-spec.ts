import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Agent, request as httpRequest } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { recordedDeliveries, recordedDelivery, signatureHeaders } from './support/recorded-deliveries.js';
import { startWebhookHost, type WebhookHost } from './support/webhook-host.js';

const assigned = recordedDelivery('gitea-1.27-assigned');
const SEED = 20_261_122;

let host: WebhookHost;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

// Thousands of requests to one application: it must be as well after the last as before the first.
beforeAll(async () => {
  host = await startWebhookHost();
});

afterAll(async () => {
  agent.destroy();
  await host.app.close();
});

/** The status of a signed request with this body. */
async function statusOf(body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${host.url}/webhook/gitea`, { method: 'POST', agent }, (answer) => {
      readText(answer).then(() => resolve(answer.statusCode ?? 0), reject);
    });
    for (const [name, value] of Object.entries({
      ...assigned.headers,
      ...headers,
      ...signatureHeaders('gitea', body),
    })) {
      sent.setHeader(name, value);
    }
    sent.on('error', reject).end(body);
  });
}

/** Hundreds of requests on a busy machine, in milliseconds. */
const PATIENCE = 60_000;

/** What may be said of an authentic body, whatever it is. */
const CALM: readonly number[] = [200, 422];

describe('POST /webhook/gitea, given a signed body', () => {
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['a blank', ' '],
    ['null', 'null'],
    ['true', 'true'],
    ['a number', '-0'],
    ['a number beyond all numbers', '1e999'],
    ['a long number', '9'.repeat(100_000)],
    ['an empty list', '[]'],
    ['a text', '"x"'],
    ['two values', '{}{}'],
    ['a comma at the end', '{"a":1,}'],
    ['a comment', '/* */{}'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"number":NaN}'],
    ['Infinity', '[Infinity]'],
    ['a leading zero', '{"number":012}'],
    ['a raw line end in a text', '{"action":"a\nb"}'],
    ['a raw NUL', '{"action":"a\0b"}'],
    ['NULs alone', Buffer.alloc(10_000)],
    ['a byte order mark', '\ufeff{}'],
    ['UTF-16', Buffer.from('{"action":"assigned"}', 'utf16le')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22])],
    ['an encoded surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['half a character at the end', Buffer.from([0x7b, 0x7d, 0xe6, 0xbc])],
    ['lists in lists, not closed', '['.repeat(500_000)],
    ['lists in lists, closed', '['.repeat(500_000) + ']'.repeat(500_000)],
    ['objects in objects', '{"issue":'.repeat(200_000) + '1' + '}'.repeat(200_000)],
    ['many keys', `{${Array.from({ length: 200_000 }, (_, at) => `"k${at}":0`).join(',')}}`],
    ['one key many times', `{${'"action":"assigned",'.repeat(100_000)}"number":1}`],
    ['__proto__', '{"__proto__":{"action":"assigned"},"constructor":{"prototype":{"x":1}}}'],
    [
      'a toString that is no function',
      '{"action":"assigned","issue":{"toString":1,"valueOf":1,"number":{"toString":1}}}',
    ],
    ['a hasOwnProperty that is no function', '{"hasOwnProperty":1,"action":"assigned"}'],
    ['a length that is none', '{"action":"assigned","issue":{"assignees":{"length":1e9}}}'],
    ['a list of a million', `{"action":"assigned","issue":{"labels":[${'0,'.repeat(1_000_000)}0]}}`],
  ])(
    'says what it is of %s',
    async (_what, body) => {
      expect(CALM).toContain(await statusOf(Buffer.from(body as string)));
    },
    PATIENCE,
  );

  it(
    'is calm about arbitrary JSON',
    async () => {
      const fuzzed = fc.assert(
        fc.asyncProperty(fc.json({ maxDepth: 6 }), fc.constantFrom(...recordedDeliveries), async (body, { headers }) =>
          CALM.includes(await statusOf(Buffer.from(body), headers)),
        ),
        { numRuns: 300, seed: SEED },
      );

      await expect(fuzzed).resolves.toBeUndefined();
    },
    PATIENCE,
  );

  it(
    'is calm about real deliveries with bytes changed, cut and put in',
    async () => {
      const change = fc.record({ at: fc.nat(), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 12 }) });
      const fuzzed = fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...recordedDeliveries),
          fc.array(change, { minLength: 1, maxLength: 6 }),
          async ({ bytes, headers }, changes) => {
            const changed = changes.reduce((body, { at, cut, put }) => {
              const from = at % body.length;
              return Buffer.concat([body.subarray(0, from), put, body.subarray(from + cut), Buffer.from(' ')]);
            }, bytes);
            return CALM.includes(await statusOf(changed, headers));
          },
        ),
        { numRuns: 300, seed: SEED },
      );

      await expect(fuzzed).resolves.toBeUndefined();
    },
    PATIENCE,
  );

  it(
    'is calm about any event, type and delivery that a header can hold',
    async () => {
      const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCodePoint(code)) });
      const name = fc.constantFrom('X-Gitea-Event', 'X-Gitea-Event-Type', 'X-Gitea-Delivery', 'Content-Language');
      const fuzzed = fc.assert(
        fc.asyncProperty(fc.dictionary(name, value), async (headers) =>
          CALM.includes(await statusOf(assigned.bytes, headers)),
        ),
        { numRuns: 150, seed: SEED },
      );

      await expect(fuzzed).resolves.toBeUndefined();
    },
    PATIENCE,
  );

  it('takes a right one afterwards as before', async () => {
    expect(await statusOf(assigned.bytes, { 'X-Gitea-Delivery': 'after-it-all' })).toBe(200);
    expect((await host.log.unsettled(1_000_000)).at(-1)?.id).toBe('after-it-all');
    expect(host.lines.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});
