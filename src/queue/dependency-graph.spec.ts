import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { issueKey, parseIssueRef } from '../kernel/index.js';
import {
  crossRepositoryBlockers,
  jobsFreedBy,
  missingBlockers,
  readyJobs,
  type DependentJob,
} from './dependency-graph.js';
import { findCycles } from './find-cycles.js';

/** `acme/web#1` that waits for some. A finished blocker is written `acme/web#2 finished`. */
function job(ref: string, ...blockedBy: string[]): DependentJob {
  const blockers = blockedBy.map((text) => {
    const [blocker = '', word] = text.split(' ');
    return { issue: parseIssueRef(blocker), isFinished: word === 'finished' };
  });
  return { id: ref.toLowerCase(), issue: parseIssueRef(ref), blockers };
}

function ids(jobs: readonly DependentJob[]): string[] {
  return jobs.map(({ id }) => id);
}

/** Up to 200 jobs in three repositories, each blocked by up to four issues, of which one in five has no job. */
const graphs = fc.integer({ min: 1, max: 200 }).chain((size) => {
  const blocker = fc.record({ number: fc.integer({ min: 1, max: Math.ceil(size * 1.25) }), isFinished: fc.boolean() });
  const perJob = fc.array(blocker, { maxLength: 4 });
  return fc.array(perJob, { minLength: size, maxLength: size }).map((all): readonly DependentJob[] =>
    all.map((blockers, at) => ({
      id: issueKey(refOf(at + 1)),
      issue: refOf(at + 1),
      blockers: blockers.map(({ number, isFinished }) => ({ issue: refOf(number), isFinished })),
    })),
  );
});

function refOf(number: number) {
  return { owner: 'acme', repo: ['web', 'api', 'lib'][number % 3] ?? 'web', number };
}

/** What a job needs, read in the plainest way: its unfinished blockers. */
function needs(one: DependentJob): string[] {
  return one.blockers.flatMap(({ issue, isFinished }) => (isFinished ? [] : [issueKey(issue)]));
}

/** Finishes ready jobs, and lets persons finish what has no job, round by round until nothing is left to do. */
function finishAll(jobs: readonly DependentJob[]): Set<string> {
  const known = new Set(ids(jobs));
  const finished = new Set(jobs.flatMap(needs).filter((id) => !known.has(id)));
  for (let before = -1; before !== finished.size;) {
    before = finished.size;
    for (const one of [...readyJobs(jobs), ...jobsFreedBy(jobs, finished)]) finished.add(one.id);
  }
  return new Set(ids(jobs).filter((id) => finished.has(id)));
}

/** All that a job waits for, however far away. */
function reach(jobs: readonly DependentJob[], from: string): Set<string> {
  const needsOf = new Map(jobs.map((one) => [one.id, needs(one)]));
  const seen = new Set<string>();
  const open = [...(needsOf.get(from) ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    open.push(...(needsOf.get(id) ?? []));
  }
  return seen;
}

describe('dependency graph', () => {
  it('takes a job for ready when every blocker is finished', () => {
    const jobs = [
      job('a/a#1'),
      job('a/a#2', 'a/a#9 finished'),
      job('a/a#3', 'a/a#9 finished', 'a/a#1'),
      job('a/a#4', 'a/a#4'),
    ];

    expect(ids(readyJobs(jobs))).toEqual(['a/a#1', 'a/a#2']);
  });

  it('says which jobs a change frees: those it leaves without an unfinished blocker', () => {
    const jobs = [
      job('a/a#1'),
      job('a/a#2', 'a/a#1'),
      job('a/a#3', 'a/a#1', 'A/a#2'),
      job('a/a#4', 'a/a#1', 'a/a#9 finished'),
      job('a/a#5', 'a/a#5'),
    ];

    expect(ids(jobsFreedBy(jobs, ['a/a#1']))).toEqual(['a/a#2', 'a/a#4']);
    expect(ids(jobsFreedBy(jobs, ['a/a#1', 'a/a#2']))).toEqual(['a/a#3', 'a/a#4']);
    expect(ids(jobsFreedBy(jobs, ['a/a#5']))).toEqual([]);
    expect(ids(jobsFreedBy(jobs, []))).toEqual([]);
  });

  it('names unfinished blockers that have no job', () => {
    const jobs = [job('a/a#1', 'A/A#2', 'a/a#7', 'a/a#8 finished'), job('a/a#2', 'b/b#1')];

    const missing = missingBlockers(jobs).map(({ job: { id }, blocker }) => [id, issueKey(blocker)]);

    expect(missing).toEqual([
      ['a/a#1', 'a/a#7'],
      ['a/a#2', 'b/b#1'],
    ]);
  });

  it('names unfinished blockers in other repositories, with a job or without', () => {
    const jobs = [job('a/a#1', 'A/a#2', 'b/b#1', 'b/b#3 finished'), job('b/b#1', 'b/c#1')];

    const across = crossRepositoryBlockers(jobs).map(({ job: { id }, blocker }) => [id, issueKey(blocker)]);

    expect(across).toEqual([
      ['a/a#1', 'b/b#1'],
      ['b/b#1', 'b/c#1'],
    ]);
  });

  it('never takes a job for ready, or for freed, with an unfinished blocker', () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.integer({ min: 1, max: 250 })), (jobs, numbers) => {
        const finished = new Set(numbers.map((number) => issueKey(refOf(number))));
        const blocked = jobs.filter((one) => needs(one).length > 0);

        expect(ids(readyJobs(jobs))).toEqual(ids(jobs.filter((one) => needs(one).length === 0)));
        expect(ids(jobsFreedBy(jobs, finished))).toEqual(
          ids(blocked.filter((one) => needs(one).every((id) => finished.has(id)) && !finished.has(one.id))),
        );
      }),
    );
  });

  it('lets a cycle hang nobody but its members and what they block', () => {
    fc.assert(
      fc.property(graphs, (jobs) => {
        const members = new Set(findCycles(jobs).flatMap((cycle) => cycle.members));

        const free = finishAll(jobs);

        const hung = jobs.filter(({ id }) => members.has(id) || [...reach(jobs, id)].some((far) => members.has(far)));
        expect(new Set(ids(jobs).filter((id) => !free.has(id)))).toEqual(new Set(ids(hung)));
      }),
    );
  });
});

