import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const REPOSITORIES = 50;
const PROFILES = ['opus', 'sonnet', 'haiku', 'glm', 'minimax'];

/** Numbers from 0 to 1 that repeat. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const TEXT = {
  body: 'x'.repeat(300),
  metadata: {
    estimatedTokens: 20_000,
    difficulty: 'easy',
    recommendedAgent: null,
    blocks: [],
    blockedBy: [],
    acceptanceCriteria: ['it is right'],
    confidence: 1,
    questions: [],
    sources: { estimatedTokens: 'text', difficulty: 'text', acceptanceCriteria: 'text' },
  },
};

/** A random graph: one job in two is blocked by up to three others of lower number, some of them finished. */
function* jobs(size, now, details) {
  const random = seeded(size);
  const pick = (count) => Math.floor(random() * count);
  const refOf = (number) => ({ owner: 'acme', repo: `repo-${(number * 7) % REPOSITORIES}`, number });
  for (let number = 1; number <= size; number += 1) {
    const issue = refOf(number);
    const isBlocked = number > 10 && random() < 0.5;
    const blockers = new Map();
    for (let count = isBlocked ? 1 + pick(3) : 0; count > 0; count -= 1) {
      const blocker = 1 + pick(number - 1);
      blockers.set(blocker, { issue: refOf(blocker), isFinished: random() < 0.3 });
    }
    const unfinished = [...blockers.values()].some(({ isFinished }) => !isFinished);
    yield {
      id: `acme/${issue.repo}#${number}`,
      issue,
      title: `Issue ${number} of a benchmark`,
      profile: PROFILES[pick(PROFILES.length)],
      priority: pick(4),
      blockers: [...blockers.values()],
      details,
      state: unfinished ? 'pending' : 'available',
      reason: 'Assigned',
      fencingToken: 0,
      lease: null,
      notBefore: null,
      failures: 0,
      createdAt: now,
      updatedAt: now,
    };
  }
}

/** Writes the rows that putting each of so many jobs would leave, in one transaction. */
export async function storeJobs(database, size, dist) {
  // Not what the package exports, but the only other way to 100,000 jobs is to put each of them.
  const { toBlockerRow, toJobRow } = await load(dist, 'persistence/job-row.js');
  const { newDetails } = await load(dist, 'orchestration/job-details.js');
  await database.queries.transaction().execute(async (transaction) => {
    const insert = async (table, rows) => {
      while (rows.length > 0) await transaction.insertInto(table).values(rows.splice(0, 500)).execute();
    };
    const all = [...jobs(size, database.clock.now(), newDetails(TEXT))];
    await insert('jobs', all.map(toJobRow));
    await insert(
      'job_blockers',
      all.flatMap((job) => job.blockers.map((blocker) => toBlockerRow(job.id, blocker))),
    );
  });
}

function load(dist, file) {
  return import(pathToFileURL(join(dist, file)).href);
}
