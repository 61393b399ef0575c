import { afterEach, describe, expect, it } from '@jest/globals';
import { formatIssueRef, type IssueRef } from '../../src/kernel/index.js';
import type { IssueLinks } from '../../src/orchestration/ports/issue-links.port.js';
import type { Soon } from './soon.js';

/** Links, and what people see of them on the other side. */
export interface LinksWorld {
  readonly links: IssueLinks;
  openIssue(title: string): Soon<IssueRef>;
  /** An issue of another repository. */
  openIssueElsewhere(title: string): Soon<IssueRef>;
  /** What blocks it, as people see it. */
  blockersOf(ref: IssueRef): Promise<readonly IssueRef[]>;
  end(): Promise<void>;
}

/** What every IssueLinks must do. Call it once for each implementation. */
export function describeIssueLinks(name: string, make: () => Promise<LinksWorld>): void {
  describe(`${name}, as IssueLinks`, () => {
    const worlds: LinksWorld[] = [];

    async function start(): Promise<LinksWorld> {
      const world = await make();
      worlds.push(world);
      return world;
    }

    afterEach(async () => {
      for (const world of worlds.splice(0)) await world.end();
    });

    it('writes a link, and once only', async () => {
      const world = await start();
      const [blocker, blocked] = [await world.openIssue('1'), await world.openIssue('2')];

      const outcomes = [
        await world.links.ensureLink({ blocker, blocked }),
        await world.links.ensureLink({ blocker, blocked }),
      ];

      expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'done' }]);
      expect(await named(world, blocked)).toEqual([formatIssueRef(blocker)]);
    });

    it('takes a link away, and finds nothing to do about one that is not there', async () => {
      const world = await start();
      const [blocker, other, blocked] = [
        await world.openIssue('1'),
        await world.openIssue('2'),
        await world.openIssue('3'),
      ];
      await world.links.ensureLink({ blocker, blocked });
      await world.links.ensureLink({ blocker: other, blocked });

      const outcomes = [
        await world.links.ensureNoLink({ blocker, blocked }),
        await world.links.ensureNoLink({ blocker, blocked }),
      ];

      expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'done' }]);
      expect(await named(world, blocked)).toEqual([formatIssueRef(other)]);
    });

    it('takes names in another case for the same', async () => {
      const world = await start();
      const [blocker, blocked] = [await world.openIssue('1'), await world.openIssue('2')];
      const shouted = { ...blocker, owner: blocker.owner.toUpperCase(), repo: blocker.repo.toUpperCase() };

      await world.links.ensureLink({ blocker: shouted, blocked });
      await world.links.ensureLink({ blocker, blocked });

      expect((await world.blockersOf(blocked)).map(({ number }) => number)).toEqual([blocker.number]);
    });

    it('refuses a circle of two, and makes a longer one', async () => {
      const world = await start();
      const [first, second, third] = [
        await world.openIssue('1'),
        await world.openIssue('2'),
        await world.openIssue('3'),
      ];
      await world.links.ensureLink({ blocker: first, blocked: second });
      await world.links.ensureLink({ blocker: second, blocked: third });

      expect(await world.links.ensureLink({ blocker: second, blocked: first })).toMatchObject({ kind: 'refused' });
      expect(await world.links.ensureLink({ blocker: third, blocked: first })).toEqual({ kind: 'done' });
    });

    it('refuses an issue that does not exist', async () => {
      const world = await start();
      const blocked = await world.openIssue('1');
      const nowhere = { ...blocked, number: 4711 };

      expect(await world.links.ensureLink({ blocker: nowhere, blocked })).toMatchObject({ kind: 'refused' });
      expect(await world.blockersOf(blocked)).toEqual([]);
    });

    it('links issues of two repositories', async () => {
      const world = await start();
      const [blocker, blocked] = [await world.openIssueElsewhere('1'), await world.openIssue('2')];

      await world.links.ensureLink({ blocker, blocked });

      expect(await named(world, blocked)).toEqual([formatIssueRef(blocker)]);
    });
  });
}

async function named(world: LinksWorld, ref: IssueRef): Promise<readonly string[]> {
  return (await world.blockersOf(ref)).map(formatIssueRef);
}
