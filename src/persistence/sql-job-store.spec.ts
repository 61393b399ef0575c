import { Logger } from '@nestjs/common';
import { sql } from 'kysely';
import { describe, expect, it } from '@jest/globals';
import { describeJobStoreModel } from '../../test/contracts/job-store-model.contract.js';
import { describeJobStore } from '../../test/contracts/job-store.contract.js';
import { openTestDatabase, withTestDatabase } from '../../test/support/test-database.js';
import { parseIssueRef } from '../kernel/index.js';
import { InMemoryJobStore, replay, type JobDraft, type JobStore } from '../queue/index.js';
import { FakeClock, SeededRandomness } from '../testing/index.js';
import { openDatabase } from './coordinator-database.js';
import { SqlJobStore } from './sql-job-store.js';

async function makeTrial() {
  const { database, clock, close } = await openTestDatabase();
  return { store: new SqlJobStore(database), clock, close };
}

describeJobStore('SqlJobStore', makeTrial);
describeJobStoreModel('SqlJobStore', makeTrial, { sequences: 40 });

const UNLIMITED = { global: 1_000, perRepository: 1_000, perProfile: {} };
const REQUEST = { holder: 'holder-1', leaseMs: 10_000, limits: UNLIMITED };

function draft(ref: string, change: Partial<JobDraft> = {}): JobDraft {
  const issue = parseIssueRef(ref);
  return { issue, title: ref, profile: 'sonnet', priority: 0, blockers: [], details: {}, ...change };
}

