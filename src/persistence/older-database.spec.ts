import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeTemporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { replay } from '../queue/index.js';
import { FakeClock } from '../testing/index.js';
import { openDatabase, type CoordinatorDatabase } from './coordinator-database.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import { SqlCalibrationStore } from './sql-calibration-store.js';
import { SqlDeliveryLog } from './sql-delivery-log.js';
import { SqlJobStore } from './sql-job-store.js';
import { SqlRunStore } from './sql-run-store.js';
import { SqlSpendLedger } from './sql-spend-ledger.js';

/**
 * What `sqlite3 coordinator.db .dump` says of a database of schema 1: the service of that time had brought issue 1 into
 * review, and was killed while its agent mended what the gates had rejected of issue 3.
 */
const SCHEMA_1 = readFileSync(new URL('../../test/fixtures/schema-1.sql', import.meta.url), 'utf8');
const SPEND = { inputTokens: 10, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };

describe('A database of schema 1', () => {
  let folder: TemporaryFolder;
  let database: CoordinatorDatabase;

  beforeEach(async () => {
    folder = makeTemporaryFolder();
    const file = new Database(join(folder.path, 'coordinator.db'));
    file.exec(SCHEMA_1);
    file.close();
    database = await openDatabase({ dataFolder: folder.path, clock: new FakeClock() });
  });

  afterEach(async () => {
    await database.close();
    folder.remove();
  });

  it('is of the newest schema once it was opened', async () => {
    const applied = await database.queries
      .selectFrom('schema_migrations')
      .select('version')
      .orderBy('version')
      .execute();

    expect(applied.map(({ version }) => version)).toEqual(ALL_MIGRATIONS.map(({ version }) => version));
  });

  it('keeps its jobs, and lets the one whose run was cut off be taken up again', async () => {
    const jobs = new SqlJobStore(database);

    const reopened = await jobs.reopenAbandoned([], 'It was cut off.');
    const limits = { global: 9, perRepository: 9, perProfile: {} };
    const claimed = await jobs.claim({ holder: 'h', leaseMs: 1_000, limits });

    expect(reopened.map(({ job }) => job.id)).toEqual(['acme/tools#3']);
    expect(claimed).toMatchObject({ id: 'acme/tools#3', fencingToken: 2, details: { body: expect.any(String) } });
    expect((await jobs.list({})).map(({ id, state }) => [id, state])).toEqual([
      ['acme/tools#1', 'in_review'],
      ['acme/tools#3', 'running'],
    ]);
  });

  it('has histories that tell where its jobs are', async () => {
    const jobs = new SqlJobStore(database);
    const all = await jobs.list({});
    const histories = await Promise.all(all.map(({ id }) => jobs.history(id)));

    const told = replay(histories.flat());

    const since = expect.any(Number);
    expect([...told]).toEqual(
      all.map(({ id, state, reason, fencingToken, lease, notBefore, failures }) => [
        id,
        { state, reason, fencingToken, holder: lease?.holder ?? null, notBefore, failures, since },
      ]),
    );
    expect(told.get('acme/tools#3')?.holder).toEqual(expect.any(String));
    expect(histories.flat().filter(({ by, to }) => by !== null && to !== 'running')).toEqual([]);
  });

  it('finds the job of a pull request that was opened then', async () => {
    const runs = new SqlRunStore(database);
    const { pullRequest } = await runs.progress('acme/tools#1');
    const ref = { owner: 'acme', repo: 'tools', number: pullRequest?.number ?? 0 };

    expect(await runs.jobsOfPullRequest(ref)).toEqual(['acme/tools#1']);
    await runs.note('acme/tools#1', { pullRequest });
    expect(await runs.jobsOfPullRequest(ref)).toEqual(['acme/tools#1']);
  });

  it('keeps session, rounds and verdict of a job, and counts no cut-off run that nobody counted', async () => {
    const runs = new SqlRunStore(database);

    expect(await runs.progress('acme/tools#3')).toMatchObject({
      rejections: 1,
      session: { runtime: 'embedded', id: expect.any(String) },
      verdict: { passed: false, fault: 'change' },
      startsWithoutProgress: 0,
      gatedCommit: null,
    });
    expect(await runs.runs('acme/tools#3')).toMatchObject([{ fencingToken: 1, endedAt: null }]);
  });

  it('takes what a run saves and spends', async () => {
    const jobs = new SqlJobStore(database);
    const runs = new SqlRunStore(database);
    await jobs.reopenAbandoned([], 'It was cut off.');
    await jobs.claim({ holder: 'h', leaseMs: 1_000, limits: { global: 9, perRepository: 9, perProfile: {} } });
    const before = await runs.progress('acme/tools#3');

    await runs.save('acme/tools#3', 2, { startsWithoutProgress: 1, gatedCommit: 'c' });
    await runs.addSpend('acme/tools#3', SPEND);

    expect(await runs.progress('acme/tools#3')).toEqual({
      ...before,
      startsWithoutProgress: 1,
      gatedCommit: 'c',
      spend: {
        ...before.spend,
        inputTokens: before.spend.inputTokens + 10,
        outputTokens: before.spend.outputTokens + 1,
      },
    });
  });

  it('has a ledger and samples of finished work, both empty', async () => {
    const ledger = new SqlSpendLedger(database);
    const calibration = new SqlCalibrationStore(database);

    expect(await ledger.ofIssue('acme/tools#3')).toEqual({ tokens: 0, costMicroUsd: 0, unpricedTokens: 0 });
    expect(await calibration.groups()).toEqual([]);

    const entry = { at: 0, runId: 'r', issueId: 'acme/tools#3', profile: 'haiku', tokens: SPEND, costMicroUsd: 15 };
    await ledger.add([entry]);
    expect(await ledger.ofIssue('acme/tools#3')).toEqual({ tokens: 11, costMicroUsd: 15, unpricedTokens: 0 });
  });

  it('knows the deliveries that were taken, and has none of them taken twice', async () => {
    const { ids } = await database.queries
      .selectFrom('deliveries')
      .select((row) => row.fn.countAll<number>().as('ids'))
      .executeTakeFirstOrThrow();

    expect(ids).toBe(15);
    expect(await new SqlDeliveryLog(database).unsettled(99)).toEqual([]);
  });
});
