import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Delivery, DeliveryLog } from '../../src/webhook/index.js';

/** A log under test, and how to give back what it holds. */
export interface DeliveryLogUnderTest {
  readonly log: DeliveryLog;
  close?(): Promise<void> | void;
}

/** What every DeliveryLog must do. Call it once for each implementation; `make` gives an empty log each time. */
export function describeDeliveryLog(
  name: string,
  make: () => Promise<DeliveryLogUnderTest> | DeliveryLogUnderTest,
): void {
  describe(`${name}, as a DeliveryLog`, () => {
    let made: DeliveryLogUnderTest;
    let log: DeliveryLog;

    beforeEach(async () => {
      made = await make();
      log = made.log;
    });

    afterEach(async () => {
      await made.close?.();
    });

    it('starts empty', async () => {
      expect(await log.unsettled(10)).toEqual([]);
    });

    it('accepts a delivery and gives it back as it was', async () => {
      const delivery = deliveryWith({ id: 'full' });

      expect(await log.record(delivery)).toBe('accepted');
      expect(await log.unsettled(10)).toEqual([delivery]);
    });

    it('keeps empty texts, empty lists and an unknown branch apart from each other', async () => {
      const bare = deliveryWith({ id: 'bare', sender: '' });
      const empty: Delivery = {
        ...bare,
        issue: { ...bare.issue, body: '', updatedAt: '', defaultBranch: null, assignees: [], labels: [] },
      };

      await log.record(empty);

      expect(await log.unsettled(10)).toEqual([empty]);
    });

    it.each([
      ['quotes and markup', `'; DROP TABLE deliveries; -- "<script>\\`],
      ['every plane of Unicode', 'ä 漢字 😀 \u{10ffff} e\u0301 \u202e'],
      ['control characters', 'a\tb\r\nc\u0001\u001b[31m'],
      ['a quarter of a million characters', 'lorem ipsum '.repeat(21_000)],
    ])('keeps a text of %s', async (_what, text) => {
      const delivery = deliveryWith({ id: 'text' });
      const hostile: Delivery = { ...delivery, issue: { ...delivery.issue, title: text, body: text, labels: [text] } };

      await log.record(hostile);

      expect(await log.unsettled(10)).toEqual([hostile]);
    });

    it('knows a delivery by its id alone, and keeps the first', async () => {
      const first = deliveryWith({ id: 'one', action: 'assigned' });

      await log.record(first);

      expect(await log.record(deliveryWith({ id: 'one', action: 'unassigned' }))).toBe('duplicate');
      expect(await log.unsettled(10)).toEqual([first]);
    });

    it.each([
      ['case', 'abc', 'ABC'],
      ['a blank at the end', 'abc', 'abc '],
      ['a wildcard', 'a_c', 'abc'],
    ])('takes ids that differ in %s for two', async (_what, one, other) => {
      expect(await log.record(deliveryWith({ id: one }))).toBe('accepted');
      expect(await log.record(deliveryWith({ id: other }))).toBe('accepted');
      expect(idsOf(await log.unsettled(10))).toEqual([one, other]);
    });

    it('stores one id once when it comes many times at the same moment', async () => {
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => log.record(deliveryWith({ id: 'same' }))));

      expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(19);
      expect(idsOf(await log.unsettled(30))).toEqual(['same']);
    });

    it('stores every one of many deliveries that come at the same moment', async () => {
      const ids = Array.from({ length: 200 }, (_, at) => `delivery-${at}`);

      const outcomes = await Promise.all(ids.map((id) => log.record(deliveryWith({ id }))));

      expect(new Set(outcomes)).toEqual(new Set(['accepted']));
      expect(new Set(idsOf(await log.unsettled(300)))).toEqual(new Set(ids));
    });

    it('gives deliveries in the order in which they were recorded, whatever the clock said', async () => {
      await log.record(deliveryWith({ id: 'b', receivedAt: 3_000 }));
      await log.record(deliveryWith({ id: 'c', receivedAt: 1_000 }));
      await log.record(deliveryWith({ id: 'a', receivedAt: 2_000 }));

      expect(idsOf(await log.unsettled(10))).toEqual(['b', 'c', 'a']);
    });

    it('gives no more than the limit, the oldest first', async () => {
      for (const id of ['1', '2', '3', '4']) await log.record(deliveryWith({ id }));

      expect(idsOf(await log.unsettled(3))).toEqual(['1', '2', '3']);
      expect(await log.unsettled(0)).toEqual([]);
    });

    it('no longer gives a delivery that was settled', async () => {
      for (const id of ['1', '2', '3']) await log.record(deliveryWith({ id }));

      await log.settle(['1', '3']);

      expect(idsOf(await log.unsettled(10))).toEqual(['2']);
    });

    it('knows a settled delivery as a duplicate, and does not bring it back', async () => {
      await log.record(deliveryWith({ id: 'done' }));
      await log.settle(['done']);

      expect(await log.record(deliveryWith({ id: 'done' }))).toBe('duplicate');
      expect(await log.unsettled(10)).toEqual([]);
    });

    it('changes nothing when it settles again, what it does not know, or nothing', async () => {
      await log.record(deliveryWith({ id: 'kept' }));
      await log.record(deliveryWith({ id: 'done' }));
      await log.settle(['done', 'done']);

      await log.settle(['done', 'never seen']);
      await log.settle([]);

      expect(idsOf(await log.unsettled(10))).toEqual(['kept']);
      expect(await log.record(deliveryWith({ id: 'never seen' }))).toBe('accepted');
    });

    it('settles a thousand at once', async () => {
      const ids = Array.from({ length: 1_000 }, (_, at) => `many-${at}`);
      await Promise.all(ids.map((id) => log.record(deliveryWith({ id }))));
      await log.record(deliveryWith({ id: 'left' }));

      await log.settle(ids);

      expect(idsOf(await log.unsettled(2_000))).toEqual(['left']);
    });
  });
}

/** A delivery with everything filled in, but for what is given. */
export function deliveryWith(given: Partial<Omit<Delivery, 'issue'>> = {}): Delivery {
  return {
    id: 'delivery-1',
    kind: 'issue_assign',
    action: 'assigned',
    issue: {
      ref: { owner: 'acme', repo: 'web.shop', number: 12 },
      title: 'Prices are rounded twice',
      body: 'See `price.js`.\r\n',
      state: 'open',
      assignees: ['mosaic-bot', 'ada'],
      labels: ['bug', 'priority/high'],
      updatedAt: '2026-11-22T09:30:00+01:00',
      defaultBranch: 'main',
    },
    sender: 'ada',
    receivedAt: 1_700_000_000_000,
    ...given,
  };
}

function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ id }) => id);
}
