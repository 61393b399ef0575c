import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ALL_CHEATS } from './cheats/all-cheats.js';
import { together, type Cheat, type Project } from './cheats/cheat.js';
import { CheatingBench, missingFor, type Outcome } from './cheats/cheating-bench.js';
import { NOT_YET_CAUGHT } from './cheats/not-yet-caught.js';
import { lookForSandbox } from './support/usable-sandbox.js';

jest.setTimeout(180_000);

const probe = await lookForSandbox();
const projects = [...new Set(ALL_CHEATS.map(({ project }) => project))];
const caught = ALL_CHEATS.filter(({ title }) => !NOT_YET_CAUGHT.has(title));

let bench: CheatingBench;
/** Honest work that several cheats have in common is judged once. */
const honest = new Map<string, Promise<Outcome>>();

beforeAll(async () => {
  bench = await CheatingBench.start(probe);
});

afterAll(() => bench[Symbol.asyncDispose]());

function workHonestly({ project, honest: deed = project.honest }: Cheat): Promise<Outcome> {
  const key = JSON.stringify([project.name, deed]);
  const outcome = honest.get(key) ?? bench.work(project, deed);
  honest.set(key, outcome);
  return outcome;
}

function missing({ project, needsSandbox }: Cheat): string | null {
  return needsSandbox === true && !probe.usable ? `no sandbox here: ${probe.reason}` : missingFor(project);
}

/** What the gates say of work that is broken, without a trick. */
async function truthOf(project: Project): Promise<string> {
  const { verdict } = await bench.work(project, project.broken);
  return verdict.summary;
}

describe('An agent that tries to pass unfinished work for done', () => {
  for (const project of projects) {
    const reason = missingFor(project);
    (reason === null ? it : it.skip)(
      `is rejected in ${project.name} without a trick${reason === null ? '' : ` (skipped, ${reason})`}`,
      async () => expect(await truthOf(project)).toBe(project.truth),
    );
  }

  it('is known by everything that it can still do', () => {
    const titles = ALL_CHEATS.map(({ title }) => title);

    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toEqual(expect.arrayContaining([...NOT_YET_CAUGHT.keys()]));
  });

  for (const cheat of caught) {
    const { title, project, trick, end, told, meanwhile } = cheat;
    const reason = missing(cheat);
    const name = `${title}: ${end}${reason === null ? '' : ` (skipped, ${reason})`}`;
    (reason === null ? it : it.skip)(name, async () => {
      const { verdict, published } = await bench.work(project, together(project.broken, trick), meanwhile);
      const honestly = await workHonestly(cheat);

      expect(verdict).toMatchObject({ passed: false });
      expect(verdict.summary).toMatch(told ?? new RegExp(`^${project.truth}`));
      expect(published).toBeNull();
      expect(bench.plantedFiles).toEqual([]);
      expect(honestly.verdict).toMatchObject({ passed: true, fault: null });
      expect(honestly.published).toBe(honestly.verdict.commit);
    });
  }
});
