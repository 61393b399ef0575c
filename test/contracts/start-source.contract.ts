import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Start, StartSource } from '../../src/entitlement/index.js';
import type { IssueRef } from '../../src/kernel/index.js';

/** A source, and how to make of the world what it is asked about. */
export interface StartWorld {
  readonly source: StartSource;
  /** An open issue on which nobody has done anything. */
  openIssue(): IssueRef;
  /** Assigns the bot. */
  assign(ref: IssueRef, by: string): void;
  /** Opens the issue again, which was closed meanwhile. */
  reopen(ref: IssueRef, by: string): void;
  /** Does what does not make it work: takes the bot off, assigns somebody else, comments, labels. */
  disturb(ref: IssueRef, by: string): void;
  end(): Promise<void>;
}

/** What every StartSource must do. Call it once for each implementation. */
export function describeStartSource(name: string, make: () => Promise<StartWorld>): void {
  describe(`${name}, as a StartSource`, () => {
    let world: StartWorld;
    let ref: IssueRef;

    beforeEach(async () => {
      world = await make();
      ref = world.openIssue();
    });

    afterEach(() => world.end());

    const start = async (): Promise<Start> => {
      const found = await world.source.startOf(ref);
      expect(found).not.toBeNull();
      return found as Start;
    };

    it('knows of no start where there was none', async () => {
      expect(await world.source.startOf(ref)).toBeNull();
    });

    it('knows who assigned the bot', async () => {
      world.assign(ref, 'ann');

      expect(await start()).toMatchObject({ person: { login: 'ann', id: expect.any(Number) } });
    });

    it('knows who opened the issue again', async () => {
      world.assign(ref, 'ann');
      world.reopen(ref, 'eve');

      expect(await start()).toMatchObject({ person: { login: 'eve' } });
    });

    it('goes by the newest, whose event has the higher number', async () => {
      world.assign(ref, 'ann');
      const first = await start();
      world.disturb(ref, 'eve');
      world.assign(ref, 'eve');
      const second = await start();

      expect(second).toMatchObject({ person: { login: 'eve' } });
      expect(second.eventId).toBeGreaterThan(first.eventId);
    });

    it('does not take for a start what is none', async () => {
      world.assign(ref, 'ann');
      const before = await start();
      world.disturb(ref, 'eve');

      expect(await start()).toEqual(before);
    });

    it('keeps issues apart', async () => {
      world.assign(world.openIssue(), 'ann');

      expect(await world.source.startOf(ref)).toBeNull();
    });
  });
}
