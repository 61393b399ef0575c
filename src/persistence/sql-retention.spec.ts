import { describe, expect, it } from '@jest/globals';
import { deliveryWith } from '../../test/contracts/delivery-log.contract.js';
import { describePostgres, type PostgresServer } from '../../test/support/postgres.js';
import { withTestDatabase, type TestDatabase } from '../../test/support/test-database.js';
import { parseIssueRef } from '../kernel/index.js';
import { replay, type JobDraft, type JobState } from '../queue/index.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlMetadataCache } from './sql-metadata-cache.js';
import { SqlRetention } from './sql-retention.js';
import { SqlRunStore } from './sql-run-store.js';

const DAY = 86_400_000;
const MUCH = 1_000_000_000;
const OLD = 'acme/app#1';
const NEW = 'acme/app#2';
const LIVE = 'acme/app#3';

function draftOf(issue: string): JobDraft {
  return { issue: parseIssueRef(issue), title: 'T', profile: 'opus', priority: 0, details: {}, blockers: [] };
}

/** Moves a job through these states, from the first on. */
async function walk({ database }: TestDatabase, issue: string, ...states: readonly JobState[]): Promise<void> {
  const store = new SqlJobStore(database);
  await store.put(draftOf(issue), 'Assigned.');
  let from: JobState = 'available';
  for (const to of states) {
    await store.move({ jobId: issue, from, to, reason: `To ${to}.` });
    from = to;
  }
}

async function deliver({ database }: TestDatabase, id: string, issue: string, isSettled = true): Promise<void> {
  const log = new SqlDeliveryLog(database);
  const delivery = deliveryWith({ id, receivedAt: database.clock.now() });
  await log.record({ ...delivery, issue: { ...delivery.issue, ref: parseIssueRef(issue), body: 'x'.repeat(1_000) } });
  if (isSettled) await log.settle([id]);
}

async function payloads({ database }: TestDatabase): Promise<Record<string, boolean>> {
  const rows = await database.queries.selectFrom('deliveries').select(['id', 'issue']).orderBy('sequence').execute();
  return Object.fromEntries(rows.map(({ id, issue }) => [id, issue.includes('xxx')]));
}

async function eventsOf({ database }: TestDatabase, issue: string): Promise<readonly string[]> {
  return (await new SqlJobStore(database).history(issue)).map(({ to }) => to);
}

/** What is kept for a day, and ids for three. */
function limitsAt({ clock }: TestDatabase, maxBytes = MUCH) {
  return { before: clock.now() - DAY, idsBefore: clock.now() - 3 * DAY, maxBytes };
}

