import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HistoryMark, Start, StartSource } from '../../src/entitlement/index.js';
import type { IssueRef } from '../../src/kernel/index.js';
import type { Soon } from './soon.js';

/** A source, and how to make of the world what it is asked about. */
export interface StartWorld {
  readonly source: StartSource;
  /** The logins of two people who may write. @default 'ann' and 'eve' */
  readonly people?: readonly [string, string];
  /** An open issue on which nobody has done anything. */
  openIssue(): Soon<IssueRef>;
  /** Assigns the bot. */
  assign(ref: IssueRef, by: string): Soon<void>;
  /** Opens the issue again, which was closed meanwhile. */
  reopen(ref: IssueRef, by: string): Soon<void>;
  /** Does what does not make it work: takes the bot off, assigns somebody else, comments, labels. */
  disturb(ref: IssueRef, by: string): Soon<void>;
  end(): Promise<void>;
}

const NOTHING_READ: HistoryMark = { id: 0, at: null };

/** What every StartSource must do. Call it once for each implementation. */
export function describeStartSource(name: string, make: () => Promise<StartWorld>): void {
  describe(`${name}, as a StartSource`, () => {
    let world: StartWorld;
    let ref: IssueRef;
    let ann: string;
    let eve: string;

    beforeEach(async () => {
      world = await make();
      [ann, eve] = world.people ?? ['ann', 'eve'];
      ref = await world.openIssue();
    });

    afterEach(() => world.end());

    const newest = async (mark: HistoryMark = NOTHING_READ): Promise<Start | null> => {
      const reading = await world.source.startsAfter(ref, mark);
      return reading?.start ?? null;
    };

    const start = async (): Promise<Start> => {
      const found = await newest();
      expect(found).not.toBeNull();
      return found as Start;
    };

    it('can tell, and knows of no start where there was none', async () => {
      expect(world.source.canTell).toBe(true);
      expect(await newest()).toBeNull();
    });

    it('knows who assigned the bot', async () => {
      await world.assign(ref, ann);

      expect(await start()).toMatchObject({ person: { login: ann, id: expect.any(Number) } });
    });

    it('knows who opened the issue again', async () => {
      await world.assign(ref, ann);
      await world.reopen(ref, eve);

      expect(await start()).toMatchObject({ person: { login: eve } });
    });

    it('goes by the newest, whose event has the higher number', async () => {
      await world.assign(ref, ann);
      const first = await start();
      await world.disturb(ref, eve);
      await world.assign(ref, eve);
      const second = await start();

      expect(second).toMatchObject({ person: { login: eve } });
      expect(second.eventId).toBeGreaterThan(first.eventId);
    });

    it('does not take for a start what is none', async () => {
      await world.assign(ref, ann);
      const before = await start();
      await world.disturb(ref, eve);

      expect(await start()).toEqual(before);
    });

    it('finds what is newer than the mark, and says how far it has read', async () => {
      await world.assign(ref, ann);
      const first = await world.source.startsAfter(ref, NOTHING_READ);
      const mark = first?.readTo ?? NOTHING_READ;
      const nothing = await world.source.startsAfter(ref, mark);
      await world.reopen(ref, eve);
      const second = await world.source.startsAfter(ref, nothing?.readTo ?? NOTHING_READ);

      expect(first).toMatchObject({ start: { person: { login: ann }, at: expect.any(Number) } });
      expect(mark).toEqual({ id: first?.start?.eventId, at: first?.start?.at });
      expect(nothing).toEqual({ start: null, readTo: mark });
      expect(second?.start).toMatchObject({ person: { login: eve } });
    });

    it('keeps issues apart', async () => {
      await world.assign(await world.openIssue(), ann);

      expect(await newest()).toBeNull();
    });
  });
}
