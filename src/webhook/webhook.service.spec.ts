import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../testing/index.js';
import { recordedDeliveries, recordedDelivery } from '../../test/support/recorded-deliveries.js';
import { InMemoryDeliveryLog } from './in-memory-delivery-log.js';
import { MalformedDeliveryError } from './webhook.errors.js';
import { resolveWebhookOptions } from './webhook.options.js';
import { WebhookService } from './webhook.service.js';

const SEED = 20_261_122;
/** Thousands of deliveries on a busy machine, in milliseconds. */
const PATIENCE = 120_000;
const assigned = recordedDelivery('gitea-1.27-assigned');

beforeEach(() => Logger.overrideLogger(false));
afterEach(() => Logger.overrideLogger(['log', 'warn', 'error']));

function startService() {
  const log = new InMemoryDeliveryLog();
  const service = new WebhookService(
    resolveWebhookOptions({ security: { secrets: [] }, deliveryLog: log, clock: new FakeClock() }),
  );
  /** The outcome, or the code of the error. Any other failure stays a failure. */
  const outcomeOf = async (bytes: Buffer, headers: Readonly<Record<string, string>>): Promise<string> => {
    const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return service.receive(lowerCase, bytes).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof MalformedDeliveryError ? error.code : Promise.reject(error)),
    );
  };
  return { log, outcomeOf };
}

describe('WebhookService', () => {
  it(
    'takes the recorded deliveries with each field in turn missing or of another kind, and is never surprised',
    async () => {
      const { outcomeOf } = startService();
      const others = [undefined, null, '', '\0', '\ud800', -1, 1e308, [[]], { login: 1 }];
      const inputs = new Set<string>();
      const outcomes = new Set<string>();

      for (const { bytes, headers } of recordedDeliveries) {
        const event = JSON.parse(bytes.toString()) as object;
        for (const place of placesIn(event, 2)) {
          for (const other of others) {
            const body = JSON.stringify(event, replacing(place, other)) ?? '';
            inputs.add(body);
            outcomes.add(await outcomeOf(Buffer.from(body), headers));
          }
        }
      }

      expect([...outcomes].toSorted()).toEqual(['DELIVERY_MALFORMED', 'accepted', 'duplicate', 'ignored']);
      expect(inputs.size).toBeGreaterThan(14_000);
    },
    PATIENCE,
  );

  it(
    'is never surprised by arbitrary JSON',
    async () => {
      const { outcomeOf } = startService();
      const fuzzed = fc.assert(
        fc.asyncProperty(
          fc.json({ maxDepth: 6 }),
          fc.constantFrom(...recordedDeliveries),
          async (body, { headers }) => {
            await outcomeOf(Buffer.from(body), headers);
          },
        ),
        { numRuns: 2_000, seed: SEED },
      );

      await expect(fuzzed).resolves.toBeUndefined();
    },
    PATIENCE,
  );

  it(
    'is never surprised by real deliveries with bytes changed, cut and put in',
    async () => {
      const { outcomeOf } = startService();
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
            await outcomeOf(changed, headers);
          },
        ),
        { numRuns: 2_000, seed: SEED },
      );

      await expect(fuzzed).resolves.toBeUndefined();
    },
    PATIENCE,
  );

  it('ignores before it checks the shape: what is of no interest need not be an issue event', async () => {
    const { outcomeOf, log } = startService();

    expect(await outcomeOf(Buffer.from('null'), { 'X-Gitea-Event-Type': 'push' })).toBe('ignored');
    expect(await outcomeOf(Buffer.from('{"is_pull":true}'), { 'X-Gitea-Event-Type': 'issue_comment' })).toBe('ignored');
    expect(await outcomeOf(Buffer.from('null'), { 'X-Gitea-Event-Type': 'pull_request_sync' })).toBe('ignored');
    expect(await log.unsettled(10)).toEqual([]);
  });

  it('checks JSON before it ignores', async () => {
    const { outcomeOf } = startService();

    expect(await outcomeOf(Buffer.from('{'), { 'X-Gitea-Event-Type': 'push' })).toBe('DELIVERY_MALFORMED');
  });

  it('refuses a delivery that no header names an event for, rather than lose it', async () => {
    const { outcomeOf } = startService();

    expect(await outcomeOf(assigned.bytes, {})).toBe('DELIVERY_MALFORMED');
  });

  it('knows deliveries without an id by their bytes', async () => {
    const { outcomeOf, log } = startService();
    const headers = { 'X-Gitea-Event-Type': 'issue_assign' };

    expect(await outcomeOf(assigned.bytes, headers)).toBe('accepted');
    expect(await outcomeOf(assigned.bytes, headers)).toBe('duplicate');
    expect(await outcomeOf(Buffer.concat([assigned.bytes, Buffer.from('\n')]), headers)).toBe('accepted');
    expect((await log.unsettled(10)).map(({ id }) => id.slice(0, 7))).toEqual(['sha256:', 'sha256:']);
  });
});

type Place = readonly [holder: object, key: string];

/** Every field down to a depth. */
function placesIn(value: unknown, depth: number): Place[] {
  if (typeof value !== 'object' || value === null || depth === 0) return [];
  return Object.entries(value).flatMap(([key, child]) => [[value, key] as const, ...placesIn(child, depth - 1)]);
}

/** A replacer for JSON.stringify that puts `other` in one place. */
function replacing([holder, key]: Place, other: unknown) {
  return function (this: unknown, at: string, value: unknown): unknown {
    return this === holder && at === key ? other : value;
  };
}