function describeRetention(engine: string, server: () => PostgresServer | undefined): void {
  const withDatabase = (work: (opened: TestDatabase) => Promise<void>): Promise<void> =>
    withTestDatabase(work, server());

  describe(`SqlRetention on ${engine}`, () => {
    it('tells which jobs have not ended, and when the others did', () =>
      withDatabase(async (opened) => {
        await walk(opened, OLD, 'completed');
        opened.clock.advance(DAY);
        await walk(opened, NEW, 'cancelled');
        for (const [at, state] of (['needs_attention', 'cancelled'] as const).entries()) {
          await walk(opened, `acme/app#${10 + at}`, state);
        }
        await walk(opened, LIVE);
        const retention = new SqlRetention(opened.database);

        const ends = await retention.endedAt([OLD, NEW, LIVE, 'acme/app#99']);

        expect([...(await retention.live())].sort()).toEqual(['acme/app#10', LIVE]);
        expect(Object.fromEntries(ends)).toEqual({
          [OLD]: opened.clock.now() - DAY,
          [NEW]: opened.clock.now(),
        });
      }));

    it('drops payloads that are old and had their effect, and knows their ids for longer', () =>
      withDatabase(async (opened) => {
        await walk(opened, LIVE);
        await deliver(opened, 'old', OLD);
        await deliver(opened, 'waits', OLD, false);
        await deliver(opened, 'live', LIVE);
        opened.clock.advance(2 * DAY);
        await deliver(opened, 'new', OLD);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened));

        expect(dropped).toMatchObject({ payloads: 1, deliveries: 0, excessBytes: 0 });
        expect(await payloads(opened)).toEqual({ old: false, waits: true, live: true, new: true });
        const again = await new SqlDeliveryLog(opened.database).record(deliveryWith({ id: 'old' }));
        expect(again).toBe('duplicate');
      }));

    it('forgets ids that are older still, but none that waits for its effect or whose job has not ended', () =>
      withDatabase(async (opened) => {
        await walk(opened, LIVE);
        await deliver(opened, 'old', OLD);
        await deliver(opened, 'waits', OLD, false);
        await deliver(opened, 'live', LIVE);
        await deliver(opened, 'broken', OLD, false);
        await opened.database.queries
          .updateTable('deliveries')
          .set({ fault: 'It cannot be read' })
          .where('id', '=', 'broken')
          .execute();
        opened.clock.advance(4 * DAY);
        await deliver(opened, 'new', OLD);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened));

        expect(dropped.deliveries).toBe(2);
        expect(await payloads(opened)).toEqual({ waits: true, live: true, new: true });
      }));

    it('keeps the last event of a job that ended long ago, and every event of the others', () =>
      withDatabase(async (opened) => {
        await walk(opened, OLD, 'needs_attention', 'available', 'completed');
        await walk(opened, LIVE, 'needs_attention', 'available');
        opened.clock.advance(2 * DAY);
        await walk(opened, NEW, 'cancelled');

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened));

        expect(dropped.events).toBe(3);
        expect(await eventsOf(opened, OLD)).toEqual(['completed']);
        expect(await eventsOf(opened, NEW)).toEqual(['available', 'cancelled']);
        expect(await eventsOf(opened, LIVE)).toEqual(['available', 'needs_attention', 'available']);
      }));

    it('leaves of every history what tells the state of its job', () =>
      withDatabase(async (opened) => {
        const ends = ['completed', 'cancelled', 'needs_attention', 'available', 'pending', 'completed'] as const;
        for (const [at, end] of ends.entries()) {
          await walk(
            opened,
            `acme/app#${at + 1}`,
            'needs_attention',
            'available',
            ...(end === 'available' ? [] : [end]),
          );
        }
        const store = new SqlJobStore(opened.database);
        const claim = { holder: 'holder-1', leaseMs: 9 * DAY, limits: { global: 9, perRepository: 9, perProfile: {} } };
        const failed = await store.claim(claim);
        const failure = { from: 'running', to: 'retryable', reason: 'Failed.', waitMs: 5, failures: 2 } as const;
        await store.move({ jobId: failed?.id ?? '', fencingToken: failed?.fencingToken ?? 0, ...failure });
        expect((await store.claim(claim))?.state).toBe('running');
        opened.clock.advance(2 * DAY);

        const { events } = await new SqlRetention(opened.database).drop(limitsAt(opened, 1));

        const jobs = await store.list({});
        const histories = await Promise.all(jobs.map(({ id }) => store.history(id)));
        expect(events).toBeGreaterThan(0);
        expect(Object.fromEntries(replay(histories.flat()))).toEqual(
          Object.fromEntries(
            jobs.map(({ id, state, reason, fencingToken, lease, notBefore, failures, updatedAt: since }) => [
              id,
              { state, reason, fencingToken, holder: lease?.holder ?? null, notBefore, failures, since },
            ]),
          ),
        );
      }));

    it('drops runs that ended of jobs that ended', () =>
      withDatabase(async (opened) => {
        const runs = new SqlRunStore(opened.database);
        const run = { fencingToken: 1, profile: 'opus' };
        await walk(opened, OLD, 'completed');
        await walk(opened, LIVE);
        for (const [id, jobId] of [
          ['ended', OLD],
          ['live', LIVE],
        ] as const) {
          await runs.start({ id, jobId, ...run });
          await runs.end(id, 'in_review', 'Done.');
        }
        await runs.start({ id: 'unended', jobId: OLD, ...run });
        opened.clock.advance(2 * DAY);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened));

        expect(dropped.runs).toBe(1);
        expect((await runs.runs(OLD)).map(({ id }) => id)).toEqual(['unended']);
        expect((await runs.runs(LIVE)).map(({ id }) => id)).toEqual(['live']);
      }));

    it('forgets what texts were parsed to when ids of their time are forgotten', () =>
      withDatabase(async (opened) => {
        const cache = new SqlMetadataCache(opened.database);
        await cache.put('old', {} as never);
        opened.clock.advance(4 * DAY);
        await cache.put('new', {} as never);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened));

        expect(dropped.parsedTexts).toBe(1);
        expect([await cache.get('old'), await cache.get('new')]).toEqual([undefined, {}]);
      }));

    it('drops payloads that are not old, the oldest first, until the rest keeps to the limit', () =>
      withDatabase(async (opened) => {
        for (const id of ['first', 'second', 'third', 'fourth']) await deliver(opened, id, OLD);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened, 2_900));

        expect(dropped).toMatchObject({ payloads: 2, excessBytes: 0 });
        expect(await payloads(opened)).toEqual({ first: false, second: false, third: true, fourth: true });
      }));

    it('then drops histories of jobs that ended, and says what is too much of the others', () =>
      withDatabase(async (opened) => {
        const runs = new SqlRunStore(opened.database);
        await walk(opened, OLD, 'needs_attention', 'cancelled');
        await runs.start({ id: 'ended', jobId: OLD, fencingToken: 1, profile: 'opus' });
        await runs.end('ended', 'in_review', 'Done.');
        await walk(opened, LIVE, 'needs_attention', 'available');
        await deliver(opened, 'live', LIVE);

        const dropped = await new SqlRetention(opened.database).drop(limitsAt(opened, 1));

        expect(dropped).toMatchObject({ payloads: 0, events: 2, runs: 1 });
        expect(dropped.excessBytes).toBeGreaterThan(2_000);
        expect(await eventsOf(opened, OLD)).toEqual(['cancelled']);
        expect(await eventsOf(opened, LIVE)).toHaveLength(3);
        expect(await payloads(opened)).toEqual({ live: true });
      }));

    it('goes through more than one statement looks at, and others get their turn in between', () =>
      withDatabase(async (opened) => {
        const { database } = opened;
        const log = new SqlDeliveryLog(database);
        await walk(opened, LIVE);
        await Promise.all(
          Array.from({ length: 1_300 }, (_, at) =>
            log.record(deliveryWith({ id: `delivery-${at}`, receivedAt: opened.clock.now() })),
          ),
        );
        await log.settle(Array.from({ length: 1_300 }, (_, at) => `delivery-${at}`));
        opened.clock.advance(2 * DAY);
        let turns = 0;
        let isOver = false;
        const others = (async () => {
          while (!isOver) {
            await database.ping();
            await new Promise((resolve) => setImmediate(resolve));
            turns += 1;
          }
        })();

        const dropped = await new SqlRetention(database).drop(limitsAt(opened));
        isOver = true;
        await others;

        expect(dropped.payloads).toBe(1_300);
        expect(turns).toBeGreaterThan(3);
      }));

    it('changes nothing the second time', () =>
      withDatabase(async (opened) => {
        await walk(opened, OLD, 'completed');
        await deliver(opened, 'old', OLD);
        opened.clock.advance(4 * DAY);
        const retention = new SqlRetention(opened.database);
        await retention.drop(limitsAt(opened));

        expect(await retention.drop(limitsAt(opened))).toEqual({
          payloads: 0,
          deliveries: 0,
          events: 0,
          runs: 0,
          parsedTexts: 0,
          excessBytes: 0,
        });
      }));
  });
}

describeRetention('the embedded database', () => undefined);

describePostgres('With PostgreSQL', (server) => describeRetention('PostgreSQL', server));
