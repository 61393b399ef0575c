import { describe, expect, it } from '@jest/globals';

import {
  aDelivery,
  anIssue,
  ISSUE,
  PROFILE,
  startOrchestration,
  type Start,
} from '../../../test/support/start-orchestration.js';
import { CalibrationService } from '../../calibration/index.js';
import { EntitlementService, InMemoryPermissions } from '../../entitlement/index.js';
import { issueKey } from '../../kernel/index.js';
import type { Job } from '../../queue/index.js';
import { readDetails, type IssueParsed, type ProfileSettled } from '../index.js';
import { StatusWriter } from '../status/status-writer.js';

const MODEST = { ...PROFILE, name: 'modest', difficultyUpTo: 'easy', isSelfHosted: false } as const;
const ID = issueKey(ISSUE);

/** An issue that was given to the bot together with this comment. Every look at comments is beside somebody who claims. */
async function begin(text: string, given: Start = {}) {
  const permissions = new InMemoryPermissions();
  for (const [at, login] of ['ada', 'ann'].entries()) permissions.grant(ISSUE, { id: at + 1, login }, 'write');
  const app = await startOrchestration({
    profiles: [PROFILE, MODEST],
    ...given,
    options: { entitlement: EntitlementService.alone({ permissions }), ...given.options },
  });
  const claimed: (Job | undefined)[] = [];
  const remarksAfter = app.tracker.remarksAfter.bind(app.tracker);
  app.tracker.remarksAfter = async (ref, mark) => {
    if (claimed.length < 3) claimed.push(await app.queue.claim());
    return remarksAfter(ref, mark);
  };
  app.tracker.put(anIssue());
  app.tracker.say(ISSUE, text, 'ann');
  await app.deliveries.record(aDelivery(anIssue()));
  return {
    ...app,
    claimed,
    wasEver: async (state: string) => (await app.queue.history(ID)).some(({ to }) => to === state),
  };
}

describe('What is ordered together with the assignment', () => {
  it.each([
    ['/mosaic pause', 'needs_attention'],
    ['/mosaic cancel', 'cancelled'],
  ])('is carried out before anybody begins: %s', async (text, state) => {
    const { start, reaches, loop, claimed, wasEver, close } = await begin(text);

    await start();
    await reaches(state);
    await loop.idle();

    expect(claimed).toContain(undefined);
    expect(await wasEver('running')).toBe(false);
    await close();
  });

  it('names the profile of the very first run', async () => {
    const { start, reaches, queue, answers, claimed, events, close } = await begin('/mosaic agent modest');

    await start();
    await reaches('in_review');

    expect(claimed.filter((job) => job !== undefined)).toEqual([]);
    expect(answers()).toEqual(['The agent profile modest does it.']);
    expect(events.filter(({ type }) => type === 'orchestration.run-started')).toEqual([
      expect.objectContaining({ profile: 'modest' }),
    ]);
    expect(readDetails((await queue.require(ISSUE)).details).isUnfinished).toBe(false);
    await close();
  });

  it('is what the issue shows, where the job has to wait', async () => {
    const { start, queue, loop, tracker, next, moduleRef, close } = await begin('/mosaic agent modest');
    queue.claim = async () => undefined;
    // What a sweep would mend is not meant.
    tracker.assignedIssues = () => Promise.reject(new Error('503'));
    const remarksAfter = tracker.remarksAfter.bind(tracker);
    tracker.remarksAfter = async (ref, mark) => {
      await moduleRef.get(StatusWriter).idle(1_000);
      return remarksAfter(ref, mark);
    };
    const settled = next<ProfileSettled>('orchestration.profile-settled');
    await start();
    await settled;
    await loop.idle();
    await moduleRef.get(StatusWriter).idle(1_000);

    const at = tracker.comments(ISSUE).findIndex((_, place) => tracker.markerOf(ISSUE, place) === 'status');
    expect(tracker.comments(ISSUE)[at]).toContain('modest');
    expect(tracker.comments(ISSUE)[at]).not.toContain('settled');
    await close();
  });

  it('makes a job anew that somebody of an older version has claimed meanwhile, and given up', async () => {
    const { start, queue, tracker, reaches, wasEver, close } = await begin('/mosaic priority 4');
    const remarksAfter = tracker.remarksAfter.bind(tracker);
    const { store, limits } = queue['options'];
    tracker.remarksAfter = async (ref, mark) => {
      const job = (await wasEver('running')) ? undefined : await store.claim({ holder: 'older', leaseMs: 1, limits });
      const reason = 'No agent profile is called "".';
      const { fencingToken = 0 } = job ?? {};
      if (job) await store.move({ jobId: ID, from: 'running', to: 'needs_attention', fencingToken, reason });
      return remarksAfter(ref, mark);
    };

    await start();

    expect(await reaches('in_review')).toMatchObject({ priority: 4, profile: PROFILE.name, fencingToken: 2 });
    await close();
  });

  it('is waited for where it cannot be read, and read by the next look', async () => {
    const { start, tracker, look, loop, queue, reaches, next, wasEver, close } = await begin('/mosaic priority 4');
    const read = tracker.remarksAfter.bind(tracker);
    tracker.remarksAfter = () => Promise.reject(new Error('503'));
    const parsed = next<IssueParsed>('orchestration.issue-parsed');
    await start();
    await parsed;
    await loop.idle();

    expect(await queue.require(ISSUE)).toMatchObject({ state: 'available', profile: '' });
    expect(await queue.explain(ID)).toBe('Waits until it is settled which profile does it.');
    expect(await wasEver('running')).toBe(false);

    tracker.remarksAfter = read;
    await look();

    expect(await reaches('in_review')).toMatchObject({ priority: 4, profile: PROFILE.name });
    await close();
  });

  it('needs a person where no profile can take the job any more', async () => {
    const calibration = CalibrationService.alone();
    const { start, tracker, loop, reaches, wasEver, close } = await begin('/mosaic priority 4', {
      options: { calibration },
    });
    // What a sweep would mend is not meant.
    tracker.assignedIssues = () => Promise.reject(new Error('503'));
    const ensureComment = tracker.ensureComment.bind(tracker);
    // Issues like it are known to need more, since it was drafted.
    tracker.ensureComment = (ref, marker, body, only) => {
      if (marker.startsWith('command-')) {
        calibration.correct = async () => ({ tokens: 9_000_000, factor: 450, explanation: 'So it was.' });
      }
      return ensureComment(ref, marker, body, only);
    };
    const stopped = reaches('needs_attention');
    await start();
    await loop.idle();

    expect((await stopped).reason).toContain('holds less than twice');
    expect(await wasEver('running')).toBe(false);
    await close();
  });
});
