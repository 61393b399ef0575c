import { describe, expect, it } from '@jest/globals';

import type { IssueRef } from '../../kernel/index.js';
import { leavingLinks, planLinks, type OwnLink } from './plan-links.js';

const HOME: IssueRef = { owner: 'acme', repo: 'tools', number: 7 };
const ONE: IssueRef = { ...HOME, number: 1 };
const TWO: IssueRef = { ...HOME, number: 2 };
const FAR: IssueRef = { owner: 'acme', repo: 'toys', number: 3 };
const NOTHING = { blockedBy: [], blocks: [] };
const UNLINKED = { ref: HOME, blockedBy: [], blocks: [] };

function own(blocker: IssueRef, isWritten = true): OwnLink {
  return { blocker, blocked: HOME, isWritten };
}

describe('planLinks', () => {
  it('adds what the text names, both ways, and plans to remember it before it is written', () => {
    const plan = planLinks(UNLINKED, { blockedBy: [ONE], blocks: [TWO] }, [], false);

    const links = [
      { blocker: ONE, blocked: HOME },
      { blocker: HOME, blocked: TWO },
    ];
    expect(plan).toEqual({
      toAdd: links,
      toRemove: [],
      own: links.map((link) => ({ ...link, isWritten: false })),
    });
  });

  it('does nothing about links that are there, and calls none of them its own', () => {
    const issue = { ref: HOME, blockedBy: [{ issue: ONE, isFinished: false }], blocks: [TWO] };

    expect(planLinks(issue, { blockedBy: [ONE], blocks: [TWO] }, [], false)).toEqual({
      toAdd: [],
      toRemove: [],
      own: [],
    });
  });

  it('removes what the text no longer names, of its own alone', () => {
    const blockedBy = [ONE, TWO].map((issue) => ({ issue, isFinished: false }));

    const plan = planLinks({ ...UNLINKED, blockedBy }, NOTHING, [own(ONE)], false);

    // Remembered until it is gone: what cannot be removed now is tried again.
    expect(plan).toEqual({ toAdd: [], toRemove: [{ blocker: ONE, blocked: HOME }], own: [own(ONE)] });
  });

  it('forgets a link that neither the text nor the tracker has', () => {
    expect(planLinks(UNLINKED, NOTHING, [own(ONE)], false)).toEqual({ toAdd: [], toRemove: [], own: [] });
  });

  it('does not write again what a person took away, but does what never was written', () => {
    const named = { blockedBy: [ONE, TWO], blocks: [] };

    const plan = planLinks(UNLINKED, named, [own(ONE), own(TWO, false)], false);

    expect(plan).toEqual({ toAdd: [{ blocker: TWO, blocked: HOME }], toRemove: [], own: [own(ONE), own(TWO, false)] });
  });

  it('knows a link that was being written for its own once it is seen', () => {
    const issue = { ...UNLINKED, blockedBy: [{ issue: ONE, isFinished: false }] };

    expect(planLinks(issue, { blockedBy: [ONE], blocks: [] }, [own(ONE, false)], false).own).toEqual([own(ONE)]);
  });

  it('links other repositories only where that is allowed', () => {
    const named = { blockedBy: [FAR], blocks: [] };

    expect(planLinks(UNLINKED, named, [], false).toAdd).toEqual([]);
    expect(planLinks(UNLINKED, named, [], true).toAdd).toEqual([{ blocker: FAR, blocked: HOME }]);
  });

  it('makes no issue wait for itself, and takes names in another case for the same', () => {
    const shouted = { ...ONE, owner: 'ACME' };
    const issue = { ...UNLINKED, blockedBy: [{ issue: shouted, isFinished: false }] };

    expect(planLinks(issue, { blockedBy: [HOME, ONE], blocks: [HOME] }, [], false).toAdd).toEqual([]);
  });
});

describe('leavingLinks', () => {
  it('names the links of its own that the text no longer names', () => {
    expect(leavingLinks(HOME, { blockedBy: [TWO], blocks: [] }, [own(ONE), own(TWO)])).toEqual([own(ONE)]);
  });
});
