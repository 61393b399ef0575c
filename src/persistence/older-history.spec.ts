import { describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { describePostgres, type PostgresServer } from '../../test/support/postgres.js';
import { withTestDatabase } from '../../test/support/test-database.js';
import { parseIssueRef } from '../kernel/index.js';
import { replay } from '../queue/index.js';
import { history } from './migrations/0012-history.js';
import { SqlJobStore } from './sql-job-store.js';

const JOB = 'acme/app#1';
const CLAIM = { holder: 'host:1', leaseMs: 1_000, limits: { global: 9, perRepository: 9, perProfile: {} } };

function describeOlderHistory(engine: string, server: () => PostgresServer | undefined): void {
  describe(`The history of an older version on ${engine}`, () => {
    it('is told by the step to schema 12 what its last rows could not say', () =>
      withTestDatabase(async ({ database }) => {
        const store = new SqlJobStore(database);
        /** Leaves of the history what an older version wrote, and takes the last statement of the step. */
        const replayed = async () => {
          await sql`update job_events set changed_by = null, failures = 0, not_before = null`.execute(database.queries);
          await sql.raw(fill).execute(database.queries);
          return replay(await store.history(JOB)).get(JOB);
        };
        const draft = { title: '', profile: 'opus', priority: 0, details: {}, blockers: [] };
        await store.put({ issue: parseIssueRef(JOB), ...draft }, 'Assigned.');
        await store.claim(CLAIM);

        expect(await replayed()).toMatchObject({ state: 'running', holder: 'host:1', notBefore: null, failures: 0 });
        const failure = { from: 'running', to: 'retryable', reason: 'Failed.', waitMs: 77, failures: 3 } as const;
        await store.move({ jobId: JOB, ...failure });
        expect(await replayed()).toMatchObject({
          state: 'retryable',
          holder: null,
          notBefore: 1_700_000_000_077,
          failures: 3,
        });
      }, server()));
  });
}

const types = { text: '', whole: '', moment: '' } as Parameters<typeof history.statements>[0];
const fill = history.statements(types).at(-1) ?? '';

describeOlderHistory('SQLite', () => undefined);
describePostgres('With a server', (server) => describeOlderHistory('PostgreSQL', server));