describe('findCycles', () => {
  it('finds none where there is none', () => {
    expect(findCycles([job('a/a#1', 'a/a#2'), job('a/a#2', 'b/b#9'), job('a/a#3', 'a/a#1', 'a/a#2')])).toEqual([]);
    expect(findCycles([])).toEqual([]);
  });

  it('names the members of a cycle, and the way round', () => {
    const jobs = [job('a/a#3', 'a/a#1'), job('a/a#1', 'b/b#2'), job('b/b#2', 'a/a#3'), job('a/a#4', 'a/a#3')];

    expect(findCycles(jobs)).toEqual([{ members: ['a/a#1', 'a/a#3', 'b/b#2'], path: ['a/a#1', 'b/b#2', 'a/a#3'] }]);
  });

  it('takes a job that blocks itself for a cycle of one', () => {
    expect(findCycles([job('a/a#1', 'A/A#1'), job('a/a#2', 'a/a#1')])).toEqual([
      { members: ['a/a#1'], path: ['a/a#1'] },
    ]);
  });

  it('takes cycles that share a job for one, and shows a shortest way round', () => {
    const jobs = [job('a/a#1', 'a/a#2'), job('a/a#2', 'a/a#3', 'a/a#1'), job('a/a#3', 'a/a#1')];

    expect(findCycles(jobs)).toEqual([{ members: ['a/a#1', 'a/a#2', 'a/a#3'], path: ['a/a#1', 'a/a#2'] }]);
  });

  it('keeps separate cycles apart, in order', () => {
    const jobs = [job('b/b#1', 'b/b#2'), job('b/b#2', 'b/b#1', 'a/a#1'), job('a/a#1', 'a/a#2'), job('a/a#2', 'a/a#1')];

    expect(findCycles(jobs).map(({ members }) => members)).toEqual([
      ['a/a#1', 'a/a#2'],
      ['b/b#1', 'b/b#2'],
    ]);
  });

  it('sees no cycle where one of its links is finished', () => {
    expect(findCycles([job('a/a#1', 'a/a#2'), job('a/a#2', 'a/a#1 finished')])).toEqual([]);
  });

  it('follows a chain of 100,000 jobs, and the cycle that closes it', () => {
    const size = 100_000;
    const chain = Array.from({ length: size }, (_, at) => job(`a/a#${at + 1}`, `a/a#${at + 2}`));

    expect(findCycles(chain)).toEqual([]);
    const [cycle] = findCycles([...chain.slice(0, -1), job(`a/a#${size}`, 'a/a#1')]);
    expect([cycle?.members.length, cycle?.path.length]).toEqual([size, size]);
  });

  it('agrees with the plain definition: whoever waits for itself, near or far, is a member', () => {
    fc.assert(
      fc.property(graphs, (jobs) => {
        const cycles = findCycles(jobs);

        const members = cycles.flatMap((cycle) => cycle.members);
        expect([...members].sort()).toEqual(ids(jobs.filter(({ id }) => reach(jobs, id).has(id))).sort());
        expect(new Set(members).size).toBe(members.length);
      }),
    );
  });

  it('shows a way round whose every step is a blocker, and joins all members', () => {
    fc.assert(
      fc.property(graphs, (jobs) => {
        const needsOf = new Map(jobs.map((one) => [one.id, needs(one)]));
        for (const { members, path } of findCycles(jobs)) {
          expect(path[0]).toBe(members[0]);
          expect(members).toEqual(expect.arrayContaining([...path]));
          for (const [at, id] of path.entries()) {
            expect(needsOf.get(id)).toContain(path[(at + 1) % path.length]);
          }
          for (const id of members) expect([...reach(jobs, id)]).toEqual(expect.arrayContaining([...members]));
        }
        expect(jobs.length).toBeGreaterThan(0);
      }),
    );
  });
});
