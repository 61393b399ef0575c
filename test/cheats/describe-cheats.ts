import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lookForSandbox } from '../support/usable-sandbox.js';
import { together, type Cheat, type Project } from './cheat.js';
import { CheatingBench, missingFor, type Outcome } from './cheating-bench.js';
import { NOT_YET_CAUGHT } from './not-yet-caught.js';

const probe = await lookForSandbox();

/** Cases for a part of the corpus. In several files, so that workers share it. */
export function describeCheats(about: string, cheats: readonly Cheat[]): void {
  describe(`An agent that tries to pass unfinished work for done, by ${about}`, () => {
    const projects = [...new Set(cheats.map(({ project }) => project))];
    const caught = cheats.filter(({ title }) => !NOT_YET_CAUGHT.has(title));
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

    for (const project of projects) {
      const reason = missingFor(project);
      (reason === null ? it : it.skip)(
        `is rejected in ${project.name} without a trick${reason === null ? '' : ` (skipped, ${reason})`}`,
        async () => expect(await truthOf(project)).toBe(project.truth),
      );
    }

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
}
