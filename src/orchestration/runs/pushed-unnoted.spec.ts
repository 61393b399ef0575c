import { describe, expect, it } from '@jest/globals';

import type { Verdict } from '../../quality-gates/index.js';
import { unstartedProgress } from '../doubles/unstarted-progress.js';
import type { RejectedRound } from '../ports/run-store.port.js';
import type { Workspace } from '../ports/workspaces.port.js';
import { pushedUnnoted } from './pushed-unnoted.js';

const OWN = 'a'.repeat(40);
const FOREIGN = 'b'.repeat(40);
const DRAFT = { branch: 'coordinator/wip/7-work', commit: OWN };
const PASSED = { passed: true } as Verdict;

function found(branch: string | null, draft: Required<Workspace>['found']['draft'] = null): Workspace {
  return { found: { branch, draft } } as Workspace;
}

describe('what was pushed and not noted', () => {
  const progress = unstartedProgress('acme/tools#7');

  it('is the branch where it is at the commit that passed last', () => {
    const passed = { ...progress, verdict: PASSED, headCommit: OWN };

    expect(pushedUnnoted(passed, found(OWN))).toEqual({ publishedCommit: OWN });
    expect(pushedUnnoted(passed, found(FOREIGN))).toEqual({});
    expect(pushedUnnoted(passed, found(null))).toEqual({});
    expect(pushedUnnoted({ ...passed, verdict: { passed: false } as Verdict }, found(OWN))).toEqual({});
  });

  it('is the draft where it is at a commit of one of its rounds', () => {
    const round = { commit: OWN } as RejectedRound;

    expect(pushedUnnoted({ ...progress, rounds: [round] }, found(null, DRAFT))).toEqual({ draft: DRAFT });
    expect(pushedUnnoted({ ...progress, gatedCommit: OWN }, found(null, DRAFT))).toEqual({ draft: DRAFT });
    expect(pushedUnnoted({ ...progress, gatedCommit: FOREIGN }, found(null, DRAFT))).toEqual({});
  });

  it('is nothing where the workspace was there', () => {
    expect(pushedUnnoted({ ...progress, verdict: PASSED, headCommit: OWN }, {} as Workspace)).toEqual({});
  });
});
