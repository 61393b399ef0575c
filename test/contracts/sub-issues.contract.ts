import { afterEach, describe, expect, it } from '@jest/globals';
import type { IssueRef } from '../../src/kernel/index.js';
import type { SubIssues } from '../../src/orchestration/ports/sub-issues.port.js';
import type { Soon } from './soon.js';

/** Where issues are opened, and what people see of them. */
export interface SubIssuesWorld {
  readonly subIssues: SubIssues;
  openIssue(title: string): Soon<IssueRef>;
  see(ref: IssueRef): Soon<{ readonly title: string; readonly body: string; readonly labels: readonly string[] }>;
  end(): Promise<void>;
}

/** What every SubIssues must do. Call it once for each implementation. */
export function describeSubIssues(name: string, make: () => Promise<SubIssuesWorld>): void {
  describe(`${name}, as SubIssues`, () => {
    const worlds: SubIssuesWorld[] = [];

    async function start(): Promise<SubIssuesWorld> {
      const world = await make();
      worlds.push(world);
      return world;
    }

    afterEach(async () => {
      for (const world of worlds.splice(0)) await world.end();
    });

    it('opens one issue for each marker, and leaves one that is there as it is', async () => {
      const world = await start();
      const parent = await world.openIssue('Large');

      const first = await world.subIssues.ensureSubIssue(parent, 'part:1:1', { title: 'A', body: 'All of A.' });
      const second = await world.subIssues.ensureSubIssue(parent, 'part:1:2', { title: 'B', body: 'All of B.' });
      const again = await world.subIssues.ensureSubIssue(parent, 'part:1:1', { title: 'C', body: 'Else.' });

      expect(again).toEqual(first);
      expect(second).not.toEqual(first);
      expect(await world.see(first)).toMatchObject({ title: 'A', body: expect.stringContaining('All of A.') });
      expect((await world.see(first)).body.endsWith('<!-- mosaic:part:1:1 -->')).toBe(true);
    });

    it('sets a label and takes it away, once, and leaves the others', async () => {
      const world = await start();
      const ref = await world.openIssue('Large');
      await world.subIssues.ensureLabel(ref, 'epic', true);
      await world.subIssues.ensureLabel(ref, 'size/too-large', true);
      await world.subIssues.ensureLabel(ref, 'epic', true);
      const labelled = [...(await world.see(ref)).labels].sort();

      await world.subIssues.ensureLabel(ref, 'epic', false);
      await world.subIssues.ensureLabel(ref, 'epic', false);

      expect(labelled).toEqual(['epic', 'size/too-large']);
      expect((await world.see(ref)).labels).toEqual(['size/too-large']);
    });
  });
}
