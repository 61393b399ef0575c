import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { describeLeadership } from '../../../test/contracts/leadership.contract.js';
import { deliveryWith } from '../../../test/contracts/delivery-log.contract.js';
import { describePostgres } from '../../../test/support/postgres.js';
import { createTestDatabase, openWith, type TestDatabase } from '../../../test/support/test-database.js';
import { parseIssueRef } from '../../kernel/index.js';
import type { ClaimLimits, Job } from '../../queue/index.js';
import { FakeClock } from '../../testing/index.js';
import { openDatabase } from '../coordinator-database.js';
import { ownIdentity, type ProcessIdentity } from '../process-identity.js';
import { SqlDeliveryLog } from '../sql-delivery-log.js';
import { SqlJobStore } from '../sql-job-store.js';
import { SqlLeadership } from '../sql-leadership.js';
import { SqlReplicas } from '../sql-replicas.js';
import { SqlRunStore } from '../sql-run-store.js';
import { SqlSignals } from '../sql-signals.js';

const UNLIMITED: ClaimLimits = { global: 1_000, perRepository: 1_000, perProfile: {} };

/** One that ran on this machine and does no longer. */
const DEAD: ProcessIdentity = { ...ownIdentity(), pid: 4_194_303, startTime: '1' };
/** One of another machine, of which nothing can be known. */
const ELSEWHERE: ProcessIdentity = { ...DEAD, bootId: 'another' };