describe('SqlJobStore', () => {
  it('claims among hundreds of jobs in the very order of the in-memory store, whatever the limits hold back', async () => {
    await withTestDatabase(async ({ database }) => {
      const random = new SeededRandomness(7);
      const pick = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random.fraction() * list.length)] ?? list[0];
      const stores: readonly JobStore[] = [new SqlJobStore(database), new InMemoryJobStore(new FakeClock())];
      const drafts = Array.from({ length: 300 }, (_, at) =>
        draft(`${pick(['a/x', 'a/x', 'a/x', 'b/y', 'c/z'])}#${at + 1}`, {
          profile: pick(['opus', 'glm', 'haiku']),
          priority: pick([0, 0, 0, 1, 2.5, -1]),
          blockers: random.fraction() < 0.2 ? [{ issue: parseIssueRef('o/o#1'), isFinished: false }] : [],
        }),
      );
      for (const store of stores) for (const one of drafts) await store.put(one, 'Assigned');

      const claimedBy = async (store: JobStore): Promise<readonly (string | undefined)[]> => {
        const chance = new SeededRandomness(11);
        const ids: (string | undefined)[] = [];
        for (let round = 0; round < 250; round += 1) {
          const perRepository = 1 + Math.floor(chance.fraction() * 12);
          const perProfile = chance.fraction() < 0.5 ? { opus: 2, glm: Math.floor(chance.fraction() * 8) } : {};
          const excludedProfiles = chance.fraction() < 0.1 ? ['haiku'] : [];
          const limits = { global: 25, perRepository, perProfile };
          const holder = chance.fraction() < 0.8 ? 'holder-1' : 'holder-2';
          const job = await store.claim({ ...REQUEST, holder, limits, excludedProfiles });
          ids.push(job?.id);
          const [oldest] = await store.list({ states: ['running'], limit: 1 });
          const finishes = chance.fraction() < 0.6 ? oldest : undefined;
          // What is taken away from its holder comes back, for that one alone.
          const to = chance.fraction() < 0.7 ? 'in_review' : 'available';
          if (finishes) await store.move({ jobId: finishes.id, from: 'running', to, reason: 'Done' });
        }
        return ids;
      };
      const [inSql, inMemory] = await Promise.all(stores.map(claimedBy));

      expect(inSql).toEqual(inMemory);
      expect(new Set(inSql).size).toBeGreaterThan(100);
    });
  });

  it('finds a job behind many that are held back, and none when all are', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlJobStore(database);
      for (let number = 1; number <= 40; number += 1) await store.put(draft(`acme/busy#${number}`), 'Assigned');
      await store.put(draft('acme/quiet#900', { profile: 'glm' }), 'Assigned');
      const limits = { ...UNLIMITED, perRepository: 1 };

      expect((await store.claim({ ...REQUEST, limits }))?.id).toBe('acme/busy#1');
      expect((await store.claim({ ...REQUEST, limits, excludedProfiles: ['glm'] }))?.id).toBeUndefined();
      expect((await store.claim({ ...REQUEST, limits }))?.id).toBe('acme/quiet#900');
      expect((await store.claim({ ...REQUEST, limits }))?.id).toBeUndefined();
    });
  });

  it('looks at the blockers inside the claim, whatever the state says', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlJobStore(database);
      const blockers = [{ issue: parseIssueRef('acme/web#9'), isFinished: false }];
      await store.put(draft('acme/web#1', { blockers }), 'Assigned');
      await database.queries.updateTable('jobs').set({ state: 'available' }).execute();

      expect(await store.claim(REQUEST)).toBeUndefined();
    });
  });

  it('measures leases by the time that passed, not by a clock that somebody sets', async () => {
    await withTestDatabase(async ({ database, clock }) => {
      const store = new SqlJobStore(database);
      await store.put(draft('acme/web#1'), 'Assigned');
      await store.claim(REQUEST);

      clock.setWall(clock.now() + 3_600_000);
      expect(await store.reopenAbandoned([], 'Lease ended')).toEqual([]);
      clock.setWall(clock.now() - 7_200_000);
      clock.advance(10_000);

      expect(await store.reopenAbandoned([], 'Lease ended')).toHaveLength(1);
    });
  });

  it('lets no job wait for longer than it was to where the clock was set back before the program was started again', async () => {
    const { database, clock, dataFolder, close } = await openTestDatabase();
    const right = clock.now();
    clock.setWall(right + 3_600_000);
    await database.close();
    const early = await openDatabase({ dataFolder, clock });
    const store = new SqlJobStore(early);
    await store.put(draft('acme/web#1'), 'Assigned');
    await store.claim(REQUEST);
    await store.move({ jobId: 'acme/web#1', from: 'running', to: 'retryable', reason: 'Overloaded', waitMs: 100 });
    const soon = await store.promoteDue();
    await early.close();
    clock.setWall(right);
    const late = await openDatabase({ dataFolder, clock });

    const due = await new SqlJobStore(late).promoteDue();

    await late.close();
    await close();
    expect([soon.length, due.length]).toEqual([0, 1]);
  });

  it('frees more jobs at once than one statement can name', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlJobStore(database);
      const blockers = [{ issue: parseIssueRef('acme/web#9999'), isFinished: false }];
      await store.put(draft('acme/web#1', { blockers }), 'Assigned');
      const columns = (await database.queries.introspection.getTables()).find(({ name }) => name === 'jobs')?.columns;
      const names = (columns ?? []).map(({ name }) => name).filter((name) => name !== 'id');
      await sql`
        with recursive numbers (n) as (select 2 union all select n + 1 from numbers where n < 2500)
        insert into jobs (id, ${sql.join(names.map((name) => sql.ref(name)))})
        select 'acme/web#' || n, ${sql.join(names.map((name) => sql.ref(name)))} from numbers, jobs
      `.execute(database.queries);
      await sql`
        insert into job_blockers select jobs.id, blocker_id, b.owner, b.repo, b.number, is_finished
        from jobs, job_blockers as b where jobs.id != 'acme/web#1'
      `.execute(database.queries);

      const changes = await store.settleBlocker('acme/web#9999', true);

      expect(changes).toHaveLength(2_500);
      expect(await store.countByState()).toMatchObject({ available: 2_500, pending: 0 });
      expect(await store.history('acme/web#2500')).toMatchObject([{ from: 'pending', to: 'available' }]);
    });
  });

  describe('with a damaged row', () => {
    async function withDamage(
      work: (store: SqlJobStore) => Promise<void>,
      change: Partial<JobDraft> = {},
    ): Promise<void> {
      Logger.overrideLogger(false);
      await withTestDatabase(async ({ database }) => {
        const store = new SqlJobStore(database);
        await store.put(draft('acme/web#1', change), 'Assigned');
        await store.put(draft('acme/web#2'), 'Assigned');
        await sql`pragma ignore_check_constraints = on`.execute(database.queries);
        await sql`update jobs set details = '{"half' where id = 'acme/web#1'`.execute(database.queries);
        await sql`pragma ignore_check_constraints = off`.execute(database.queries);
        await work(store);
      });
    }

    it('says which one it is to whoever asks for it', async () => {
      await withDamage(async (store) => {
        await expect(store.find('acme/web#1')).rejects.toMatchObject({
          code: 'STORED_ROW_CORRUPT',
          message: expect.stringContaining('details of job acme/web#1'),
        });
      });
    });

    it('still lists the others', async () => {
      await withDamage(async (store) => {
        expect((await store.list({})).map(({ id }) => id)).toEqual(['acme/web#2']);
      });
    });

    it('sets it aside instead of claiming it, and claims the next', async () => {
      await withDamage(async (store) => {
        expect((await store.claim(REQUEST))?.id).toBe('acme/web#2');
        expect(await store.countByState()).toMatchObject({ needs_attention: 1, running: 1 });
        expect(await store.history('acme/web#1')).toMatchObject([
          { to: 'available' },
          { from: 'available', to: 'needs_attention', reason: expect.stringContaining('damaged'), fencingToken: 0 },
        ]);
      });
    });

    it('keeps the history of what cannot be read too', async () => {
      const blockers = [{ issue: parseIssueRef('acme/web#9'), isFinished: false }];
      await withDamage(
        async (store) => {
          expect(await store.settleBlocker('acme/web#9', true)).toEqual([]);
          await store.claim(REQUEST);

          const history = await store.history('acme/web#1');
          expect(history.map(({ to }) => to)).toEqual(['pending', 'available', 'needs_attention']);
          const told = replay(history).get('acme/web#1');
          expect(told).toMatchObject({ state: 'needs_attention', fencingToken: 0, since: expect.any(Number) });
        },
        { blockers },
      );
    });

    it('mends it when the job is put again', async () => {
      await withDamage(async (store) => {
        await store.put(draft('acme/web#1', { details: { read: 'again' } }), 'Edited');

        expect((await store.find('acme/web#1'))?.details).toEqual({ read: 'again' });
      });
    });
  });

  it('refuses a job that waits for no issue anybody could name, and lists the others', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlJobStore(database);
      const blockers = [{ issue: parseIssueRef('acme/web#9'), isFinished: false }];
      await store.put(draft('acme/web#1', { blockers }), 'Assigned');
      await store.put(draft('acme/web#2'), 'Assigned');
      await database.queries.updateTable('job_blockers').set({ number: 0 }).execute();

      await expect(store.find('acme/web#1')).rejects.toMatchObject({
        code: 'STORED_ROW_CORRUPT',
        message: expect.stringContaining('acme/web#0'),
      });
      expect((await store.list({})).map(({ id }) => id)).toEqual(['acme/web#2']);
    });
  });

  it('refuses a row whose state is not one of ours', async () => {
    await withTestDatabase(async ({ database }) => {
      const store = new SqlJobStore(database);
      await store.put(draft('acme/web#1'), 'Assigned');
      await database.queries.updateTable('jobs').set({ state: 'asleep' }).execute();

      await expect(store.find('acme/web#1')).rejects.toMatchObject({
        code: 'STORED_ROW_CORRUPT',
        message: expect.stringContaining('"asleep"'),
      });
    });
  });
});