describePostgres('Replicas on PostgreSQL', (server) => {
  let clock: FakeClock;
  let url: string;
  const opened: TestDatabase[] = [];

  beforeEach(async () => {
    clock = new FakeClock();
    url = await createTestDatabase(server());
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  async function replica(): Promise<TestDatabase> {
    const one = await openWith(url, clock);
    opened.push(one);
    return one;
  }

  function replicas(count: number): Promise<readonly TestDatabase[]> {
    return Promise.all(Array.from({ length: count }, replica));
  }

  async function put(store: SqlJobStore, ref: string, profile = 'sonnet'): Promise<void> {
    const issue = parseIssueRef(ref);
    await store.put({ issue, title: '', profile, priority: 0, blockers: [], details: {} }, 'Assigned');
  }

  async function claimAs(store: SqlJobStore, holder: string, limits = UNLIMITED): Promise<Job | undefined> {
    return store.claim({ holder, leaseMs: 10_000, limits });
  }

  describeLeadership('SqlLeadership', async () => ({
    clock,
    for: async (holder) => {
      const { database } = await replica();
      return new SqlLeadership(database, new SqlReplicas(database), { holder, termMs: 6_000 });
    },
    close: () => Promise.resolve(),
  }));

  describe('SqlJobStore', () => {
    it('keeps every limit while three replicas claim at once, and gives no job twice', async () => {
      const stores = (await replicas(3)).map(({ database }) => new SqlJobStore(database));
      const [first] = stores as [SqlJobStore];
      for (let number = 1; number <= 30; number += 1) {
        await put(first, `acme/${number % 2 === 0 ? 'web' : 'api'}#${number}`, number % 3 === 0 ? 'opus' : 'glm');
      }
      const limits = { global: 7, perRepository: 4, perProfile: { opus: 2 } };

      const claims = await Promise.all(
        stores.flatMap((store, at) => Array.from({ length: 12 }, () => claimAs(store, `replica-${at}`, limits))),
      );

      const claimed = claims.flatMap((job) => job ?? []);
      const running = await first.list({ states: ['running'] });
      expect(claimed.map(({ id }) => id).sort()).toEqual(running.map(({ id }) => id).sort());
      expect(running).toHaveLength(7);
      expect(running.filter(({ profile }) => profile === 'opus').length).toBeLessThanOrEqual(2);
      expect(running.filter(({ issue }) => issue.repo === 'web').length).toBeLessThanOrEqual(4);
      expect(running.filter(({ issue }) => issue.repo === 'api').length).toBeLessThanOrEqual(4);
    });

    it('leaves the leases of others alone when a replica starts', async () => {
      const store = new SqlJobStore((await replica()).database);
      await put(store, 'acme/web#1');
      await claimAs(store, 'replica-1');

      const another = new SqlJobStore((await replica()).database);

      expect(await another.reopenAbandoned([], 'Abandoned')).toEqual([]);
      clock.advance(10_000);
      expect(await another.reopenAbandoned([], 'Abandoned')).toHaveLength(1);
    });

    /** A replica whose own clock is wrong, and which goes by the server's. */
    async function storeWith(wrong: FakeClock): Promise<SqlJobStore> {
      const folder = await replica();
      await folder.database.close();
      const database = await openDatabase({ dataFolder: folder.dataFolder, clock: wrong, databaseUrl: url });
      opened.push({ ...folder, close: () => database.close() });
      return new SqlJobStore(database);
    }

    it('measures leases by the clock of the server, whatever that of the replica says', async () => {
      const wrong = new FakeClock(0);
      const store = await storeWith(wrong);
      await put(store, 'acme/web#1');

      const before = Date.now();
      const job = await claimAs(store, 'replica-1');
      wrong.advance(100_000_000);

      expect((job?.lease?.endsAt ?? 0) - before).toBeGreaterThan(9_000);
      expect((job?.lease?.endsAt ?? Infinity) - before).toBeLessThan(30_000);
      expect(await store.reopenAbandoned([], 'Abandoned')).toEqual([]);
      expect(await store.renew('acme/web#1', 1, -1)).toBe(true);
      expect(await store.reopenAbandoned([], 'Abandoned')).toHaveLength(1);
    });

    it('measures waits by the clock of the server, however far those of the replicas are apart', async () => {
      const early = await storeWith(new FakeClock(0));
      const late = await storeWith(new FakeClock(Date.now() + 86_400_000));
      const failed = { from: 'running', to: 'retryable', reason: 'Overloaded' } as const;
      for (const ref of ['acme/web#1', 'acme/web#2']) await put(early, ref);
      for (const store of [early, late]) await claimAs(store, 'replica-1');

      await late.move({ ...failed, jobId: 'acme/web#1', waitMs: 0 });
      await early.move({ ...failed, jobId: 'acme/web#2', waitMs: 600_000 });

      expect((await early.promoteDue()).map(({ job }) => job.id)).toEqual(['acme/web#1']);
      expect(await late.promoteDue()).toEqual([]);
    });
  });

  describe('what is changed of a job while its holder speaks', () => {
    const JOB = 'acme/web#1';
    const taken = { jobId: JOB, from: 'running', to: 'available', reason: 'Edited' } as const;

    async function running(): Promise<readonly [SqlJobStore, SqlJobStore]> {
      const [{ database: one }, { database: other }] = (await replicas(2)) as [TestDatabase, TestDatabase];
      const jobs = new SqlJobStore(one);
      await put(jobs, JOB);
      await claimAs(jobs, 'replica-1');
      return [jobs, new SqlJobStore(other)];
    }

    /** Lets the first wait for the row of the job, then the second, and then both go on. */
    async function inTurn<One, Other>(
      first: () => Promise<One>,
      second: () => Promise<Other>,
    ): Promise<readonly [One, Other]> {
      const client = new Client({ connectionString: url });
      await client.connect();
      try {
        await client.query('begin');
        await client.query('select id from jobs for update');
        const earlier = first();
        await untilWaiting(1);
        const later = second();
        await untilWaiting(2);
        await client.query('commit');
        return await Promise.all([earlier, later]);
      } finally {
        await client.end();
      }
    }

    async function untilWaiting(count: number): Promise<void> {
      const waiting = `select pid from pg_stat_activity
        where wait_event_type = 'Lock' and datname = '${new URL(url).pathname.slice(1)}'`;
      while ((await server().ask(waiting)).length < count);
    }

    it.each<readonly [string, (store: SqlJobStore) => Promise<unknown>]>([
      ['is taken away', (store: SqlJobStore) => store.move(taken)],
      ['is put again', (store: SqlJobStore) => put(store, JOB)],
      ['is looked at for its end', (store: SqlJobStore) => store.reopenAbandoned([], 'Its lease ended')],
    ])('keeps a renewal that comes just before it %s', async (_, change) => {
      const [holder, leader] = await running();
      clock.advance(10_000);

      const [isHeld] = await inTurn(
        () => holder.renew(JOB, 1, 10_000),
        () => change(leader),
      );

      expect(isHeld).toBe(true);
      expect((await leader.find(JOB))?.lease).toEqual({ holder: 'replica-1', endsAt: clock.now() + 10_000 });
    });

    it('keeps a release that comes just before it is put again, and tells the others of it', async () => {
      const [holder, leader] = await running();
      await leader.move(taken);
      const heard: string[] = [];
      const listener = (await replica()).database;
      const told = new Promise<void>((resolve) => {
        listener.onWake((about) => resolve(void heard.push(about)));
      });

      await inTurn(
        () => holder.release(JOB, 1),
        () => put(leader, JOB),
      );

      expect((await leader.find(JOB))?.lease).toBeNull();
      await told;
      expect(heard).toContain('');
    });

    it('is heard of by the others as soon as it is settled which profile does it', async () => {
      const [{ database }, { database: other }] = (await replicas(2)) as [TestDatabase, TestDatabase];
      const jobs = new SqlJobStore(database);
      let tell: (about: string) => void = () => undefined;
      const hears = (what: string) =>
        new Promise<void>((resolve) => (tell = (about) => void (about === what && resolve())));
      const listening = hears('');
      other.onWake((about) => tell(about));
      await listening;
      await put(jobs, JOB, '');
      // What was told before was heard by then.
      const quiet = hears('quiet');
      await database.wake('quiet');
      await quiet;

      const settled = hears('');
      await put(jobs, JOB);

      await settled;
      expect(await claimAs(new SqlJobStore(other), 'replica-2')).toMatchObject({ profile: 'sonnet' });
    });

    it('is free at once where the holder that it was taken from is dead', async () => {
      const [jobs] = await running();
      await jobs.move(taken);
      const { database } = await replica();
      await new SqlReplicas(database, DEAD).register('replica-1');
      const survivor = new SqlReplicas((await replica()).database);

      const dead = await survivor.deadHolders();
      await jobs.reopenAbandoned(dead, 'Its process is gone');

      expect(dead).toEqual(['replica-1']);
      expect(await claimAs(jobs, 'replica-2')).toMatchObject({ id: JOB, fencingToken: 2 });
    });
  });

  describe('SqlRunStore', () => {
    it('lets nobody take the job while a save is under way', async () => {
      const [{ database: one }, { database: other }] = (await replicas(2)) as [TestDatabase, TestDatabase];
      const jobs = new SqlJobStore(one);
      await put(jobs, 'acme/web#1');
      await claimAs(jobs, 'replica-1');
      const saves = Promise.all(
        Array.from({ length: 20 }, (_, turns) =>
          new SqlRunStore(one).save('acme/web#1', 1, { turns: turns + 1 }).then(
            () => 'saved',
            (error: { code: string }) => error.code,
          ),
        ),
      );

      const taken = await new SqlJobStore(other).reopenAbandoned(['replica-1'], 'Dead');
      const { turns } = await new SqlRunStore(other).progress('acme/web#1');
      const outcomes = await saves;
      const after = await new SqlRunStore(other).progress('acme/web#1');

      expect(taken).toHaveLength(1);
      expect(after.turns).toBe(turns);
      expect(new Set(outcomes).has('QUEUE_LEASE_LOST') || outcomes.every((one) => one === 'saved')).toBe(true);
    });

    it('refuses to begin a run whose job was claimed anew', async () => {
      const { database } = await replica();
      const jobs = new SqlJobStore(database);
      const runs = new SqlRunStore(database);
      await put(jobs, 'acme/web#1');
      await claimAs(jobs, 'replica-1');
      await jobs.reopenAbandoned(['replica-1'], 'Dead');
      await claimAs(jobs, 'replica-2');

      const late = runs.start({ id: 'late', jobId: 'acme/web#1', fencingToken: 1, profile: 'sonnet' });

      await expect(late).rejects.toMatchObject({ code: 'QUEUE_LEASE_LOST' });
      expect(await runs.runs('acme/web#1')).toEqual([]);
    });
  });

  describe('SqlReplicas', () => {
    async function runningUnder(holder: string, store: SqlJobStore, number: number): Promise<void> {
      await put(store, `acme/web#${number}`);
      await claimAs(store, holder);
    }

    it('names the holders of running jobs whose process is gone, and nobody of whom it cannot know', async () => {
      const [own, gone, far] = (await replicas(3)) as [TestDatabase, TestDatabase, TestDatabase];
      const store = new SqlJobStore(own.database);
      await new SqlReplicas(own.database).register('own');
      await new SqlReplicas(gone.database, DEAD).register('gone');
      await new SqlReplicas(gone.database, DEAD).register('gone and idle');
      await new SqlReplicas(far.database, ELSEWHERE).register('far');
      for (const [at, holder] of ['own', 'gone', 'far', 'stranger'].entries()) {
        await runningUnder(holder, store, at + 1);
      }
      const watching = new SqlReplicas(own.database);

      expect(await watching.deadHolders()).toEqual(['gone']);
      expect(await watching.isDead('gone and idle')).toBe(true);
      expect(await watching.isDead('far')).toBe(false);
      expect(await watching.isDead('stranger')).toBe(false);
    });

    it('knows that whoever had its data folder before is dead, wherever that ran', async () => {
      const { database } = await replica();
      await new SqlReplicas(database, ELSEWHERE).register('predecessor');
      const watching = new SqlReplicas(database);
      await watching.register('successor');

      expect(await watching.isDead('predecessor')).toBe(true);
      expect(await watching.isDead('successor')).toBe(false);
    });

    it('takes no holder of its own process for dead', async () => {
      const { database } = await replica();
      await new SqlReplicas(database).register('queue');

      expect(await new SqlReplicas(database).isDead('queue')).toBe(false);
    });

    it('knows nothing of a row that cannot be read', async () => {
      const { database } = await replica();
      await new SqlReplicas(database, DEAD).register('gone');
      await database.queries.updateTable('replicas').set({ identity: '{}', folder: 'other' }).execute();

      expect(await new SqlReplicas(database).isDead('gone')).toBe(false);
    });

    it('forgets who was not seen for a week and runs nothing', async () => {
      const { database } = await replica();
      const store = new SqlJobStore(database);
      const all = new SqlReplicas(database);
      await all.register('idle');
      await all.register('busy');
      await runningUnder('busy', store, 1);
      clock.advance(7 * 86_400_000 + 1);

      await all.register('new');

      const rows = await database.queries.selectFrom('replicas').select('holder').orderBy('holder').execute();
      expect(rows.map(({ holder }) => holder)).toEqual(['busy', 'new']);
    });
  });

  describe('SqlLeadership', () => {
    it('takes the lead of a process that is dead at once', async () => {
      const [own, gone] = (await replicas(2)) as [TestDatabase, TestDatabase];
      const dead = new SqlReplicas(gone.database, DEAD);
      await dead.register('gone');
      await new SqlLeadership(gone.database, dead, { holder: 'gone' }).hold();

      const successor = new SqlLeadership(own.database, new SqlReplicas(own.database), { holder: 'own' });

      expect(await successor.hold()).toBe(2);
    });
  });

  describe('SqlSignals', () => {
    /** What one replica hears, and a promise of the next of it. */
    function listenOn({ database }: TestDatabase) {
      const heard: (string | null)[] = [];
      let wake: () => void = () => undefined;
      new SqlSignals(database).listen((about) => {
        heard.push(about);
        wake();
      });
      const until = async (isEnough: () => boolean): Promise<void> => {
        while (!isEnough()) await new Promise<void>((resolve) => (wake = resolve));
      };
      return { heard, until };
    }

    it('hears of deliveries, of changes that leave something to do, and of what is told', async () => {
      const [sender, receiver] = (await replicas(2)) as [TestDatabase, TestDatabase];
      const { heard, until } = listenOn(receiver);
      await until(() => heard.length === 1);
      const jobs = new SqlJobStore(sender.database);

      await new SqlDeliveryLog(sender.database).record(deliveryWith());
      await until(() => heard.length === 2);
      await put(jobs, 'acme/web#1');
      await until(() => heard.length === 3);
      await claimAs(jobs, 'sender');
      await new SqlDeliveryLog(sender.database).record(deliveryWith());
      new SqlSignals(sender.database).tell('acme/web#1');
      await until(() => heard.length === 4);
      new SqlSignals(sender.database).tell('x'.repeat(9_000));
      await until(() => heard.length === 5);

      expect(heard).toEqual([null, null, null, 'acme/web#1', null]);
    });

    it('says nothing of a signal that is lost', async () => {
      Logger.overrideLogger(false);
      const one = await replica();
      await one.database.close();

      expect(() => new SqlSignals(one.database).tell('acme/web#1')).not.toThrow();
      await new Promise(setImmediate);
    });
  });
});
